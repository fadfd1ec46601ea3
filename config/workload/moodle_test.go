package workload_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/workload"
)

// roomy makes size S of the common lines large enough for Moodle.
const roomy = "compute: {instanceType: m7g.large}\n"

func TestMoodleNeeds(t *testing.T) {
	settings, needs, problems := workload.For(parse(t, roomy+"workload: {kind: moodle, admin: {email: ops@example.com}}\n"))
	require.Empty(t, problems)
	require.Equal(t, []string{"postgres"}, needs.DatabaseEngines)
	require.Equal(t, []string{"memcached"}, needs.CacheEngines)
	require.Equal(t, []string{"session", "application"}, needs.MemcachedClusters)
	require.True(t, needs.Locks, "cron runs once")
	require.True(t, needs.Files)
	require.Equal(t, "/srv/moodledata", needs.FilesPath)
	require.Equal(t, []workload.Secret{{Name: "admin", Description: "Password of Moodle's first administrator"}}, needs.Secrets)
	require.Equal(t, []int{587}, needs.OutboundPorts)
	require.Contains(t, needs.BodySizeExemptPaths, "/repository")
	require.Contains(t, needs.CachedPaths, "/theme/styles.php/*")
	for _, path := range needs.CachedPaths {
		require.NotContains(t, path, "pluginfile", "files of courses are for those who may see them")
	}
	moodle := settings.(*workload.Moodle)
	require.Equal(t, "v"+moodle.Version, moodle.CodeRef())
	require.Empty(t, moodle.CodeSecret())

	settings, needs, problems = workload.For(parse(t, roomy+`workload:
  kind: moodle
  repository: ssh://git@code.example.com:2222/moodle.git
  ref: academy
  commit: 9fceb02d0ae598e95dc970b74767f19372d61af8
  access: ssh
`+hostKey+"  admin: {email: ops@example.com}\n"))
	require.Empty(t, problems)
	moodle = settings.(*workload.Moodle)
	require.Equal(t, "academy code", moodle.CodeRef()+" "+moodle.CodeSecret())
	require.Equal(t, []int{587, 2222}, needs.OutboundPorts)
	require.Equal(t, workload.Secret{Name: "code", Description: "Deploy key of the code's repository", Fields: []string{"sshPrivateKey"}}, needs.Secrets[1])
}

func TestProblemsOfMoodles(t *testing.T) {
	const email = "  admin: {email: ops@example.com}\n"
	for name, tc := range map[string]struct{ size, lines, problem string }{
		"no address": {roomy, "", "workload.admin.email: the key is missing; add it, for example: moodle@example.com"},
		"address":    {roomy, "  admin: {email: ops}\n", `workload.admin.email: "ops" is not an address of e-mail; write for example moodle@example.com`},
		"guest":      {roomy, "  admin: {email: ops@example.com, user: guest}\n", "workload.admin.user: guest is an account that every Moodle has; choose another name, for example admin"},
		"too old":    {roomy, email + "  version: 5.0.4\n", `workload.version: "5.0.4" is not a version of Moodle from 5.1.0; write for example "5.2.2"`},
		"both":       {roomy, email + "  version: 5.2.2\n  ref: main\n  commit: 9fceb02d0ae598e95dc970b74767f19372d61af8\n", "workload.version: ref says which code runs, main; keep one of the two"},
		"commit":     {roomy, email + "  ref: main\n", "workload.commit: the key is missing: every new instance runs the released ref, not what a branch became; add the 40 digits that git ls-remote https://github.com/moodle/moodle.git main prints (of a tag, those of the line with ^{} if there is one)"},
		"cron":       {roomy, email + "  jobs: [{name: cron, schedule: '* * * * *', command: 'true'}]\n", "workload.jobs[0].name: cron is Moodle's own job, which is always there; choose another name"},
		"repository": {roomy, email + "  repository: git@github.com:example/moodle.git\n", `workload.repository: "git@github.com:example/moodle.git" is git's short form of an ssh address; write ssh://git@github.com/example/moodle.git`},
		"access":     {roomy, email + "  access: ssh\n", "workload.access: an https:// repository takes no deploy key; set access: token or none, or write the repository as ssh://git@HOST/PATH"},
		"language":   {roomy, email + "  site: {language: English}\n", `workload.site.language: "English" is not a language of Moodle; write for example en`},
		"upload":     {roomy, email + "  uploadLimitMiB: 0\n", "workload.uploadLimitMiB: 0 is out of range; choose a number of MiB from 1 to 10240"},
		"size":       {"", email, "size: instances of size S have 1 GiB of memory, which carries a handful of people in Moodle; choose M or above, or state compute.instanceType"},
	} {
		_, _, problems := workload.For(parse(t, tc.size+"workload:\n  kind: moodle\n"+tc.lines))
		require.Len(t, problems, 1, "%s: %s", name, problems)
		require.Contains(t, problems[0].String(), ": "+tc.problem, name)
	}
}
