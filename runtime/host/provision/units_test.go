package provision_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
)

func started(unit string) []string {
	return []string{"systemctl daemon-reload", "systemctl enable " + unit, "systemctl restart " + unit}
}

func TestTheEnvironmentIsStarted(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.StartEnvironment(t.Context()))
	unit := r.read(t, "etc/systemd/system/lectern-environment.service")
	for _, line := range []string{
		"Type=notify", "Environment=AWS_REGION=eu-central-1", "RuntimeDirectoryPreserve=yes", "NoNewPrivileges=yes",
		"ExecStart=/opt/lectern/lectern-runtime environment --config /etc/lectern/runtime.json --recipe /etc/lectern/recipe.json",
	} {
		require.Contains(t, unit, "\n"+line+"\n")
	}
	require.NotContains(t, unit, "{")
	require.Equal(t, fs.FileMode(0o644), r.mode(t, "etc/systemd/system/lectern-environment.service"))
	require.Equal(t, started("lectern-environment.service"), r.lines())
}

func TestServices(t *testing.T) {
	r := newRig(t)
	r.Facts.Files = contract.Files{FileSystemID: "fs-1", MountPath: "/srv/shared"}
	r.Recipe.Services = []contract.Service{
		{Name: "{{.Vars.fpm}}", Settings: []string{"User={{.User}}", "Restart=always"}},
		{Name: "site", Unit: "[Service]\nExecStart=/usr/bin/site --dir {{.CodeDir}}\n"},
	}
	for range 2 {
		r.forget()
		require.NoError(t, r.StartServices(t.Context()))
		require.Equal(t, append(started("php8.4-fpm.service"), started("site.service")...), r.lines())
		require.Equal(t, "[Service]\nExecStart=/usr/bin/site --dir /srv/app\n", r.read(t, "etc/systemd/system/site.service"))
		require.NoFileExists(t, r.Root+"/etc/systemd/system/php8.4-fpm.service", "the package brings it")
		dropIn := r.read(t, "etc/systemd/system/php8.4-fpm.service.d/lectern.conf")
		require.Contains(t, dropIn, "[Unit]\nWants=lectern-environment.service\nAfter=lectern-environment.service\nRequiresMountsFor="+r.Root+"/srv/shared\n")
		require.Contains(t, dropIn, "\n[Service]\nUser=app\nRestart=always\n")
		require.NotContains(t, r.read(t, "etc/systemd/system/site.service.d/lectern.conf"), "[Service]")
	}
	for name, s := range map[string]contract.Service{
		"no name of a unit":       {Name: "../x"},
		`no entry for key "no"`:   {Name: "x", Unit: "{{.Vars.no}}"},
		`no entry for key "none"`: {Name: "x", Settings: []string{"{{.Vars.none}}"}},
	} {
		r.Recipe.Services = []contract.Service{s}
		require.ErrorContains(t, r.StartServices(t.Context()), name)
	}
}

func TestTheHostStopsBeforeWhatItPassesRequestsTo(t *testing.T) {
	r := newRig(t)
	r.Facts.Files = contract.Files{FileSystemID: "fs-1", MountPath: "/srv/shared"}
	r.Recipe.Services = []contract.Service{{Name: "nginx"}, {Name: "{{.Vars.fpm}}"}}
	require.NoError(t, r.StartHost(t.Context()))
	unit := r.read(t, "etc/systemd/system/"+contract.UnitName)
	for _, line := range []string{
		"Description=Lectern runtime beside site",
		"After=network-online.target lectern-environment.service nginx.service php8.4-fpm.service",
		"RequiresMountsFor=" + r.Root + "/srv/shared", "User=app", "Group=app", "TimeoutStopSec=105", "KillMode=mixed",
		"ExecStart=/opt/lectern/lectern-runtime host --config /etc/lectern/runtime.json --recipe /etc/lectern/recipe.json",
		"NoNewPrivileges=yes", "CapabilityBoundingSet=", "OOMPolicy=continue",
	} {
		require.Contains(t, unit, "\n"+line+"\n")
	}
	require.NotContains(t, unit, "{")
	require.NotContains(t, unit, "\nMemoryDenyWriteExecute=")
	require.Equal(t, started(contract.UnitName), r.lines())

	r.Facts.Files, r.Recipe.Services = contract.Files{}, nil
	unit, err := r.HostUnit()
	require.NoError(t, err)
	require.NotContains(t, unit, "RequiresMountsFor")
	require.Contains(t, unit, "\nAfter=network-online.target lectern-environment.service\n")
}

func TestWhatWasStartedIsToldAboutAndStopped(t *testing.T) {
	r := newRig(t)
	r.put(t, contract.EnvironmentJSON, `{"PASSWORD":"`+planted+`","MODE":"production"}`)
	r.Recipe.Environment = []contract.Variable{{Name: "PASSWORD", Value: `{{secret "database" "password"}}`}, {Name: "MODE", Value: "production"}}
	r.Recipe.Services = []contract.Service{{Name: "nginx"}, {Name: "site"}, {Name: "never"}}
	r.answer = func(c command.Command) (string, error) {
		if c.Name == "journalctl" {
			return "Started in production.\ncannot log in with " + planted + "\n", nil
		}
		return failing("systemctl restart site")(c)
	}
	require.NoError(t, r.StartEnvironment(t.Context()))
	require.ErrorContains(t, r.StartServices(t.Context()), "systemctl restart site.service: exit status 1: it said why")
	r.forget()
	r.LogUnits(t.Context())
	r.Stop(t.Context())
	var stopped []string
	for _, line := range r.lines() {
		if unit, ok := strings.CutPrefix(line, "systemctl disable --now "); ok {
			stopped = append(stopped, unit)
		}
	}
	require.Equal(t, []string{"site.service", "nginx.service", "lectern-environment.service"}, stopped)
	require.Contains(t, r.log.String(), "cannot log in with [secret]")
	require.Contains(t, r.log.String(), "Started in production.")
	require.NotContains(t, r.log.String(), planted)
}
