package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
)

func TestFind(t *testing.T) {
	clients := plan.Clients{Plans: []plan.Plan{{Client: "demo"}, {Client: "scorm-api"}, {Client: "scorm-engine"}}}
	p, err := clients.Find("scorm-api")
	require.NoError(t, err)
	require.Equal(t, "scorm-api", p.Client)

	for name, want := range map[string]string{
		"dmeo":        `there is no client "dmeo"; did you mean demo?; the clients are demo, scorm-api, scorm-engine`,
		"scorm":       `there is no client "scorm"; did you mean scorm-api?; the clients are demo, scorm-api, scorm-engine`,
		"scorm_engin": `there is no client "scorm_engin"; did you mean scorm-engine?; the clients are demo, scorm-api, scorm-engine`,
		"other":       `there is no client "other"; the clients are demo, scorm-api, scorm-engine`,
	} {
		_, err := clients.Find(name)
		require.EqualError(t, err, want)
	}
	_, err = plan.Clients{}.Find("demo")
	require.ErrorContains(t, err, "lectern client new")
}

// TestTiers pins what a size is: CPU and memory are the scaling guide's, and a
// class that changes replaces or resizes what every client of that size has.
func TestTiers(t *testing.T) {
	sizes := map[string][3]int{"S": {1, 1, 100}, "M": {2, 4, 500}, "L": {4, 8, 2000}, "XL": {8, 16, 5000}, "2XL": {16, 32, 10000}}
	require.Len(t, plan.Tiers(), len(sizes))
	for _, tier := range plan.Tiers() {
		require.Equal(t, sizes[tier.Name], [3]int{tier.VCPU, tier.MemoryGiB, tier.RequestsPerMinute}, tier.Name)
		require.LessOrEqual(t, tier.MinACU, tier.MaxACU)
	}
	_, ok := plan.FindTier("XXL")
	require.False(t, ok)
}
