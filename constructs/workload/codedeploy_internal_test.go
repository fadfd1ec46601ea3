package workload

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/runtime/contract"
)

func TestALAMPSite(t *testing.T) {
	g := everything
	g.DatabaseEngine = contract.EngineMariaDB
	r, _ := newCodeDeploy(newSite(func(c *workload.CodeDeploy) { c.Uploads.Path = "public/uploads" })).Recipe(g)
	require.Empty(t, r.Code.Repository, "CodeDeploy brings the code")
	require.Subset(t, r.Distributions[amazonLinux2023].Packages, []string{"httpd", "php8.4-fpm", "php8.4-mysqlnd"})
	require.Subset(t, r.Distributions[debian13].Packages, []string{"apache2", "php8.4-fpm", "php8.4-mysql"})
	for distribution, seen := range both(t, r, g) {
		want := map[string]struct{ php, apache, config, program string }{
			amazonLinux2023: {"php-fpm", "httpd", "/etc/httpd/conf/httpd.conf", "/usr/sbin/httpd"},
			debian13:        {"php8.4-fpm", "apache2", "/etc/apache2/apache2.conf", "/usr/sbin/apache2"},
		}[distribution]
		require.Equal(t, []string{want.php, want.apache, "codedeploy-agent"}, seen.services, "the agent comes last")
		config := seen.files[want.config]
		for _, line := range []string{
			"Listen 127.0.0.1:8081", "ServerName https://www.example.org:443", `DocumentRoot "/srv/app/public"`, "    AllowOverride All",
			`            SetHandler "proxy:unix:/run/lectern-php/fpm.sock|fcgi://lectern-php"`, "    SetEnv HTTPS on", "MaxRequestWorkers 200",
		} {
			require.Contains(t, config, line+"\n")
		}
		require.Contains(t, config, "<Directory \"/srv/app/public/uploads\">\n    AllowOverride None\n", "what people sent is no configuration")
		require.Contains(t, seen.units[want.apache], "\nExecStart="+want.program+" -DFOREGROUND -f "+want.config+"\n")
		require.Contains(t, seen.units[want.apache], "\nUser=app\n")
		require.Contains(t, seen.files[phpPrepend], "/run/lectern/app/environment.json")
	}
	require.Contains(t, r.Distributions[amazonLinux2023].Packages, "ruby3.2", "what version 1.8 of the agent runs on")
	require.Equal(t, "https://aws-codedeploy-{{.Region}}.s3.{{.Region}}.amazonaws.com/latest/install", r.Installers[0].URL)
}

func TestALEMPSite(t *testing.T) {
	r, _ := newCodeDeploy(newSite(func(c *workload.CodeDeploy) {
		c.Web.Server, c.Web.Fallback, c.Web.Root = workload.ServerLEMP, "front.php", "."
	})).Recipe(everything)
	for distribution, seen := range both(t, r, everything) {
		php := map[string]string{amazonLinux2023: "php-fpm", debian13: "php8.4-fpm"}[distribution]
		require.Equal(t, []string{php, "nginx", "codedeploy-agent"}, seen.services)
		require.Contains(t, seen.files["/etc/nginx/nginx.conf"], "try_files $uri $uri/ /front.php$is_args$args;")
		require.Contains(t, seen.files["/etc/nginx/nginx.conf"], "root /srv/app;")
	}
}

func TestCodeOnTheSharedFileSystem(t *testing.T) {
	g := everything
	g.FilesPath = contract.CodeDir
	site := newSite(func(c *workload.CodeDeploy) { c.Code = workload.CodeFromFiles })
	require.Equal(t, contract.CodeDir, site.Needs().FilesPath)
	half := newCodeDeploy(site)
	r, _ := half.Recipe(g)
	require.Empty(t, r.Installers)
	require.Empty(t, r.Build)
	require.Nil(t, half.Grants(nil))
	for distribution, seen := range both(t, r, g) {
		require.Len(t, seen.services, 2, distribution)
		require.NotContains(t, seen.files[phpPrepend], "str_starts_with", "the code itself is on that file system")
	}
}

// Without a cache PHP keeps sessions on the instance; with one they are where every instance finds them.
func TestSessionsAreInTheCache(t *testing.T) {
	for cache, want := range map[string]string{"": "", contract.CacheValkey: "redis", contract.CacheMemcached: "memcached"} {
		text := prepend(Given{CacheEngine: cache})
		if want == "" {
			require.NotContains(t, text, "session.")
			continue
		}
		require.Contains(t, text, "ini_set('session.save_handler', '"+want+"');")
		require.Contains(t, siteExtensions(Given{CacheEngine: cache}, nil), want)
	}
}

// The installer starts the agent, and systemd must skip that; whether or not the installer ends well, nothing of it
// remains that would skip the start at the end of boot too.
func TestTheAgentDoesNotStartWhileItIsInstalled(t *testing.T) {
	for installer, fails := range map[string]bool{`test -s "$DROPIN/later.conf" && test "$1" = auto`: false, "exit 4": true} {
		dir := t.TempDir()
		dropin := filepath.Join(dir, "codedeploy-agent.service.d")
		write := func(name, text string) string {
			path := filepath.Join(dir, name)
			require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755))
			return path
		}
		write("systemctl", `test "$*" = daemon-reload && echo reloaded >>"`+dir+`/log"`)
		args := slices.Clone(agent().Run)
		for i, arg := range args {
			args[i] = strings.NewReplacer("{file}", write("install", installer), "/run/systemd/system", dir).Replace(arg)
		}
		run := exec.Command(args[0], args[1:]...)
		run.Env = []string{"PATH=" + dir + ":/usr/bin:/bin", "DROPIN=" + dropin}
		out, err := run.CombinedOutput()
		require.Equal(t, fails, err != nil, string(out))
		require.NoDirExists(t, dropin)
		reloads, err := os.ReadFile(filepath.Join(dir, "log"))
		require.NoError(t, err)
		require.Equal(t, "reloaded\nreloaded\n", string(reloads), "before the installer and after it")
	}
}
