package provision_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
)

func TestUsersAreMadeOnce(t *testing.T) {
	r := newRig(t)
	r.answer = failing("getent", "id")
	require.NoError(t, r.Users(t.Context()))
	require.Equal(t, []string{
		"getent group app", "groupadd --gid 2000 app", "id -u app",
		"useradd --uid 2000 --gid app --create-home --home-dir /var/lib/app --shell /sbin/nologin app",
	}, r.lines())

	r.forget()
	id, group := "2000\n", "app:x:2000:\n"
	r.answer = func(c command.Command) (string, error) {
		if c.Name == "getent" {
			return group, nil
		}
		return id, nil
	}
	require.NoError(t, r.Users(t.Context()))
	require.Equal(t, []string{"getent group app", "id -u app"}, r.lines())
	id = "1001\n"
	require.ErrorContains(t, r.Users(t.Context()), "user app (1001); its id must be 2000")
	group = "app:x:998:\n"
	require.ErrorContains(t, r.Users(t.Context()), "group app (app:x:998:); its id must be 2000")
	r.answer = failing("getent", "id", "useradd")
	require.ErrorContains(t, r.Users(t.Context()), "it said why")
}

func TestPackagesOfDebian(t *testing.T) {
	r := newRig(t)
	r.Packages = []string{"nginx", "php8.4-fpm"}
	r.Recipe.Code.Repository = "ssh://git@example.com/app.git"
	installed := false
	r.answer = func(c command.Command) (string, error) {
		switch {
		case c.Name == "dpkg-query" && !installed:
			return "installed\nnot-installed\ninstalled\ninstalled\n", nil
		case c.Name == "dpkg-query":
			return "installed\ninstalled\ninstalled\ninstalled\n", nil
		case slices.Contains(c.Args, "install"):
			require.Equal(t, []string{"DEBIAN_FRONTEND=noninteractive"}, c.Env)
			installed = true
		}
		return "", nil
	}
	require.NoError(t, r.InstallPackages(t.Context()))
	const apt = "apt-get -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "
	query := "dpkg-query --show --showformat=${db:Status-Status}\n git nginx openssh-client php8.4-fpm"
	require.Equal(t, []string{query, apt + "update", apt + "install --yes --no-install-recommends git nginx openssh-client php8.4-fpm"}, r.lines())
	r.forget()
	require.NoError(t, r.InstallPackages(t.Context()))
	require.Equal(t, []string{query}, r.lines(), "all are there")
}

func TestPackagesOfAmazonLinux(t *testing.T) {
	r := newRig(t)
	r.System, r.Packages = "amzn-2023", []string{"nginx", "git"}
	r.Recipe.Code.Repository = "ssh://git@example.com/app.git"
	r.Facts.Files = contract.Files{FileSystemID: "fs-1", MountPath: "/srv/shared"}
	r.answer = failing("rpm")
	require.NoError(t, r.InstallPackages(t.Context()))
	require.Equal(t, []string{
		"rpm --query --whatprovides amazon-efs-utils git nginx openssh-clients", "dnf -y install amazon-efs-utils git nginx openssh-clients",
	}, r.lines())
	r.System = "alpine-3.22"
	require.ErrorContains(t, r.InstallPackages(t.Context()), "no package manager is known for the operating system alpine-3.22")
}

func TestPackagesAreAskedForAgain(t *testing.T) {
	r := newRig(t)
	r.Packages = []string{"nginx"}
	updates := 0
	r.answer = func(c command.Command) (string, error) {
		if c.Name == "dpkg-query" {
			return "", errStatus
		}
		if slices.Contains(c.Args, "update") {
			if updates++; updates < 3 {
				return "no route to host", errStatus
			}
		}
		return "", nil
	}
	require.NoError(t, r.InstallPackages(t.Context()))
	require.Equal(t, 3, updates)
	require.Contains(t, r.log.String(), "trying again")

	r.answer = failing("dpkg-query", "apt-get")
	err := r.InstallPackages(t.Context())
	require.ErrorContains(t, err, "install packages: gave up after 3 tries")
	require.ErrorContains(t, err, "it said why")
}

func TestNoPackagesNeedNoPackageManager(t *testing.T) {
	r := newRig(t)
	r.System = "alpine-3.22"
	require.NoError(t, r.InstallPackages(t.Context()))
	require.Empty(t, r.lines())
}

func TestInstallers(t *testing.T) {
	downloads, body := 0, "#!/bin/sh\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if downloads++; downloads == 1 {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		if req.URL.Path == "/elsewhere" {
			http.Redirect(w, req, "http://example.com/agent", http.StatusFound)
			return
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	r := newRig(t)
	agent := contract.Installer{Name: "agent", URL: server.URL + "/{{.Region}}/agent.deb", Creates: "/opt/agent", Run: []string{"dpkg", "-i", "{file}"}}
	r.Recipe.Installers = []contract.Installer{agent}
	file := ""
	r.answer = func(c command.Command) (string, error) {
		file = c.Args[1]
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, body, string(text))
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o700), info.Mode())
		r.put(t, "opt/agent", "")
		return "", nil
	}
	require.NoError(t, r.RunInstallers(t.Context()))
	require.Equal(t, "agent.deb", filepath.Base(file))
	require.NoFileExists(t, file)
	require.Equal(t, 2, downloads)
	require.NoError(t, r.RunInstallers(t.Context()))
	require.Equal(t, 2, downloads, "it is there")

	for name, tc := range map[string]struct {
		change func(*contract.Installer)
		want   string
	}{
		"other bytes":       {func(n *contract.Installer) { n.SHA256 = strings.Repeat("0", 64) }, "the recipe says 0000"},
		"in the clear":      {func(n *contract.Installer) { n.URL = "http://example.com/agent" }, "is no https:// address"},
		"led astray":        {func(n *contract.Installer) { n.URL = server.URL + "/elsewhere" }, "redirects to http://example.com/agent"},
		"a file":            {func(n *contract.Installer) { n.URL = "file:///etc/passwd" }, "is no https:// address"},
		"nothing installed": {func(*contract.Installer) {}, "ended well and there is no /opt/other"},
		"bad template":      {func(n *contract.Installer) { n.URL = "{{.No}}" }, "can't evaluate field No"},
	} {
		t.Run(name, func(t *testing.T) {
			n := agent
			n.Creates = "/opt/other"
			tc.change(&n)
			r.Recipe.Installers = []contract.Installer{n}
			require.ErrorContains(t, r.RunInstallers(t.Context()), tc.want)
		})
	}
	server.Close()
	agent.Creates = "/opt/other"
	r.Recipe.Installers = []contract.Installer{agent}
	require.ErrorContains(t, r.RunInstallers(t.Context()), "gave up after 3 tries")
}
