package workload_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/workload"
)

func TestReferenceClientsAreValid(t *testing.T) {
	files, problems := config.ReadDir("../clients")
	require.Empty(t, problems)
	require.NotEmpty(t, files)
	for _, file := range files {
		settings, needs, problems := workload.For(file)
		require.Empty(t, problems, file.Path)
		require.Equal(t, settings.Needs(), needs)
		require.Equal(t, file.Client.Name == "scorm-api", needs.Workers.Dedicated)
	}
}

const client = "name: demo\naccount: '111122223333'\nregion: eu-west-1\nsize: S\n"

func TestEngineNeeds(t *testing.T) {
	_, plain, problems := workload.For(parse(t, "workload: engine\n"))
	require.Empty(t, problems)
	require.Equal(t, workload.Needs{
		DatabaseEngines: []string{"postgres"}, DatabaseOldest: 17, DatabaseName: "lectern", CacheEngines: []string{"valkey", "none"},
		Queue: true, Bucket: true, Port: 8080, HealthPath: "/api/health", ContentPath: "/content/*",
		Players: true, SigningSecret: true,
		BodySizeExemptPaths: []string{"/api/v1/imports", "/api/v1/commits"},
	}, plain)

	_, dedicated, problems := workload.For(parse(t, "workload: {kind: engine, workers: {dedicated: true, max: 4}}\n"))
	require.Empty(t, problems)
	require.Equal(t, workload.Workers{Dedicated: true, Min: 2, Max: 4, BacklogPerWorker: 10}, dedicated.Workers)
}

func TestAWorkloadThatDoesNotExist(t *testing.T) {
	settings, needs, problems := workload.For(parse(t, "workload: wordpress\n"))
	require.Nil(t, settings)
	require.Empty(t, needs)
	require.Equal(t, "1 problem:\n  demo.yaml:5: workload: \"wordpress\" is not a workload; the kinds are: "+strings.Join(workload.Names(), ", "), problems.String())
}

func TestSettingsAreDecodedStrictly(t *testing.T) {
	_, _, problems := workload.For(parse(t, "workload:\n  kind: engine\n  colour: red\n  workers:\n    dedicated: yes\n    min: 0\n    min: 3\n"))
	require.Equal(t, `4 problems:
  demo.yaml:7: workload.colour: there is no such key; workload has workers
  demo.yaml:9: workload.workers.dedicated: "yes" is not true or false; write true, without quotes
  demo.yaml:10: workload.workers.min: 0 is out of range; choose a number of workers from 1 to 1000
  demo.yaml:11: workload.workers.min: the key is already on line 10; keep one of the two`, problems.String())
}

func TestEveryKindDescribesItself(t *testing.T) {
	for name, make := range workload.Kinds() {
		paths := map[string]bool{}
		for _, key := range make().Keys() {
			require.Regexp(t, `^workload\.`, key.Path, name)
			require.False(t, paths[key.Path], "%s: %s is there twice", name, key.Path)
			paths[key.Path] = true
		}
		require.NotZero(t, make().Needs().Port, name)
	}
}

func parse(t *testing.T, lines string) config.File {
	t.Helper()
	file, problems := config.Parse("demo.yaml", []byte(client+lines))
	require.Empty(t, problems)
	return file
}
