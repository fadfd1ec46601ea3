package httpapi

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/tenant"
)

// quotas are what an operation makes one more of, by its id. An import knows by itself what it needs: see createImport.
var quotas = map[string]tenant.Quota{
	"create-key":          tenant.QuotaKeys,
	"create-webhook":      tenant.QuotaWebhooks,
	"create-registration": tenant.QuotaRegistrations,
	"create-import":       tenant.QuotaImports,
}

// roomLife is how long a tenant that is far below a quota is not asked about again.
const roomLife = time.Minute

// limitQuota is the middleware that refuses to make what a tenant may have no more of. Requests at the same moment may each find room for
// one; quotas are not exact to the last.
func (a *api) limitQuota() func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if q, ok := quotas[ctx.Operation().OperationID]; ok {
			if err := a.withinQuota(ctx.Context(), q, 1); err != nil {
				p := problemOf(ctx.Context(), a.Log, err)
				refuse(ctx, p)
				return
			}
		}
		next(ctx)
	}
}

// withinQuota is fault.Conflict if the caller's tenant may not have so many more of something. It is asked about each time only when
// a minute's requests could reach the quota.
func (a *api) withinQuota(ctx context.Context, q tenant.Quota, more int64) error {
	owner := caller(ctx).TenantID
	known := owner + "/" + string(q)
	if _, ok := a.room.get(known, a.Clock()); ok {
		return nil
	}
	has, own, err := a.DB.QuotaUsed(ctx, owner, q)
	if err != nil {
		return err
	}
	most := a.Quotas[q]
	if own != nil {
		most = *own
	}
	if has+more > most {
		return fault.Because(quotaReached, fault.Conflict, "the quota %s of this tenant is %d, and %d are used; delete what is no longer needed, or ask the operator for more", q, most, has)
	}
	if q != tenant.QuotaStorage && most-has > 2*a.Limits.TenantRequestsPerMinute {
		a.room.put(known, struct{}{}, a.Clock())
	}
	return nil
}
