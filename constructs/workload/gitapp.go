package workload

import (
	"fmt"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/runtime/contract"
)

// gitApp is code from a git repository, built on every instance.
type gitApp struct {
	plain
	*workload.GitApp
}

func newGitApp(s workload.Settings) Half { return gitApp{GitApp: s.(*workload.GitApp)} }

// Names of what the runtime of the application is made of.
const (
	// migratedDir holds a file for each commit whose migration has run on this instance.
	migratedDir = "/var/lib/lectern-site"
	// appCommand is the script that starts the process of kind command, appUnit the unit that runs it.
	appCommand = siteDir + "/start"
	appUnit    = "lectern-site"
)

// Recipe is what instances become: git, the packages, the code at its commit, the build, and a web server.
func (a gitApp) Recipe(g Given) (contract.Recipe, bool) {
	r := contract.Recipe{
		Distributions: a.distributions(g),
		Directories:   []contract.Directory{{Path: siteDir, Owner: contract.OwnerRoot, Mode: "0755"}},
		Code:          contract.Code{Repository: a.Repository, Ref: a.Ref, Commit: a.Commit, HostKeys: a.HostKeys},
		Environment:   standardEnvironment(g, a.Environment, a.SecretEnvironment),
		Build:         linkUploads(g, a.Uploads),
		CheckPath:     a.Web.HealthPath,
		Jobs:          jobs(a.Jobs),
		DrainSeconds:  a.DrainSeconds,
	}
	if a.Access != workload.AccessNone {
		r.Code.Secret = workload.CodeSecret
	}
	for _, command := range a.Build {
		r.Build = append(r.Build, contract.Command{Run: literal(command), LimitSeconds: a.BuildSeconds})
	}
	if a.Migrate != "" {
		r.Directories = append(r.Directories, contract.Directory{Path: migratedDir, Owner: contract.OwnerApp, Mode: "0700"})
		r.Once = []contract.Once{a.migration()}
	}
	a.serve(&r, g)
	return r, true
}

// migration runs on every new instance, one at a time, before it serves. What has been migrated is known to the
// application's own command alone, so it must do nothing when there is nothing to do; the file only says that this
// instance has asked it.
func (a gitApp) migration() contract.Once {
	marker := migratedDir + "/migrated-" + a.Commit
	return contract.Once{
		Name:  "migrate",
		Check: "test -e " + marker,
		// sh -e ends at "a; b" when a fails, but not at "a && b", which is what the second line is for.
		Run:          literal(a.Migrate) + "\n[ $? -eq 0 ]\ntouch " + marker,
		LimitSeconds: a.BuildSeconds,
	}
}

func (a gitApp) distributions(g Given) map[string]contract.Distribution {
	parts := []map[string]contract.Distribution{
		samePackages("git"),
		{amazonLinux2023: {Packages: a.Packages.AmazonLinux}, debian13: {Packages: a.Packages.Debian}},
	}
	if a.Access == workload.AccessSSH {
		parts = append(parts, map[string]contract.Distribution{
			amazonLinux2023: {Packages: []string{"openssh-clients"}}, debian13: {Packages: []string{"openssh-client"}},
		})
	}
	if a.Web.Kind != workload.WebCommand {
		parts = append(parts, nginxDistributions())
	}
	if a.Web.Kind == workload.WebPHP {
		parts = append(parts, phpDistributions(siteExtensions(g, a.PHP.Extensions), g.DatabaseEngine))
	}
	return joinDistributions(parts...)
}

// serve adds what answers requests.
func (a gitApp) serve(r *contract.Recipe, g Given) {
	if a.Web.Kind == workload.WebCommand {
		r.Files = append(r.Files, contract.File{
			Path: appCommand, Content: "#!/bin/sh -e\n" + literal(a.Web.Command) + "\n", Owner: contract.OwnerRoot, Mode: "0755",
		})
		r.Services = append(r.Services, a.process(g))
		return
	}
	nginx := nginxServer{
		Root: below(a.Web.Root), BodyMiB: a.Web.UploadLimitMiB, RequestSeconds: a.PHP.RequestSeconds, HTTPS: g.PublicHTTPS,
		Locations: siteLocations(a.Web.Kind == workload.WebPHP, a.fallback()),
	}
	if a.Web.Kind == workload.WebPHP {
		php := sitePHP(a.PHP, a.Web.UploadLimitMiB, true)
		r.Files = append(r.Files, sitePHPFiles(php, g)...)
		r.Services = append(r.Services, php.service(siteWritable(g)...))
	}
	r.Files = append(r.Files, nginx.files()...)
	r.Services = append(r.Services, nginx.service())
}

func (a gitApp) fallback() string {
	if a.Web.Fallback == "" && a.Web.Kind == workload.WebPHP {
		return "index.php"
	}
	return a.Web.Fallback
}

// siteWritable are the paths that the application may write to.
func siteWritable(g Given) []string {
	paths := []string{contract.CodeDir}
	if g.FilesPath != "" && g.FilesPath != contract.CodeDir {
		paths = append(paths, g.FilesPath)
	}
	return paths
}

// process is the application's own. It reads its environment once, so it is started anew when a secret has changed.
func (a gitApp) process(g Given) contract.Service {
	settings := []string{
		"CapabilityBoundingSet=",
		"RestrictAddressFamilies=AF_NETLINK", // beside those of hardening: runtimes list network interfaces
	}
	for _, path := range siteWritable(g) {
		settings = append(settings, "ReadWritePaths="+path)
	}
	return contract.Service{
		Name: appUnit,
		Unit: fmt.Sprintf(`[Unit]
Description=The application
Wants=network-online.target %[1]s
After=network-online.target %[1]s
StartLimitIntervalSec=0

[Service]
Type=exec
User={{.User}}
Group={{.User}}
WorkingDirectory={{.CodeDir}}
EnvironmentFile={{.EnvironmentFile}}
ExecStart=%[2]s
Restart=always
RestartSec=2
TimeoutStopSec=%[3]d
LimitNOFILE=65536
SyslogIdentifier=application

[Install]
WantedBy=multi-user.target
`, contract.EnvironmentUnit, appCommand, a.DrainSeconds),
		Settings:      append(settings, hardening...),
		OnEnvironment: contract.ActionRestart,
	}
}
