// Package secrets holds what protects everything else of a client: its KMS key
// and the Secrets Manager secrets that no person and no template ever contains.
//
// Who rotates what:
//   - the database password: RDS itself, every seven days (constructs/database);
//   - the KMS key material: KMS, every year;
//   - a Generated secret: the operator, by adding a version (see Generated);
//   - an Operated secret: the operator, together with the provider of the keys.
package secrets
