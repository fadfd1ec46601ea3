package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
)

func TestKeysAreThoseOfTheTypes(t *testing.T) {
	paths, seen := config.Paths(), map[string]bool{}
	for _, key := range config.Keys() {
		require.True(t, slices.Contains(paths, strings.TrimSuffix(key.Path, "[]")), "%s is no key", key.Path)
		require.False(t, seen[key.Path], "%s is there twice", key.Path)
		seen[key.Path] = true
		if key.Pattern != nil {
			require.Regexp(t, key.Pattern, strings.Trim(key.Example, `"`), key.Path)
			require.NotEmpty(t, key.Noun, key.Path)
		}
	}
	for _, path := range config.WeakenablePaths() {
		require.Contains(t, paths, path)
	}
}

func TestRegionsHaveTheirZones(t *testing.T) {
	require.True(t, slices.IsSorted(config.RegionNames()))
	for _, region := range config.Regions() {
		require.GreaterOrEqual(t, len(region.Letters), 3, region.Name)
		if !region.ZonesDiffer {
			require.Len(t, region.DefaultZones(), 3, region.Name)
		}
	}
	tokyo, ok := config.FindRegion("ap-northeast-1")
	require.True(t, ok)
	require.Equal(t, []string{"ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"}, tokyo.DefaultZones())
	_, ok = config.FindRegion("eu-west-9")
	require.False(t, ok)
}

func TestStableMinKeepsThePeakWithoutAZone(t *testing.T) {
	for _, c := range []struct{ peak, zones, want int }{{1, 2, 2}, {2, 3, 3}, {4, 3, 6}, {5, 3, 9}, {6, 4, 8}, {3, 1, 3}} {
		require.Equal(t, c.want, config.StableMin(c.peak, c.zones))
	}
	for peak := range 50 {
		for zones := 2; zones <= 4; zones++ {
			least := config.StableMin(peak, zones)
			require.GreaterOrEqual(t, least-least/zones, peak)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"natGateways", "multiAz", "flowLogs", "cidr"}
	for value, want := range map[string]string{
		"natgateways": "natGateways", "multi_az": "multiAz", "nat-gateways": "natGateways", "flwoLogs": "flowLogs",
		"cird": "cidr", "zones": "", "": "", strings.Repeat("x", 1000): "",
	} {
		require.Equal(t, want, config.Nearest(value, names), value)
	}
}

func TestFirewallCapacity(t *testing.T) {
	require.Equal(t, 1325+2, config.FirewallWCU(config.DefaultManagedGroups(), 0))
	require.Equal(t, 1325+2+24, config.FirewallWCU(config.DefaultManagedGroups(), 5))
	require.Equal(t, 200+2, config.FirewallWCU([]string{"SQLiRuleSet"}, 5), "no body-size rule, so nothing is exempt from it")
}
