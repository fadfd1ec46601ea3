//go:build system

package system_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const pythonPackages = "python3 -m pip install -r test/system/requirements.txt"

// root is the top folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../..")
	require.NoError(t, err)
	return path
}

// findPython looks once for an interpreter that has moto and cfn-lint.
var findPython = sync.OnceValue(func() string {
	for _, name := range []string{"python3", "python"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if exec.Command(path, "-c", "import moto.server, cfnlint, boto3").Run() == nil {
			return path
		}
	}
	return ""
})

func python(t *testing.T) string {
	t.Helper()
	path := findPython()
	require.NotEmpty(t, path, "no Python with moto and cfn-lint on PATH; get them with: %s", pythonPackages)
	return path
}

// cdk is the CDK CLI that package.json pins.
func cdk(t *testing.T) string {
	t.Helper()
	path := filepath.Join(root(t), "node_modules", ".bin", "cdk")
	_, err := os.Stat(path)
	require.NoError(t, err, "the CDK CLI is not installed; get it with: npm ci (make test-system does)")
	return path
}

// environment is this process's, without anything that could reach a real account or
// leave the machine: no credentials, profiles, proxies or CDK caches of the user's.
func environment(t *testing.T, more ...string) []string {
	t.Helper()
	var kept []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		upper := strings.ToUpper(name)
		if strings.HasPrefix(upper, "AWS_") || strings.HasPrefix(upper, "CDK_") || strings.HasSuffix(upper, "_PROXY") || upper == "PATH" {
			continue
		}
		kept = append(kept, pair)
	}
	bin := filepath.Join(root(t), "node_modules", ".bin")
	kept = append(kept,
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"AWS_CONFIG_FILE="+os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
		"CDK_DISABLE_CLI_TELEMETRY=true",
		"NO_COLOR=1",
		"CI=true",
	)
	return append(kept, more...)
}
