package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/awstest"
)

// environmentRoot is a machine that boot has been on, with a recipe of a few variables.
func environmentRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	put := func(name string, content []byte) {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o644))
	}
	config, err := contract.Config{
		Client: "demo", Workload: "gitapp", Role: contract.RoleWeb, Region: awstest.Region, Port: contract.DefaultPort,
		Database:    contract.Database{Engine: contract.EnginePostgres, Host: "db.internal", Port: "5432", Name: "demo", SecretARN: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db", TLSMode: contract.TLSVerifyFull},
		ObjectStore: contract.ObjectStore{Kind: contract.StoreS3, Bucket: "demo", Region: awstest.Region},
	}.JSON()
	require.NoError(t, err)
	recipe, err := contract.Recipe{
		Distributions: map[string]contract.Distribution{"debian-13": {Vars: map[string]string{"php": "8.4"}}},
		Environment: []contract.Variable{
			{Name: "PHP", Value: "{{.Vars.php}}"},
			{Name: "DATABASE_PASSWORD", Value: `{{secret "database" "password"}}`},
		},
		CheckPath: "/", DrainSeconds: 30,
	}.JSON()
	require.NoError(t, err)
	put("etc/os-release", []byte("ID=debian\nVERSION_ID=\"13\"\n"))
	put(contract.ConfigPath, []byte(config))
	put(contract.RecipePath, recipe)
	return root
}

func environment(a *awstest.AWS, root string) (string, error) {
	cmd := exec.Command(binary, "environment", "--once", "--patience", "1ms", "--root", root,
		"--config", filepath.Join(root, contract.ConfigPath), "--recipe", filepath.Join(root, contract.RecipePath))
	cmd.Env = a.Env()
	text, err := cmd.CombinedOutput()
	return string(text), err
}

func TestEnvironmentIsWrittenFromTheRecipeAndTheSecrets(t *testing.T) {
	a, root := awstest.Start(t), environmentRoot(t)
	a.SetSecret("arn:aws:secretsmanager:eu-central-1:111122223333:secret:db", `{"username":"app","password":"hunter$2"}`)
	log, err := environment(a, root)
	require.NoError(t, err, log)
	require.NotContains(t, log, "hunter")
	text, err := os.ReadFile(filepath.Join(root, contract.EnvironmentFile))
	require.NoError(t, err)
	require.Equal(t, "PHP=\"8.4\"\nDATABASE_PASSWORD='hunter$2'\n", string(text))
}

func TestEnvironmentNamesTheSecretThatIsMissing(t *testing.T) {
	a, root := awstest.Start(t), environmentRoot(t)
	log, err := environment(a, root)
	require.Error(t, err)
	require.Contains(t, log, `variable DATABASE_PASSWORD`)
	require.Contains(t, log, `secret "database" (arn:aws:secretsmanager:eu-central-1:111122223333:secret:db)`)
	require.Contains(t, log, "ResourceNotFoundException")
	require.NoFileExists(t, filepath.Join(root, contract.EnvironmentFile))
}
