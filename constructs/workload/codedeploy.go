package workload

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/runtime/contract"
)

// codeDeploy is a PHP site whose revisions AWS CodeDeploy ships. An instance is well without any: until there is a first
// revision its document root is empty, and what it answers is not found.
type codeDeploy struct{ *workload.CodeDeploy }

func newCodeDeploy(s workload.Settings) Half { return codeDeploy{s.(*workload.CodeDeploy)} }

// agentUnit is CodeDeploy's agent, agentProgram what its installer makes.
const (
	agentUnit    = "codedeploy-agent"
	agentProgram = "/opt/codedeploy-agent/bin/codedeploy-agent"
)

// Recipe is what instances become: web server, PHP and, last of all, the agent. CodeDeploy gives a new instance the
// revision that was deployed last as soon as the agent asks for it.
func (c codeDeploy) Recipe(g Given) (contract.Recipe, bool) {
	r := contract.Recipe{
		Directories:  []contract.Directory{{Path: siteDir, Owner: contract.OwnerRoot, Mode: "0755"}},
		Environment:  standardEnvironment(g, c.Environment, c.SecretEnvironment),
		Build:        linkUploads(g, c.Uploads),
		CheckPath:    c.Web.HealthPath,
		Jobs:         jobs(c.Jobs),
		DrainSeconds: c.DrainSeconds,
	}
	php := sitePHP(c.PHP, c.Web.UploadLimitMiB, false) // revisions change under a running PHP
	r.Files = sitePHPFiles(php, g)
	r.Services = []contract.Service{php.service(siteWritable(g)...)}

	packages := phpDistributions(siteExtensions(g, c.PHP.Extensions), g.DatabaseEngine)
	if c.Web.Server == workload.ServerLAMP {
		apache := apacheServer{Root: below(c.Web.Root), BodyMiB: c.Web.UploadLimitMiB, RequestSeconds: c.PHP.RequestSeconds, HTTPS: g.PublicHTTPS}
		if c.Uploads.Path != "" {
			apache.Uploads = below(c.Uploads.Path)
		}
		packages = joinDistributions(packages, apacheDistributions())
		r.Files = append(r.Files, apache.files()...)
		r.Services = append(r.Services, apache.service())
	} else {
		nginx := nginxServer{
			Root: below(c.Web.Root), BodyMiB: c.Web.UploadLimitMiB, RequestSeconds: c.PHP.RequestSeconds, HTTPS: g.PublicHTTPS,
			Locations: siteLocations(true, c.fallback()),
		}
		packages = joinDistributions(packages, nginxDistributions())
		r.Files = append(r.Files, nginx.files()...)
		r.Services = append(r.Services, nginx.service())
	}
	if c.Code == workload.CodeFromRevisions {
		packages = joinDistributions(packages, agentDistributions())
		r.Installers = []contract.Installer{agent()}
		r.Services = append(r.Services, contract.Service{Name: agentUnit})
	}
	r.Distributions = packages
	return r, true
}

// agentDistributions are what the agent's installer, and the agent, run on. AWS packages version 1.8 for Amazon Linux
// and Ubuntu, with Ruby up to 3.2, which Debian 13 does not have: an image with Debian brings the agent.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/codedeploy-agent.html
func agentDistributions() map[string]contract.Distribution {
	return map[string]contract.Distribution{amazonLinux2023: {Packages: []string{"ruby3.2"}}, debian13: {}}
}

func (c codeDeploy) fallback() string {
	if c.Web.Fallback == "" {
		return "index.php"
	}
	return c.Web.Fallback
}

// agent installs CodeDeploy's agent by AWS's script, which has no published checksum, unless the image has the agent. Below
// latest/ is version 1.8; version 2, below latestv2/, is being rolled out and is not in every region yet. The script starts the agent, which
// would then deploy before there is a web server for the hooks of a revision to talk to: a condition that is not met
// makes systemd skip that start, and the recipe's last service is the one that counts.
//
// https://docs.aws.amazon.com/codedeploy/latest/userguide/codedeploy-agent-operations-install-linux.html
// https://docs.aws.amazon.com/codedeploy/latest/userguide/codedeploy-agent-operations.html (rollout of version 2)
func agent() contract.Installer {
	const later = `dropin=/run/systemd/system/` + agentUnit + `.service.d
trap 'rm -rf "$dropin"; systemctl daemon-reload' EXIT
mkdir -p "$dropin"
printf '[Unit]\nConditionPathExists=/nonexistent\n' >"$dropin/later.conf"
systemctl daemon-reload
"$0" auto`
	return contract.Installer{
		Name:    agentUnit,
		URL:     "https://aws-codedeploy-{{.Region}}.s3.{{.Region}}.amazonaws.com/latest/install",
		Creates: agentProgram,
		Run:     []string{"/bin/sh", "-ec", later, "{file}"},
	}
}

// Grants let the agent's installer and the agent read AWS's own bucket. Revisions are in another, which instances may
// read anyway.
func (c codeDeploy) Grants(scope constructs.Construct) []grant.Statement {
	if c.Code != workload.CodeFromRevisions {
		return nil
	}
	region := *cdk.Stack_Of(scope).Region()
	return []grant.Statement{{Actions: []string{"s3:GetObject"}, Resources: []*string{new("arn:aws:s3:::aws-codedeploy-" + region + "/*")}}}
}
