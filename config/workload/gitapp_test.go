package workload_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/workload"
)

// release are the keys that a gitapp needs.
const release = "  repository: https://github.com/example/site.git\n  ref: v1.0.0\n  commit: 9fceb02d0ae598e95dc970b74767f19372d61af8\n"

const hostKey = "  hostKeys: [github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl]\n"

func TestGitAppNeeds(t *testing.T) {
	settings, needs, problems := workload.For(parse(t, "workload:\n  kind: gitapp\n"+release))
	require.Empty(t, problems)
	require.Equal(t, workload.Needs{
		DatabaseEngines: []string{"postgres", "mysql", "mariadb"}, DatabaseName: "app", CacheEngines: []string{"valkey", "none"},
		Port: 8080, HealthPath: "/api/health", BootSeconds: 900, DrainSeconds: 60,
	}, needs)
	app := settings.(*workload.GitApp)
	require.Equal(t, "php public none", app.Web.Kind+" "+app.Web.Root+" "+app.Access)

	_, needs, problems = workload.For(parse(t, `workload:
  kind: gitapp
  repository: ssh://git@code.example.com:2222/site.git
  ref: main
  commit: 9fceb02d0ae598e95dc970b74767f19372d61af8
  access: ssh
`+hostKey+`  build: [make, make install]
  migrate: bin/migrate
  uploads: {path: storage/uploads}
  bucket: true
  secretEnvironment: [APP_KEY]
  drainSeconds: 300
`))
	require.Empty(t, problems)
	require.Equal(t, workload.Needs{
		DatabaseEngines: []string{"postgres", "mysql", "mariadb"}, DatabaseName: "app", CacheEngines: []string{"valkey", "none"},
		Port: 8080, HealthPath: "/api/health", BootSeconds: 2700, DrainSeconds: 300,
		Bucket: true, Files: true, FilesPath: "/srv/uploads", Locks: true, OutboundPorts: []int{2222},
		Secrets: []workload.Secret{
			{Name: "app", Description: "Variables of the application's environment", Fields: []string{"APP_KEY"}},
			{Name: "code", Description: "Deploy key of the code's repository", Fields: []string{"sshPrivateKey"}},
		},
	}, needs)

	_, needs, problems = workload.For(parse(t, "workload:\n  kind: gitapp\n"+release+"  access: token\n  jobs: [{name: a, schedule: '* * * * *', command: 'true'}]\n"))
	require.Empty(t, problems)
	require.Equal(t, []string{"token"}, needs.Secrets[0].Fields)
	require.True(t, needs.Locks, "jobs are kept apart by locks")
	require.Empty(t, needs.OutboundPorts)

	_, needs, problems = workload.For(parse(t, "workload:\n  kind: gitapp\n"+strings.Replace(release, "github.com", "code.example.com:8443", 1)))
	require.Empty(t, problems)
	require.Equal(t, []int{8443}, needs.OutboundPorts)
}

