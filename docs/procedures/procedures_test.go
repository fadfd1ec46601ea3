package procedures_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/docs/procedures"
)

// Every status the document's table sends to a section has one, with commands.
func TestFailedDeployment(t *testing.T) {
	commands, err := procedures.Read(procedures.FailedDeployment)
	require.NoError(t, err)
	for _, status := range []string{
		"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED",
	} {
		heading, lines := commands.Under(status)
		require.NotEmpty(t, heading, status)
		require.NotEmpty(t, lines, status)
		for _, line := range lines {
			require.NotContains(t, line, "$ ", "the prompt is no part of a command")
		}
	}
	heading, _ := commands.Under("CREATE_FAILED")
	require.Equal(t, "create_failed-and-update_failed", procedures.Anchor(heading))
	_, none := commands.Under("CREATE_COMPLETE")
	require.Empty(t, none)
	_, err = procedures.Read("nothing.md")
	require.ErrorContains(t, err, "nothing.md")
}
