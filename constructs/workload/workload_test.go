package workload_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	config "github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/constructs/workload"
	"github.com/lectern/lectern/runtime/contract"
)

// A kind is decoded by one half and declared by the other.
func TestBothHalvesKnowTheSameKinds(t *testing.T) {
	require.Equal(t, config.Names(), slices.Sorted(maps.Keys(workload.Kinds())))
}

// What comes out of default settings is a recipe that an instance takes, and the same one
// each time: its hash decides whether instances are replaced.
func TestRecipesOfDefaultSettings(t *testing.T) {
	for name, settings := range config.Kinds() {
		for _, given := range []workload.Given{
			{},
			{DatabaseEngine: "postgres", CacheEngine: "valkey", FilesPath: "/srv/shared", Bucket: true, PublicHTTPS: true},
			{DatabaseEngine: "mariadb", CacheEngine: "memcached"},
		} {
			recipe, foreign := workload.For(name, settings()).Recipe(given)
			if !foreign {
				require.Equal(t, contract.Recipe{}, recipe, name)
				continue
			}
			first, err := recipe.JSON()
			require.NoError(t, err)
			again, _ := workload.For(name, settings()).Recipe(given)
			second, err := again.JSON()
			require.NoError(t, err)
			require.Equal(t, string(first), string(second), name)
			require.Equal(t, []string{"amzn-2023", "debian-13"}, slices.Sorted(maps.Keys(recipe.Distributions)), name)
		}
	}
}

func TestAnUnknownKindIsRefused(t *testing.T) {
	require.PanicsWithValue(t, "workload: there is no CDK half of wordpress", func() { workload.For("wordpress", nil) })
}