func TestProblemsOfGitApps(t *testing.T) {
	const commit = "  commit: 9fceb02d0ae598e95dc970b74767f19372d61af8\n"
	for name, tc := range map[string]struct{ lines, problems string }{
		"nothing": {"", `2 problems:
  demo.yaml:5: workload.ref: the key is missing; add for example ref: v1.0.0
  demo.yaml:5: workload.repository: the key is missing; add for example repository: https://github.com/example/site.git`},
		"no commit": {"  repository: https://github.com/example/site.git\n  ref: main\n", `1 problem:
  demo.yaml:5: workload.commit: the key is missing: every new instance runs the released ref, not what the branch became; add the 40 digits that git ls-remote https://github.com/example/site.git main prints (of a tag, those of the line with ^{} if there is one)`},
		"a short commit": {"  repository: https://github.com/example/site.git\n  ref: main\n  commit: 9fceb02\n", `1 problem:
  demo.yaml:9: workload.commit: "9fceb02" is not a commit: 40 hexadecimal digits, as git ls-remote prints them; write for example 9fceb02d0ae598e95dc970b74767f19372d61af8`},
		"git's short form": {"  repository: git@github.com:example/site.git\n  ref: main\n" + commit, `1 problem:
  demo.yaml:7: workload.repository: "git@github.com:example/site.git" is git's short form of an ssh address; write ssh://git@github.com/example/site.git`},
		"the short form of nobody": {"  repository: github.com:example/site.git\n  ref: main\n" + commit, `1 problem:
  demo.yaml:7: workload.repository: "github.com:example/site.git" is git's short form of an ssh address; write ssh://git@github.com/example/site.git`},
		"in the clear": {"  repository: http://github.com/example/site.git\n  ref: main\n" + commit, `1 problem:
  demo.yaml:7: workload.repository: "http://github.com/example/site.git" is neither https:// nor ssh://; write https://HOST/PATH or ssh://git@HOST/PATH`},
		"a token in the address": {"  repository: https://x:t0ken@github.com/example/site.git\n  ref: main\n" + commit, `1 problem:
  demo.yaml:7: workload.repository: the address holds a user or a password; remove it; with access: token the token goes into the secret that the deployment makes`},
		"no path": {"  repository: https://github.com/\n  ref: ../main\n" + commit, `1 problem:
  demo.yaml:8: workload.ref: "../main" is not a tag or branch; write for example v1.0.0`},
		"no path, once more": {"  repository: https://github.com/\n  ref: a..b\n" + commit, `2 problems:
  demo.yaml:7: workload.repository: "https://github.com/" is not the address of a repository; write https://HOST/PATH or ssh://git@HOST/PATH
  demo.yaml:8: workload.ref: "a..b" is not a tag or branch; write for example v1.0.0`},
		"ssh without a user, keys or access": {"  repository: ssh://code.example.com/site.git\n  ref: main\n" + commit, `1 problem:
  demo.yaml:7: workload.repository: "ssh://code.example.com/site.git" does not say as which user; write ssh://git@code.example.com/site.git`},
		"ssh without keys or access": {"  repository: ssh://git@code.example.com:2222/site.git\n  ref: main\n" + commit, `2 problems:
  demo.yaml:5: workload.access: "none" does not fit an ssh:// repository; set access: ssh
  demo.yaml:5: workload.hostKeys: an ssh:// repository needs the keys of its server: without them anybody could answer for it; add the lines of ssh-keyscan -p 2222 code.example.com after comparing them with what its owner publishes`},
		"a deploy key for https": {release + "  access: ssh\n" + hostKey, `2 problems:
  demo.yaml:10: workload.access: an https:// repository takes no deploy key; set access: token or none, or write the repository as ssh://git@HOST/PATH
  demo.yaml:11: workload.hostKeys: only an ssh:// repository has them; remove the key`},
		"a host key that is none": {"  repository: ssh://git@code.example.com/site.git\n  ref: main\n  access: ssh\n  hostKeys: ['SHA256:uNiVztksCsDhcc0u9e8BrJQXVUpKZIDTMczCvj3tD2s']\n" + commit, `1 problem:
  demo.yaml:10: workload.hostKeys[0]: the text is not a line of known_hosts; write for example "code.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…"`},
		"a command for PHP": {release + "  web: {command: node server.js}\n", `1 problem:
  demo.yaml:10: workload.web.command: only kind command starts a process; remove it, or set kind: command`},
		"no command": {release + "  web: {kind: command, root: dist}\n  php: {memoryLimitMiB: 256}\n", `3 problems:
  demo.yaml:10: workload.web.command: kind command starts a process, and none is given; add for example command: node server.js
  demo.yaml:10: workload.web.root: kind command has no nginx; remove it, or set kind: php or static
  demo.yaml:11: workload.php: kind command has no PHP-FPM; remove it, or set web.kind: php`},
		"paths that lead out": {release + "  web: {root: ../etc, healthPath: up}\n  uploads: {path: .git}\n", `3 problems:
  demo.yaml:10: workload.web.healthPath: "up" is not a path; write for example /up
  demo.yaml:10: workload.web.root: "../etc" is not a folder below the code, or "." for all of it; write for example public
  demo.yaml:11: workload.uploads.path: ".git" is not a folder below the code; write for example storage/uploads`},
		"uploads over the root": {release + "  web: {root: public/site}\n  uploads: {path: public}\n", `1 problem:
  demo.yaml:11: workload.uploads.path: public would hide workload.web.root, public/site; choose a folder of its own, for example storage/uploads`},
		"a build of several lines": {release + "  build: [\"make\\nmake install\"]\n  migrate: \"a\\nb\"\n", `2 problems:
  demo.yaml:10: workload.build[0]: the command has several lines; join them with &&, or put them into a script of the code
  demo.yaml:11: workload.migrate: the command has several lines; join them with &&, or put them into a script of the code`},
	} {
		_, _, problems := workload.For(parse(t, "workload:\n  kind: gitapp\n"+tc.lines))
		require.Equal(t, tc.problems, problems.String(), name)
	}
}
