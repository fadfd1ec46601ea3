package workload

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/facts"
)

// everything an environment can have beside memcached.
var everything = Given{DatabaseEngine: contract.EnginePostgres, CacheEngine: contract.CacheValkey, FilesPath: workload.UploadsPath, Bucket: true, PublicHTTPS: true}

// instance is what a recipe is filled in with on an instance of a distribution.
func instance(r contract.Recipe, g Given, distribution string) facts.Facts {
	f := facts.Facts{
		Config: contract.Config{
			Region: "eu-west-1", PublicURL: "https://www.example.org",
			Database: contract.Database{Engine: g.DatabaseEngine, Host: "db.example", Port: "5432", Name: "app", TLSMode: contract.TLSVerifyFull},
			Files:    contract.Files{MountPath: g.FilesPath},
		},
		CPUs: 2, MemoryMiB: 1900, Vars: r.Distributions[distribution].Vars,
		CodeDir: contract.CodeDir, User: contract.AppUser, EnvironmentFile: contract.EnvironmentFile, EnvironmentJSON: contract.EnvironmentJSON,
		CABundle: contract.CABundlePath, UpstreamPort: contract.UpstreamPort,
	}
	switch g.CacheEngine {
	case contract.CacheValkey:
		f.Cache = contract.Cache{Engine: g.CacheEngine, Host: "cache.example", Port: "6379", TLS: true, SecretARN: "arn:cache"}
	case contract.CacheMemcached:
		f.Cache = contract.Cache{Engine: g.CacheEngine, Clusters: []contract.CacheEndpoint{{Name: "site", Host: "mc.example", Port: "11211"}}}
	}
	if g.Bucket {
		f.ObjectStore = contract.ObjectStore{Kind: contract.StoreS3, Bucket: "store", Region: "eu-west-1"}
	}
	return f
}

func secretOf(name, field string) (string, error) {
	if name == "database" || name == "cache" || name == workload.AppSecret || name == "objectStore" {
		return "p@ss:" + name + "/" + field, nil
	}
	return "", errors.New("no secret " + name)
}

// rendered is a recipe as an instance sees it.
type rendered struct {
	files, units, environment map[string]string
	commands, services        []string
}

func render(t *testing.T, r contract.Recipe, g Given, distribution string) rendered {
	t.Helper()
	require.NoError(t, r.Validate())
	f := instance(r, g, distribution)
	text := func(template string) string {
		out, err := f.Render(template)
		require.NoError(t, err)
		require.NotContains(t, out, "<no value>")
		return out
	}
	seen := rendered{files: map[string]string{}, units: map[string]string{}, environment: map[string]string{}}
	for _, file := range r.Files {
		seen.files[text(file.Path)] = text(file.Content)
	}
	for _, d := range r.Directories {
		text(d.Path)
	}
	for _, n := range r.Installers {
		require.True(t, strings.HasPrefix(text(n.URL), "https://"), n.URL)
	}
	for _, s := range r.Services {
		seen.services = append(seen.services, text(s.Name))
		seen.units[text(s.Name)] = text(s.Unit)
	}
	for _, c := range r.Build {
		seen.commands = append(seen.commands, text(c.Run))
	}
	for _, o := range r.Once {
		seen.commands = append(seen.commands, text(o.Check), text(o.Run))
	}
	for _, j := range r.Jobs {
		seen.commands = append(seen.commands, text(j.Run))
	}
	for _, v := range r.Environment {
		_, twice := seen.environment[v.Name]
		require.False(t, twice, v.Name)
		out, err := f.RenderWith(v.Value, secretOf)
		require.NoError(t, err)
		seen.environment[v.Name] = out
	}
	return seen
}

// both renders a recipe on each distribution and checks what must hold on all.
func both(t *testing.T, r contract.Recipe, g Given) map[string]rendered {
	t.Helper()
	all := map[string]rendered{}
	for _, distribution := range []string{amazonLinux2023, debian13} {
		seen := render(t, r, g, distribution)
		for _, d := range r.Directories { // a file's folder is made, or belongs to a package
			require.NotEqual(t, contract.CodeDir, d.Path)
		}
		for path := range seen.files {
			if strings.HasPrefix(path, siteDir) {
				require.Contains(t, r.Directories, contract.Directory{Path: siteDir, Owner: contract.OwnerRoot, Mode: "0755"}, path)
			}
		}
		all[distribution] = seen
	}
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.NotContains(t, string(text), "p@ss", "a recipe holds no secret")
	return all
}

