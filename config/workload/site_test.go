package workload_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/workload"
)

func TestProblemsOfJobs(t *testing.T) {
	_, _, problems := workload.For(parse(t, `workload:
  kind: codedeploy
  jobs:
    - {name: tidy-up, schedule: "*/5 * * * *", command: bin/tidy}
    - {name: tidy-up, schedule: "0 0 30 2 *", command: bin/tidy}
    - {name: mail, schedule: "every day", command: "bin/mail\nbin/other"}
`))
	require.Equal(t, `4 problems:
  demo.yaml:9: workload.jobs[1].name: "tidy-up" is also the name of job 1; every job has its own name
  demo.yaml:9: workload.jobs[1].schedule: "0 0 30 2 *" never comes; look at the day and the month, and where steps begin
  demo.yaml:10: workload.jobs[2].command: the command has several lines; join them with &&, or put them into a script of the code
  demo.yaml:10: workload.jobs[2].schedule: "every day" has 2 fields; a schedule has five, or six with seconds first; write for example "*/5 * * * *" (every five minutes) or "30 2 * * *" (02:30 UTC)`, problems.String())

	_, _, problems = workload.For(parse(t, `workload:
  kind: codedeploy
  jobs:
    - {name: Tidy, schedule: "* * * * *", command: bin/tidy, limitSeconds: 0}
    - {schedule: "* * * * *"}
`))
	require.Equal(t, `4 problems:
  demo.yaml:8: workload.jobs[0].limitSeconds: 0 is out of range; choose a number of seconds from 1 to 86400
  demo.yaml:8: workload.jobs[0].name: "Tidy" is not a name of a-z, 0-9 and "-", beginning with a letter; write for example tidy-up
  demo.yaml:9: workload.jobs[1].command: the key is missing; add for example command: php artisan schedule:run
  demo.yaml:9: workload.jobs[1].name: the key is missing; add for example name: tidy-up`, problems.String())
}

func TestProblemsOfTheEnvironment(t *testing.T) {
	_, _, problems := workload.For(parse(t, `workload:
  kind: codedeploy
  environment:
    APP_ENV: production
    app-env: production
    DATABASE_URL: mysql://localhost
    HOME: /root
    LECTERN_MODE: x
    MAIL_PASSWORD: hunter2
    MOTD: "a\nb"
    TWICE: x
  secretEnvironment: [API_TOKEN, TWICE, REDIS_URL]
`))
	require.Equal(t, `8 problems:
  demo.yaml:9: workload.environment.app-env: "app-env" is not the name of a variable; use A-Z, 0-9 and _, for example APP_ENV
  demo.yaml:10: workload.environment.DATABASE_URL: DATABASE_URL is set by the environment itself; remove it, or choose another name; your code may read DATABASE_URL
  demo.yaml:11: workload.environment.HOME: HOME belongs to the operating system; choose another name, or set it in the command that needs it
  demo.yaml:12: workload.environment.LECTERN_MODE: LECTERN_MODE begins with LECTERN_, which is reserved; choose another name
  demo.yaml:13: workload.environment.MAIL_PASSWORD: the name is that of a secret, and this file is not a place for one; put the name into workload.secretEnvironment, and the value into the secret that the deployment makes
  demo.yaml:14: workload.environment.MOTD: the value has several lines; write it on one
  demo.yaml:16: workload.secretEnvironment[1]: TWICE is also in workload.environment; keep one of the two
  demo.yaml:16: workload.secretEnvironment[2]: REDIS_URL is set by the environment itself; remove it, or choose another name; your code may read REDIS_URL`, problems.String())
	require.NotContains(t, problems.String(), "hunter2")
}

func TestCodeDeployNeeds(t *testing.T) {
	_, needs, problems := workload.For(parse(t, "workload: codedeploy\n"))
	require.Empty(t, problems)
	require.Equal(t, workload.Needs{
		DatabaseEngines: []string{"mariadb", "mysql", "postgres"}, DatabaseName: "app",
		CacheEngines: []string{"valkey", "memcached", "none"}, MemcachedClusters: []string{"site"},
		Port: 8080, HealthPath: "/api/health", Revisions: true, DrainSeconds: 60,
	}, needs)

	_, needs, problems = workload.For(parse(t, "workload: {kind: codedeploy, code: files, web: {server: lemp}}\n"))
	require.Empty(t, problems)
	require.Equal(t, "/srv/app", needs.FilesPath, "the code is on the shared file system")
	require.False(t, needs.Revisions)
}

func TestProblemsOfCodeDeploy(t *testing.T) {
	_, _, problems := workload.For(parse(t, "workload:\n  kind: codedeploy\n  code: files\n  deploymentConfig: CodeDeployDefault.AllAtOnce\n  uploads: {path: uploads}\n  web: {fallback: index.php}\n"))
	require.Equal(t, `3 problems:
  demo.yaml:8: workload.deploymentConfig: nothing is deployed: the code is on the shared file system; remove it, or set code: codedeploy
  demo.yaml:9: workload.uploads.path: the code is on the shared file system already, and so is all that is below it; remove it, or set code: codedeploy
  demo.yaml:10: workload.web.fallback: with lamp the site's .htaccess says what answers; write FallbackResource /index.php into it, or set server: lemp`, problems.String())
}

// A network load balancer hands TLS to instances, which have no certificate.
func TestNetworkLoadBalancersOfSites(t *testing.T) {
	const network = "domain: {name: www.example.org, zoneId: Z0123456789ABCDEFGHIJ}\nedge: {cdn: false, waf: {enabled: false}}\nreasons: {edge.waf.enabled: a web ACL cannot protect it}\n"
	for ports, want := range map[string]string{
		"": `1 problem:
  demo.yaml:9: loadBalancer.ports: a network load balancer passes TLS on port 443 to instances that speak HTTP; write ports: [80], and let what stands before it end TLS; or set loadBalancer.type: application`,
		", ports: [80, 443]": `1 problem:
  demo.yaml:9: loadBalancer.ports[1]: a network load balancer passes TLS on port 443 to instances that speak HTTP; write ports: [80], and let what stands before it end TLS; or set loadBalancer.type: application`,
		", ports: [80]": "no problems",
	} {
		_, _, problems := workload.For(parse(t, "workload: codedeploy\n"+network+"loadBalancer: {type: network"+ports+"}\n"))
		require.Equal(t, want, problems.String())
	}
}
