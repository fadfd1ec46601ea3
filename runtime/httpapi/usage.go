package httpapi

import (
	"context"
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
	Courses       int64        `json:"courses"`
	Versions      int64        `json:"versions" doc:"Of all courses."`
	StoredBytes   int64        `json:"storedBytes" doc:"Of the files of all versions."`
	Registrations int64        `json:"registrations"`
	Attempts      int64        `json:"attempts"`
	Launches30d   int64        `json:"launchesLast30Days" doc:"Launch links made, previews too, opened or not."`
	Webhooks      int64        `json:"webhooks"`
	Keys          int64        `json:"keys" doc:"That are neither revoked nor expired."`
	CountedAt     time.Time    `json:"countedAt" doc:"Figures are counted again after half a minute."`
	Limits        *usageLimits `json:"limits,omitempty" doc:"The most there may be; missing: the tenant has no limits."`
}

// usageLimits has the names of usage; what is missing has no limit.
type usageLimits struct {
	Courses       *int64 `json:"courses,omitempty"`
	StoredBytes   *int64 `json:"storedBytes,omitempty"`
	Registrations *int64 `json:"registrations,omitempty"`
	Webhooks      *int64 `json:"webhooks,omitempty"`
	Keys          *int64 `json:"keys,omitempty"`
}

func (a *api) addUsage(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "get-usage", Method: http.MethodGet, Path: "/usage", Tags: []string{"usage"}, Summary: "How much there is of the tenant",
		Description: "Courses, stored bytes, registrations and so on, and the limits of the tenant where there are any.",
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
	out := usage{
		Courses: u.Courses, Versions: u.Versions, StoredBytes: u.StoredBytes, Registrations: u.Registrations, Attempts: u.Attempts,
		Launches30d: u.Launches, Webhooks: u.Webhooks, Keys: u.Keys, CountedAt: now.UTC(),
	}
	a.usages.put(owner, out, now)
	return out, nil
}
