package contract_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
)

func recipe() contract.Recipe {
	return contract.Recipe{
		Distributions: map[string]contract.Distribution{"debian-13": {Packages: []string{"nginx"}, Vars: map[string]string{"unit": "nginx"}}},
		Directories:   []contract.Directory{{Path: "/srv/cache", Owner: contract.OwnerApp, Mode: "0750"}},
		Installers:    []contract.Installer{{Name: "agent", URL: "https://example.com/agent", Creates: "/opt/agent", Run: []string{"{file}", "auto"}}},
		Code:          contract.Code{Repository: "https://example.com/app.git", Ref: "v1"},
		Environment:   []contract.Variable{{Name: "A", Value: `{{secret "database" "password"}}`}},
		Files:         []contract.File{{Path: "{{.Vars.unit}}", Content: "x", Owner: contract.OwnerRoot, Mode: "0644"}},
		Build:         []contract.Command{{Run: "make", LimitSeconds: 60}},
		Once:          []contract.Once{{Name: "install", Check: "true", Run: "true", LimitSeconds: 60}},
		Services:      []contract.Service{{Name: "nginx", OnEnvironment: contract.ActionReload}},
		CheckPath:     "/",
		Jobs:          []contract.Job{{Name: "tidy", Schedule: "* * * * *", Run: "true", LimitSeconds: 60}},
		DrainSeconds:  30,
	}
}

func TestARecipeSurvivesTheRoundTrip(t *testing.T) {
	text, err := recipe().JSON()
	require.NoError(t, err)
	back, err := contract.ParseRecipe(text)
	require.NoError(t, err)
	require.Equal(t, recipe(), back)
}

func TestEveryProblemOfARecipeIsReported(t *testing.T) {
	r := recipe()
	r.Distributions = nil
	r.Directories[0].Path = "srv"
	r.Installers[0].Run = nil
	r.Code = contract.Code{Repository: "ssh://git@example.com/app.git"}
	r.Files[0].Owner, r.Files[0].Mode = "nobody", "644"
	r.Build[0].LimitSeconds = 0
	r.Services[0].OnEnvironment = "reboot"
	r.Jobs = append(r.Jobs, contract.Job{Name: "tidy", Run: "true", LimitSeconds: 1})
	r.CheckPath, r.DrainSeconds = "", 0
	err := r.Validate()
	for _, want := range []string{
		"distributions: ", "directories[0].path", "installers[0].run", "code.ref", "code.hostKeys", "files[0].owner", "files[0].mode",
		"build[0].limitSeconds", "services[0].onEnvironment", "jobs[1].name", "jobs[1].schedule", "checkPath", "drainSeconds",
	} {
		require.ErrorContains(t, err, want)
	}
	_, err = contract.ParseRecipe([]byte(`{"distributions":{"debian-13":{"pakcages":[]}},"drainSeconds":"1"}`))
	require.ErrorContains(t, err, "distributions.debian-13.pakcages: unknown key")
	require.ErrorContains(t, err, "drainSeconds: found a string")
}

func TestLocksAreInTheCacheOrInAStoreOfTheirOwn(t *testing.T) {
	valkey := contract.Cache{Engine: contract.CacheValkey, Host: "a"}
	own := contract.Cache{Engine: contract.CacheValkey, Host: "b"}
	memcached := contract.Cache{Engine: contract.CacheMemcached}
	require.Equal(t, valkey, contract.Config{Cache: valkey}.LockStore())
	require.Equal(t, own, contract.Config{Cache: memcached, Locks: own}.LockStore())
	require.Equal(t, own, contract.Config{Cache: valkey, Locks: own}.LockStore())
	require.Zero(t, contract.Config{Cache: memcached}.LockStore())
}

func TestAForeignWorkloadNeedsNoObjectStore(t *testing.T) {
	c := valid()
	c.ObjectStore = contract.ObjectStore{}
	require.ErrorContains(t, c.Validate(), "objectStore.kind")
	c.Recipe = contract.RecipeSource{Bucket: "assets", Key: "recipe.json", SHA256: "12"}
	c.Secrets = map[string]string{"admin": "hunter2"}
	c.Locks = contract.Cache{Engine: contract.CacheMemcached}
	err := c.Validate()
	require.NotContains(t, err.Error(), "objectStore")
	require.NotContains(t, err.Error(), "hunter2")
	require.ErrorContains(t, err, "recipe.sha256: ")
	require.ErrorContains(t, err, "secrets.admin: ")
	require.ErrorContains(t, err, "locks.engine: ")
}

func TestNoTokenIsInTheAddressOfARepository(t *testing.T) {
	for repository, fine := range map[string]bool{
		"https://example.com/app.git":               true,
		"ssh://git@example.com/app.git":             true,
		"https://hunter2@example.com/app.git":       false,
		"https://me:hunter2@example.com/app.git":    false,
		"ssh://git:hunter2@example.com:22/app.git":  false,
		"https://example.com/hunter2%zz/broken.git": false,
	} {
		r := recipe()
		r.Code.Repository, r.Code.HostKeys = repository, []string{"example.com ssh-ed25519 AAAA"}
		err := r.Validate()
		require.Equal(t, fine, err == nil, repository)
		if !fine {
			require.ErrorContains(t, err, "code.repository")
			require.NotContains(t, err.Error(), "hunter2")
		}
	}
}
