package database

import "errors"

// IsLoginRefused says that the server did not accept user or password: the secret was rotated, and what the workload
// has of it in its environment (contract.RefreshFile) is of no use any more either.
func IsLoginRefused(err error) bool {
	return isPostgresError(err, "28P01", "28000") || // invalid_password, invalid_authorization_specification
		isMySQLError(err, 1045, 1698) // ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR
}

// IsReadOnly says that the server takes no writes.
func IsReadOnly(err error) bool {
	return errors.Is(err, ErrReadOnly) || isPostgresError(err, "25006") || // read_only_sql_transaction
		isMySQLError(err, 1290, 1792, 1836) // --read-only, read-only transaction, read-only mode
}

// IsMissing says that a table, or the schema it is in, is not there.
func IsMissing(err error) bool {
	return isPostgresError(err, "42P01", "3F000") || // undefined_table, invalid_schema_name
		isMySQLError(err, 1146) // ER_NO_SUCH_TABLE
}
