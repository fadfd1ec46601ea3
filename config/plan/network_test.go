package plan_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
)

// network is that of a client in us-west-2, which has four zones.
func network(t *testing.T, cidr string, nat int, zones ...string) plan.Network {
	t.Helper()
	text := "name: demo\naccount: \"111111111111\"\nregion: us-west-2\nworkload: engine\nsize: S\nnetwork:\n"
	text += fmt.Sprintf("  cidr: %s\n  zones: [%s]\n", cidr, strings.Join(zones, ", "))
	if nat > 0 && nat < len(zones) {
		text += fmt.Sprintf("  natGateways: %d\nreasons:\n  network.natGateways: a property test has no egress\n", nat)
	}
	f, problems := config.Parse("demo.yaml", []byte(text))
	require.Empty(t, problems)
	p, problems := plan.Resolve(f)
	require.Empty(t, problems)
	return p.Network
}

func letters(s string) []string {
	var zones []string
	for _, letter := range s {
		zones = append(zones, "us-west-2"+string(letter))
	}
	return zones
}

// TestSubnetsHoldStill: in any range and for any set of zones, subnets lie
// inside the VPC, never overlap, and stay where they are when a zone comes.
func TestSubnetsHoldStill(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		bits := 16 + random.IntN(5)
		address := netip.AddrFrom4([4]byte{10, byte(random.IntN(256)), byte(random.IntN(256)), 0})
		vpc := netip.PrefixFrom(address, bits).Masked()
		before := map[string]plan.Zone{}
		order := []byte("abcd")
		random.Shuffle(4, func(i, j int) { order[i], order[j] = order[j], order[i] })
		for count := 2; count <= 4; count++ {
			n := network(t, vpc.String(), 0, letters(string(order[:count]))...)
			require.Len(t, n.Zones, count)
			var all []netip.Prefix
			for _, zone := range n.Zones {
				if was, ok := before[zone.Letter]; ok {
					require.Equal(t, was, zone, "adding a zone moved %s", zone.Name)
				}
				before[zone.Letter] = zone
				for _, cidr := range []string{zone.Public, zone.Private, zone.Isolated} {
					subnet := netip.MustParsePrefix(cidr)
					require.Equal(t, subnet.Masked(), subnet)
					require.True(t, vpc.Contains(subnet.Addr()) && subnet.Bits() > vpc.Bits(), "%s is not in %s", subnet, vpc)
					for _, other := range all {
						require.False(t, subnet.Overlaps(other), "%s overlaps %s", subnet, other)
					}
					all = append(all, subnet)
				}
			}
		}
	}
}

// TestSmallestRange leaves what load balancers and databases ask for in a /20.
func TestSmallestRange(t *testing.T) {
	zone := network(t, "10.99.16.0/20", 0, letters("ab")...).Zones[1]
	require.Equal(t, plan.Zone{
		Name: "us-west-2b", Letter: "b", NAT: true, NATZone: "b",
		Private: "10.99.20.0/23", Public: "10.99.22.0/24", Isolated: "10.99.23.0/25",
	}, zone)
}

func TestNAT(t *testing.T) {
	for _, c := range []struct {
		zones string
		nat   int
		want  string // the gateway's zone of each zone, by letter
	}{
		{"abc", 0, "abc"},
		{"abc", 3, "abc"},
		{"abc", 1, "aaa"},
		{"abcd", 2, "abbb"},
		{"cab", 1, "ccc"},   // the order of the file says whose gateway stays
		{"adbc", 2, "aadd"}, // b is nearer to a, c to d
		{"bdac", 2, "bbbd"}, // c is as near to b as to d: the earlier
	} {
		got := ""
		for _, zone := range network(t, "10.99.0.0/16", c.nat, letters(c.zones)...).Zones {
			got += zone.NATZone
			require.Equal(t, zone.NATZone == zone.Letter, zone.NAT)
		}
		require.Equal(t, c.want, got, "%s with %d", c.zones, c.nat)
	}
}

func TestDefaultCIDR(t *testing.T) {
	// Written down: a changed hash would move, that is replace, the network of every
	// client that states none.
	require.Equal(t, "10.70.0.0/16", plan.DefaultCIDR("demo").String())
	for i := range 1_000 {
		cidr := plan.DefaultCIDR(fmt.Sprint("client-", i))
		require.GreaterOrEqual(t, cidr.Addr().As4()[1], byte(16))
	}
}

func TestFreeCIDR(t *testing.T) {
	var taken []netip.Prefix
	for i := range 240 {
		free, ok := plan.FreeCIDR("demo", taken)
		require.True(t, ok)
		if i == 0 {
			require.Equal(t, plan.DefaultCIDR("demo"), free)
		}
		for _, other := range taken {
			require.False(t, free.Overlaps(other))
		}
		taken = append(taken, free)
	}
	_, ok := plan.FreeCIDR("demo", taken)
	require.False(t, ok, "all ranges are taken")

	free, ok := plan.FreeCIDR("demo", []netip.Prefix{netip.MustParsePrefix("10.64.0.0/10"), netip.MustParsePrefix("10.128.0.0/9")})
	require.True(t, ok)
	require.Equal(t, "10.16.0.0/16", free.String(), "the search goes on from the beginning")
}
