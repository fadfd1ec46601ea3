package workload_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/workload"
)

func TestReferenceClientsAreValid(t *testing.T) {
	files, problems := config.ReadDir("../clients")
	require.Empty(t, problems)
	require.Len(t, files, 3)
	for _, file := range files {
		needs, problems := workload.For(file)
		require.Empty(t, problems, file.Path)
		require.Equal(t, []string{"postgres"}, needs.DatabaseEngines)
		require.Equal(t, file.Client.Name == "scorm-api", needs.Workers.Dedicated)
	}
}
