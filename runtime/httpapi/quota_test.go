package httpapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/tenant"
)

// Each quota is refused by name where the thing would be made, for the one tenant alone, and may be raised for it.
func TestQuotasAreKeptWhereThingsAreMade(t *testing.T) {
	s := newService(t, func(e *engine) {
		e.Quotas = tenant.Quotas{tenant.QuotaRegistrations: 2, tenant.QuotaKeys: 2, tenant.QuotaWebhooks: 1, tenant.QuotaImports: 2, tenant.QuotaStorage: 2000, tenant.QuotaCourses: 3}
	})
	for quota, c := range map[tenant.Quota]struct {
		before int // that there is room for, beside what a tenant of the test has
		path   string
		body   func(course string, n int) any
	}{
		tenant.QuotaRegistrations: {2, "/registrations", func(course string, n int) any {
			return object{"courseId": course, "learner": object{"id": string(rune('a' + n)), "name": "N"}}
		}},
		tenant.QuotaKeys:     {1, "/keys", func(string, int) any { return object{"name": "k", "scopes": []string{"read"}} }},
		tenant.QuotaWebhooks: {1, "/webhooks", func(string, int) any { return object{"url": "https://lms.example/hook"} }},
		tenant.QuotaImports:  {2, "/imports", func(course string, _ int) any { return object{"fileName": "x.zip", "size": 10, "courseId": course} }},
		tenant.QuotaStorage:  {1, "/imports", func(course string, _ int) any { return object{"fileName": "x.zip", "size": 1200, "courseId": course} }},
	} {
		t.Run(string(quota), func(t *testing.T) {
			a, b := s.tenant(), s.tenant()
			courses := map[string]string{}
			for _, c := range []caller{a, b} {
				courses[c.tenant] = s.course(c.tenant, oneSCO(content.SCORM12), nil).course
			}
			make := func(who caller, n int) reply {
				return who.send("POST", "/api/v1"+c.path, c.body(courses[who.tenant], n))
			}
			for n := range c.before {
				require.Less(t, make(a, n).status, 300)
			}
			p, _ := make(a, c.before).problem(409)
			require.Contains(t, p.Detail, "the quota "+string(quota)+" of this tenant")
			require.Less(t, make(b, 0).status, 300, "another tenant has its own")
			require.NoError(t, s.db.SetQuotas(t.Context(), a.tenant, tenant.Quotas{quota: 1 << 40}))
			require.Less(t, make(a, c.before).status, 300)
		})
	}
	c := s.tenant()
	require.NoError(t, s.db.SetQuotas(t.Context(), c.tenant, tenant.Quotas{tenant.QuotaCourses: 0}))
	p, _ := c.send("POST", "/api/v1/imports", object{"fileName": "x.zip", "size": 10}).problem(409)
	require.Contains(t, p.Detail, "the quota courses")
}