func TestTheStandardEnvironmentSaysWhereThePiecesAre(t *testing.T) {
	app := newApp(func(a *workload.GitApp) {
		a.Environment = map[string]string{"APP_ENV": "production", "ODD": `{{.Region}} "quoted" {{`}
		a.SecretEnvironment = []string{"APP_KEY"}
	})
	r, _ := newGitApp(app).Recipe(everything)
	require.Equal(t, map[string]string{
		"PORT": "8081", "PUBLIC_URL": "https://www.example.org", "AWS_REGION": "eu-west-1",
		"DATABASE_ENGINE": "postgres", "DATABASE_HOST": "db.example", "DATABASE_PORT": "5432", "DATABASE_NAME": "app",
		"DATABASE_USERNAME": "p@ss:database/username", "DATABASE_PASSWORD": "p@ss:database/password", "DATABASE_CA": contract.CABundlePath,
		"DATABASE_URL": "postgres://p%40ss%3Adatabase%2Fusername:p%40ss%3Adatabase%2Fpassword@db.example:5432/app?sslmode=verify-full&sslrootcert=%2Fetc%2Flectern%2Frds-ca.pem",
		"REDIS_HOST":   "cache.example", "REDIS_PORT": "6379", "REDIS_PASSWORD": "p@ss:cache/", "REDIS_TLS": "true",
		"REDIS_URL": "rediss://:p%40ss%3Acache%2F@cache.example:6379", "FILES_PATH": "/srv/uploads",
		"S3_BUCKET": "store", "S3_REGION": "eu-west-1", "S3_ENDPOINT": "", "S3_ACCESS_KEY_ID": "", "S3_SECRET_ACCESS_KEY": "",
		"APP_ENV": "production", "ODD": `{{.Region}} "quoted" {{`, "APP_KEY": "p@ss:app/APP_KEY",
	}, render(t, r, everything, debian13).environment)

	mysql := Given{DatabaseEngine: contract.EngineMariaDB, CacheEngine: contract.CacheMemcached}
	r, _ = newCodeDeploy(newSite(nil)).Recipe(mysql)
	seen := render(t, r, mysql, amazonLinux2023).environment
	require.Equal(t, "mysql://p%40ss%3Adatabase%2Fusername:p%40ss%3Adatabase%2Fpassword@db.example:5432/app", seen["DATABASE_URL"])
	require.Equal(t, "mc.example:11211", seen["MEMCACHED_SERVERS"])
	for _, absent := range []string{"REDIS_URL", "FILES_PATH", "S3_BUCKET"} {
		require.NotContains(t, seen, absent)
	}
}

// Client files cannot say what the environment says by itself, so the list that they are checked against must be whole.
func TestEveryStandardVariableIsReserved(t *testing.T) {
	names := map[string]bool{}
	for _, cache := range []string{contract.CacheValkey, contract.CacheMemcached} {
		g := everything
		g.CacheEngine = cache
		for _, v := range standardEnvironment(g, nil, nil) {
			names[v.Name] = true
		}
	}
	require.ElementsMatch(t, workload.StandardVariables(), slices.Collect(maps.Keys(names)))
}

func newApp(change func(*workload.GitApp)) *workload.GitApp {
	a := workload.Kinds()["gitapp"]().(*workload.GitApp)
	a.Repository, a.Ref, a.Commit = "https://code.example.org/site.git", "v1", strings.Repeat("a", 40)
	if change != nil {
		change(a)
	}
	return a
}

func newSite(change func(*workload.CodeDeploy)) *workload.CodeDeploy {
	c := workload.Kinds()["codedeploy"]().(*workload.CodeDeploy)
	if change != nil {
		change(c)
	}
	return c
}
