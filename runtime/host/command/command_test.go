package command_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host/command"
)

func TestAnErrorHasTheEndOfWhatWasPrinted(t *testing.T) {
	output, err := command.System{}.Run(t.Context(), command.Shell("seq 1 9000; echo 'no space left'; exit 3"))
	require.ErrorContains(t, err, "exit status 3")
	require.True(t, strings.HasSuffix(err.Error(), "9000\nno space left"))
	require.Less(t, len(err.Error()), 5<<10, "the console of an instance has room for little")
	require.True(t, strings.HasPrefix(output, "1\n2\n"), "the result has more")
}
