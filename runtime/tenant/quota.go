package tenant

// Quota is something that a tenant may have only so much of. Its text is the key in the tenant's quotas.
type Quota string

// Quotas.
const (
	QuotaStorage       Quota = "storageBytes"  // of its courses' files, and of packages under way
	QuotaCourses       Quota = "courses"       //
	QuotaRegistrations Quota = "registrations" //
	QuotaKeys          Quota = "keys"          // that are valid
	QuotaWebhooks      Quota = "webhooks"      //
	QuotaImports       Quota = "imports"       // that have not finished; those that wait for a package count for a day
)

// Quotas are how much of each a tenant may have.
type Quotas map[Quota]int64

// DefaultQuotas are for tenants for which the operator has set no others.
func DefaultQuotas() Quotas {
	return Quotas{
		QuotaStorage: 100 << 30, QuotaCourses: 5000, QuotaRegistrations: 1_000_000, QuotaKeys: 100, QuotaWebhooks: 100, QuotaImports: 100,
	}
}
