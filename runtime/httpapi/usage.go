package httpapi

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/tenant"
)

const (
	usageLife      = 30 * time.Second // counting is work for the database
	usagesKept     = 1000
	launchesWithin = 30 * 24 * time.Hour
)

// usage is how much there is of a tenant.
type usage struct {
	Courses       int64       `json:"courses"`
	Versions      int64       `json:"versions" doc:"Of all courses."`
	StoredBytes   int64       `json:"storedBytes" doc:"Of the files of all versions."`
	Registrations int64       `json:"registrations"`
	Attempts      int64       `json:"attempts"`
	Launches30d   int64       `json:"launchesLast30Days" doc:"Launch links made, previews too, opened or not."`
	Webhooks      int64       `json:"webhooks"`
	Keys          int64       `json:"keys" doc:"That are neither revoked nor expired."`
	CountedAt     time.Time   `json:"countedAt" doc:"Figures are counted again after half a minute."`
	Quotas        usageQuotas `json:"quotas" doc:"The most there may be of each."`
}

type usageQuotas struct {
	StoredBytes   int64 `json:"storedBytes" doc:"Of the files of all versions, and of packages under way."`
	Courses       int64 `json:"courses" doc:"With versions or without."`
	Registrations int64 `json:"registrations" doc:"Of all courses."`
	Keys          int64 `json:"keys" doc:"That are neither revoked nor expired."`
	Webhooks      int64 `json:"webhooks" doc:"Active or not."`
	Imports       int64 `json:"imports" doc:"That have not finished."`
}

func (a *api) addUsage(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "get-usage", Method: http.MethodGet, Path: "/usage", Tags: []string{"usage"}, Summary: "How much there is of the tenant",
		Description: "Courses, stored bytes, registrations and so on, and the tenant's quotas.",
	}, rules{scope: tenant.ScopeRead}, func(ctx context.Context, _ *struct{}) (*body[usage], error) {
		return found(a.usage(ctx))
	})
}

func (a *api) usage(ctx context.Context) (usage, error) {
	owner, now := caller(ctx).TenantID, a.Clock()
	if u, ok := a.usages.get(owner, now); ok {
		return u, nil
	}
	u, err := a.DB.Usage(ctx, owner, now, now.Add(-launchesWithin))
	if err != nil {
		return usage{}, err
	}
	own, err := a.DB.Quotas(ctx, owner)
	if err != nil {
		return usage{}, err
	}
	most := maps.Clone(a.Quotas)
	maps.Copy(most, own)
	out := usage{
		Courses: u.Courses, Versions: u.Versions, StoredBytes: u.StoredBytes, Registrations: u.Registrations, Attempts: u.Attempts,
		Launches30d: u.Launches, Webhooks: u.Webhooks, Keys: u.Keys, CountedAt: now.UTC(),
		Quotas: usageQuotas{
			StoredBytes: most[tenant.QuotaStorage], Courses: most[tenant.QuotaCourses], Registrations: most[tenant.QuotaRegistrations],
			Keys: most[tenant.QuotaKeys], Webhooks: most[tenant.QuotaWebhooks], Imports: most[tenant.QuotaImports],
		},
	}
	a.usages.put(owner, out, now)
	return out, nil
}
