package workload

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/runtime/contract"
)

func TestAPHPApp(t *testing.T) {
	app := newApp(func(a *workload.GitApp) {
		a.Repository, a.Access, a.HostKeys = "ssh://git@code.example.org/site.git", workload.AccessSSH, []string{"code.example.org ssh-ed25519 AAAA"}
		a.Build = []string{"composer install", "echo {{.Secret}}"}
		a.Uploads.Path = "public/uploads"
		a.Web.UploadLimitMiB = 32
		a.PHP.Extensions = []string{"bcmath"}
		a.Packages.AmazonLinux, a.Packages.Debian = []string{"nodejs24"}, []string{"nodejs"}
		a.Jobs = []workload.Job{{Name: "tidy-up", Schedule: "* * * * *", Command: "php bin/tidy.php"}}
	})
	r, foreign := newGitApp(app).Recipe(everything)
	require.True(t, foreign)
	require.Equal(t, contract.Code{
		Repository: app.Repository, Ref: "v1", Commit: app.Commit, Secret: "code", HostKeys: app.HostKeys,
	}, r.Code)
	require.Subset(t, r.Distributions[amazonLinux2023].Packages, []string{"git", "nginx", "nodejs24", "openssh-clients", "php8.4-bcmath", "php8.4-fpm", "php8.4-pecl-redis6", "php8.4-pgsql"})
	require.Subset(t, r.Distributions[debian13].Packages, []string{"git", "nginx", "nodejs", "openssh-client", "php8.4-bcmath", "php8.4-fpm", "php8.4-pgsql", "php8.4-redis"})
	require.Equal(t, []contract.Job{{Name: "tidy-up", Schedule: "* * * * *", Run: "php bin/tidy.php", LimitSeconds: 3600}}, r.Jobs)

	for distribution, seen := range both(t, r, everything) {
		php := map[string]string{amazonLinux2023: "php-fpm", debian13: "php8.4-fpm"}[distribution]
		require.Equal(t, []string{php, "nginx"}, seen.services, "the web server comes when PHP answers")
		require.Equal(t, "composer install", seen.commands[1])
		require.Equal(t, "echo {{.Secret}}", seen.commands[2], "a command of a client file is no template")
		nginx := seen.files["/etc/nginx/nginx.conf"]
		require.Contains(t, nginx, "root /srv/app/public;")
		require.Contains(t, nginx, "try_files $uri $uri/ /index.php$is_args$args;")
		require.Contains(t, nginx, "client_max_body_size 32m;")
		require.Contains(t, seen.files[phpPrepend], "str_starts_with($script, '/srv/uploads/')")
		fpm := map[string]string{amazonLinux2023: "/etc/php-fpm.conf", debian13: "/etc/php/8.4/fpm/php-fpm.conf"}[distribution]
		require.Contains(t, seen.files[fpm], "\nphp_admin_value[auto_prepend_file] = "+phpPrepend+"\n", "no .user.ini among the uploads can change it")
	}
	require.Contains(t, r.Services[0].Settings, "ReadWritePaths=-/run/php -/run/php-fpm -/var/log /srv/app /srv/uploads")
}

// What the build's first command does is tried: the code brings the folder, and boot may run twice.
func TestUploadsAreALinkInTheCode(t *testing.T) {
	code, shared := t.TempDir(), t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(code, "public/uploads"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(code, "public/uploads/.gitkeep"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(shared, "picture"), []byte("kept"), 0o600))
	for _, folder := range []string{"public/uploads", "storage/app/uploads", "files"} {
		command := linkUploads(Given{FilesPath: shared}, workload.SiteUploads{Path: folder})[0]
		for range 2 {
			run := exec.Command("/bin/sh", "-e", "-c", command.Run)
			run.Dir = code
			out, err := run.CombinedOutput()
			require.NoError(t, err, string(out))
		}
		content, err := os.ReadFile(filepath.Join(code, folder, "picture"))
		require.NoError(t, err)
		require.Equal(t, "kept", string(content))
	}
	require.Empty(t, linkUploads(Given{}, workload.SiteUploads{Path: "uploads"}))
}

func TestAMigrationRunsOnceOnEachInstance(t *testing.T) {
	for command, ends := range map[string]bool{
		"bin/migrate # to the newest": true, "true && bin/migrate": true,
		"exit 3": false, "false && bin/migrate": false, "false; bin/migrate": false, "bin/migrate; false": false,
	} {
		o := gitApp{GitApp: newApp(func(a *workload.GitApp) { a.Migrate = command })}.migration()
		dir := t.TempDir()
		shell := func(line string) error {
			run := exec.Command("/bin/sh", "-e", "-c", strings.ReplaceAll(line, migratedDir, dir))
			run.Dir = dir
			return run.Run()
		}
		require.NoError(t, os.Mkdir(filepath.Join(dir, "bin"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "bin/migrate"), []byte("#!/bin/sh\n"), 0o755))
		require.Error(t, shell(o.Check), "it has not been run")
		require.Equal(t, ends, shell(o.Run) == nil, command)
		require.Equal(t, ends, shell(o.Check) == nil, "%s: only a migration that ended well is done", command)
	}
}

func TestACommandOnAPort(t *testing.T) {
	app := newApp(func(a *workload.GitApp) {
		a.Web.Kind, a.Web.Command = workload.WebCommand, "node server.js --flag={{x}}"
	})
	g := everything
	g.FilesPath = ""
	r, _ := newGitApp(app).Recipe(g)
	for _, seen := range both(t, r, g) {
		require.Equal(t, []string{"lectern-site"}, seen.services)
		require.Equal(t, map[string]string{"/etc/lectern/site/start": "#!/bin/sh -e\nnode server.js --flag={{x}}\n"}, seen.files)
		unit := seen.units["lectern-site"]
		for _, line := range []string{
			"User=app", "WorkingDirectory=/srv/app", "EnvironmentFile=/run/lectern/app/environment", "Restart=always",
			"ExecStart=/etc/lectern/site/start", "After=network-online.target lectern-environment.service",
		} {
			require.Contains(t, unit, "\n"+line+"\n")
		}
	}
	require.Equal(t, "restart", r.Services[0].OnEnvironment, "a process reads its environment once")
	require.Subset(t, r.Services[0].Settings, []string{"NoNewPrivileges=yes", "ProtectSystem=strict", "ReadWritePaths=/srv/app"})
	require.Equal(t, []string{"git"}, r.Distributions[amazonLinux2023].Packages)
}

func TestAStaticSite(t *testing.T) {
	app := newApp(func(a *workload.GitApp) {
		a.Web.Kind, a.Web.Root, a.Web.Fallback, a.Web.HealthPath = workload.WebStatic, ".", "index.html", "/up"
	})
	r, _ := newGitApp(app).Recipe(everything)
	require.Equal(t, "/up", r.CheckPath)
	for _, seen := range both(t, r, everything) {
		require.Equal(t, []string{"nginx"}, seen.services)
		require.Contains(t, seen.files["/etc/nginx/nginx.conf"], "root /srv/app;")
		require.Contains(t, seen.files["/etc/nginx/nginx.conf"], "try_files $uri $uri/ /index.html;")
	}
}
