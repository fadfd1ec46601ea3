package workload

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/runtime/contract"
)

func moodleRecipe(t *testing.T, mutate func(*workload.Moodle)) contract.Recipe {
	t.Helper()
	settings := workload.Kinds()["moodle"]().(*workload.Moodle)
	settings.Admin.Email = "ops@example.com"
	if mutate != nil {
		mutate(settings)
	}
	recipe, ok := newMoodle(settings).Recipe(Given{
		DatabaseEngine: contract.EnginePostgres, CacheEngine: contract.CacheMemcached, FilesPath: workload.MoodleDataPath, PublicHTTPS: true,
	})
	require.True(t, ok)
	require.NoError(t, recipe.Validate())
	return recipe
}

func TestMoodleHasItsPackages(t *testing.T) {
	recipe := moodleRecipe(t, nil)
	for system, packages := range map[string][]string{
		amazonLinux2023: {"nginx", "composer", "php8.4-fpm", "php8.4-pgsql", "php8.4-sodium", "php8.4-pecl-memcached", "php8.4-process"},
		debian13:        {"nginx", "composer", "php8.4-fpm", "php8.4-pgsql", "php8.4-curl", "php8.4-memcached"},
	} {
		require.Subset(t, recipe.Distributions[system].Packages, packages, system)
	}
	require.NotContains(t, recipe.Distributions[debian13].Packages, "php8.4-sodium", "Debian has no such package")
}

func TestMoodleRunsItsCronAndTheClientsJobs(t *testing.T) {
	recipe := moodleRecipe(t, func(m *workload.Moodle) {
		m.Jobs = []workload.Job{{Name: "tidy", Schedule: "0 3 * * *", Command: "php tidy.php {{x}}"}}
	})
	require.Equal(t, []contract.Job{
		{Name: "cron", Schedule: "* * * * *", Run: "php admin/cli/cron.php --keep-alive=0", LimitSeconds: 3600},
		{Name: "tidy", Schedule: "0 3 * * *", Run: `php tidy.php {{"{{"}}x}}`, LimitSeconds: 3600},
	}, recipe.Jobs)
}

func TestMoodleComesFromTheWantedCommit(t *testing.T) {
	require.Equal(t, contract.Code{Repository: "https://github.com/moodle/moodle.git", Ref: "v5.1.3", ReadOnly: true},
		moodleRecipe(t, func(m *workload.Moodle) { m.Version = "5.1.3" }).Code)
	commit := strings.Repeat("a1", 20)
	require.Equal(t, contract.Code{Repository: "https://git.example.com/moodle.git", Ref: "academy", Commit: commit, Secret: "code", ReadOnly: true},
		moodleRecipe(t, func(m *workload.Moodle) {
			m.Repository, m.Ref, m.Commit, m.Access = "https://git.example.com/moodle.git", "academy", commit, workload.AccessToken
		}).Code)
}

// What is in the recipe is in a bucket, on disks and in process lists. Secrets are asked for only where the environment
// is made.
func TestMoodlesSecretsAreInItsEnvironmentOnly(t *testing.T) {
	recipe := moodleRecipe(t, nil)
	var asking []string
	for _, v := range recipe.Environment {
		if strings.Contains(v.Value, "{{secret") {
			asking = append(asking, v.Name)
		}
	}
	require.Subset(t, asking, []string{"DATABASE_PASSWORD", "ADMIN_PASSWORD"})
	rest := recipe
	rest.Environment = nil
	text, err := rest.JSON()
	require.NoError(t, err)
	require.NotContains(t, string(text), "secret \\\"")
	for _, once := range recipe.Once {
		require.NotContains(t, once.Run+once.Check, "ADMIN_", "a command line is everybody's to read")
	}
}

// What answers requests writes to caches and shared files, and to nothing else; the code is not among them.
func TestMoodlesCodeIsNotWritableForRequests(t *testing.T) {
	for _, service := range moodleRecipe(t, nil).Services {
		require.Contains(t, service.Settings, "ProtectSystem=strict", service.Name)
		require.Contains(t, service.Settings, "NoNewPrivileges=yes", service.Name)
		i := slices.IndexFunc(service.Settings, func(s string) bool { return strings.HasPrefix(s, "ReadWritePaths=") })
		require.GreaterOrEqual(t, i, 0)
		require.NotContains(t, service.Settings[i], contract.CodeDir)
	}
}

// Moodle is GPL and its plugins are too; everything else here is not.
func TestTheCacheStoreSaysItsLicence(t *testing.T) {
	for _, text := range []string{moodleStoreLib, moodleStoreVersion, moodleStoreLang, moodleStorePrivacy, moodleStoreLicence} {
		require.Contains(t, text, "GPL-3.0-or-later")
	}
}

func TestEveryPartNamesPackagesForASystem(t *testing.T) {
	joined := joinDistributions(
		map[string]contract.Distribution{"a-1": {Packages: []string{"x", "y"}, Vars: map[string]string{"A": "1"}}, "b-1": {Packages: []string{"x"}}},
		map[string]contract.Distribution{"a-1": {Packages: []string{"y", "z"}, Vars: map[string]string{"B": "2"}}},
	)
	require.Equal(t, map[string]contract.Distribution{"a-1": {Packages: []string{"x", "y", "z"}, Vars: map[string]string{"A": "1", "B": "2"}}}, joined,
		"b-1 is not a system that all parts know")
}
