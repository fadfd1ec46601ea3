// Package recipe_test fills in recipes of workloads as an instance does.
package recipe_test

import (
	"fmt"
	"os/exec"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	config "github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/constructs/workload"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/facts"
)

const password = "S3cret-of-the-database"

func moodle(t *testing.T) contract.Recipe {
	t.Helper()
	settings := config.Kinds()["moodle"]().(*config.Moodle)
	settings.Admin.Email, settings.Site.FullName = "ops@example.com", `An "Academy" & {{more}}`
	recipe, _ := workload.For("moodle", settings).Recipe(workload.Given{
		DatabaseEngine: "postgres", CacheEngine: "memcached", FilesPath: config.MoodleDataPath, PublicHTTPS: true,
	})
	return recipe
}

func instance(recipe contract.Recipe, system string) facts.Facts {
	return facts.Facts{
		Config: contract.Config{
			PublicURL: "https://learn.example.com", Region: "eu-west-1",
			Database: contract.Database{Engine: "postgres", Host: "db.example.com", Port: "5432", Name: "moodle", TLSMode: "verify-full"},
			Files:    contract.Files{MountPath: config.MoodleDataPath},
			Cache: contract.Cache{Engine: "memcached", Clusters: []contract.CacheEndpoint{
				{Name: "session", Host: "s.cfg.example.com", Port: "11211"}, {Name: "application", Host: "a.cfg.example.com", Port: "11211"},
			}},
		},
		CPUs: 4, MemoryMiB: 7800, Vars: recipe.Distributions[system].Vars,
		CodeDir: contract.CodeDir, User: contract.AppUser, CABundle: contract.CABundlePath, UpstreamPort: contract.UpstreamPort,
	}
}

func TestMoodleOnBothSystems(t *testing.T) {
	recipe := moodle(t)
	for system, fpm := range map[string]string{"amzn-2023": "/etc/php-fpm.conf", "debian-13": "/etc/php/8.4/fpm/php-fpm.conf"} {
		f := instance(recipe, system)
		files := map[string]string{}
		for _, file := range recipe.Files {
			name, err := f.Render(file.Path)
			require.NoError(t, err)
			text, err := f.Render(file.Content)
			require.NoError(t, err, name)
			require.NotContains(t, text, "{{", name)
			files[name] = text
		}
		require.Contains(t, files[fpm], "pm.max_children = 83\n", system)
		require.Contains(t, files[fpm], "user = app\n")
		require.Contains(t, files["/etc/nginx/nginx.conf"], "listen 127.0.0.1:8081 default_server;")
		require.Contains(t, files["/etc/nginx/nginx.conf"], "root /srv/app/public;")
		require.Contains(t, files["/etc/nginx/nginx.conf"], "alias /srv/moodledata/;")
		require.Contains(t, files["/etc/nginx/lectern-fastcgi.conf"], "fastcgi_param HTTPS on;")

		environment := map[string]string{}
		for _, v := range recipe.Environment {
			value, err := f.RenderWith(v.Value, func(name, field string) (string, error) { return password, nil })
			require.NoError(t, err, v.Name)
			environment[v.Name] = value
		}
		require.Equal(t, password, environment["DATABASE_PASSWORD"])
		require.Equal(t, password, environment["ADMIN_PASSWORD"])
		require.Equal(t, "s.cfg.example.com:11211", environment["MEMCACHED_SESSION"])
		require.Equal(t, "a.cfg.example.com:11211", environment["MEMCACHED_APPLICATION"])
		require.Equal(t, `An "Academy" & {{more}}`, environment["SITE_FULL_NAME"])
		for _, name := range read(files[contract.CodeDir+"/config.php"]) {
			require.Contains(t, environment, name, "config.php reads it")
		}
		for _, name := range read(files["/usr/local/lib/lectern-moodle/install.php"]) {
			require.Contains(t, environment, name, "install.php reads it")
		}
	}
}

// read are the variables that a script takes from the environment.
func read(script string) []string {
	var names []string
	for _, part := range strings.Split(script, "$env['")[1:] {
		name, _, _ := strings.Cut(part, "'")
		names = append(names, name)
	}
	return names
}

// TestMoodlesScriptsAreValid asks PHP, where there is one.
func TestMoodlesScriptsAreValid(t *testing.T) {
	php, err := exec.LookPath("php")
	if err != nil {
		t.Skip("there is no php here; the boot tests run the scripts")
	}
	for _, file := range moodle(t).Files {
		if path.Ext(file.Path) != ".php" {
			continue
		}
		lint := exec.Command(php, "-l")
		lint.Stdin = strings.NewReader(file.Content)
		out, err := lint.CombinedOutput()
		require.NoError(t, err, fmt.Sprintf("%s: %s", file.Path, out))
	}
}
