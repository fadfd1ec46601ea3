package plan

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/workload"
)

// Locks have a Valkey of their own exactly where the cache is none.
func TestLocksHaveAStore(t *testing.T) {
	for _, c := range []struct {
		needed bool
		cache  string
		own    bool
	}{
		{true, "memcached", true},
		{true, "", true},
		{true, "valkey", false},
		{false, "memcached", false},
	} {
		got := locks(workload.Needs{Locks: c.needed}, Cache{Enabled: c.cache != "", Engine: c.cache})
		require.Equal(t, c.own, got.Enabled, "%+v", c)
		if c.own {
			require.Equal(t, Cache{Enabled: true, Engine: "valkey", Version: "8.2", NodeType: "cache.t4g.micro", Replicas: 1, Clusters: []string{}, Port: 6379}, got)
		}
	}
}

// A load balancer waits as long as instances do, unless the file says how long.
func TestDeregistrationDelayCoversDraining(t *testing.T) {
	for _, c := range []struct {
		stated      string
		drain, want int
	}{
		{"", 0, 60},
		{"", 300, 310},
		{"", 7_200, 3_600},
		{"loadBalancer: {deregistrationDelaySeconds: 45}\n", 300, 45},
	} {
		f, problems := config.Parse("demo.yaml", []byte("name: demo\naccount: '111122223333'\nregion: eu-west-1\nworkload: engine\nsize: S\n"+c.stated))
		require.Empty(t, problems)
		r := &resolver{f: f, c: f.Client, needs: workload.Needs{DrainSeconds: c.drain}}
		require.Equal(t, c.want, r.deregistrationDelay(), "%+v", c)
	}
}

// CloudFront's quotas are those of the account, wherever its clients are.
func TestCachePoliciesOfAnAccount(t *testing.T) {
	var clients Clients
	for i := range 21 {
		region := []string{"eu-west-1", "us-west-2", "ap-south-1", "eu-north-1", "ca-central-1"}[i%5]
		clients.Plans = append(clients.Plans, Plan{Client: fmt.Sprintf("c%02d", i), Account: "111122223333", Region: region, Edge: Edge{CachedPaths: []string{"/theme/*"}}})
	}
	require.Empty(t, Clients{clients.Plans[:5]}.Quotas())
	var texts []string
	for _, q := range clients.Quotas() {
		if q.Name == "CloudFront cache policies" {
			texts = append(texts, q.String(), q.Command)
		}
	}
	require.Equal(t, []string{
		"account 111122223333 in us-east-1: 21 CloudFront cache policies are needed and 20 are the default (c00, c01, c02, c03, c04 and 16 more)",
		"aws service-quotas request-service-quota-increase --region us-east-1 --service-code cloudfront --quota-code L-7D134442 --desired-value 21",
	}, texts)
}

// A client without a domain has two distributions, one of them for players.
func TestDistributionsOfAnAccount(t *testing.T) {
	clients := func(n int, e Edge) Clients {
		var c Clients
		for i := range n {
			c.Plans = append(c.Plans, Plan{Client: fmt.Sprintf("c%03d", i), Account: "111122223333", Region: fmt.Sprintf("region-%d", i/5), Edge: e})
		}
		return c
	}
	require.Empty(t, clients(500, Edge{CDN: true}).Quotas())
	require.Empty(t, clients(250, Edge{CDN: true, PlayersDistribution: true}).Quotas())
	require.Equal(t, "account 111122223333 in us-east-1: 502 CloudFront distributions are needed and 500 are the default (c000, c001, c002, c003, c004 and 246 more)",
		clients(251, Edge{CDN: true, PlayersDistribution: true}).Quotas()[0].String())
}
