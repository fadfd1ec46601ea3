package workload

import (
	"regexp"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/runtime/contract"
)

// CodeDeploy is the kind "codedeploy": a PHP site that AWS CodeDeploy ships to the instances. Revisions are put at
// /srv/app, which is what their appspec.yml must name as destination.
type CodeDeploy struct {
	// Code is where instances have the code from: codedeploy (each its own copy, on its own disk) or files (all of them
	// the same, on the shared file system, which is slower; you copy it there yourself).
	Code string        `yaml:"code" json:"code"`
	Web  CodeDeployWeb `yaml:"web" json:"web"`
	PHP  SitePHP       `yaml:"php" json:"php"`
	// DeploymentConfig says how many instances a deployment takes out at a time: a CodeDeployDefault, or the name of a
	// deployment configuration of your own.
	DeploymentConfig string `yaml:"deploymentConfig" json:"deploymentConfig"`
	// Uploads is a folder of the code that all instances share. Revisions hold no file in it: CodeDeploy refuses to write
	// over one that is there already, as it would be from the second instance on.
	Uploads SiteUploads `yaml:"uploads" json:"uploads"`
	// Bucket makes an object store for the site; S3_BUCKET names it.
	Bucket bool `yaml:"bucket" json:"bucket"`
	// Jobs run on one instance each time, however many there are.
	Jobs []Job `yaml:"jobs" json:"jobs"`
	// Environment are plain variables by name, beside those that the environment sets itself (DATABASE_URL, REDIS_URL,
	// FILES_PATH, S3_BUCKET, PUBLIC_URL, …). This file is no place for secrets.
	Environment map[string]string `yaml:"environment" json:"environment"`
	// SecretEnvironment are names of variables whose values are fields of a secret that a person fills in.
	SecretEnvironment []string `yaml:"secretEnvironment" json:"secretEnvironment"`
	// DrainSeconds is how long requests and jobs that have begun may still take when an instance leaves.
	DrainSeconds int `yaml:"drainSeconds" json:"drainSeconds"`
}

// CodeDeployWeb is what answers requests.
type CodeDeployWeb struct {
	// Server is lamp (Apache and PHP-FPM; .htaccess files are read) or lemp (nginx and PHP-FPM).
	Server string `yaml:"server" json:"server"`
	// Root is the folder below the code that is served.
	Root string `yaml:"root" json:"root"`
	// Fallback is the file below root that answers for paths that are no files. Default: index.php for lemp; with lamp
	// it is the site's .htaccess that says so.
	Fallback string `yaml:"fallback" json:"fallback"`
	// UploadLimitMiB is the largest request the web server and PHP take. The firewall lets bodies over 8 KiB pass only
	// where edge.waf.bodySizeExemptPaths says so.
	UploadLimitMiB int `yaml:"uploadLimitMiB" json:"uploadLimitMiB"`
	// HealthPath is asked of the site on each instance; an answer below 500 is well.
	HealthPath string `yaml:"healthPath" json:"healthPath"`
}

// Values of CodeDeployWeb.Server.
const (
	ServerLAMP = "lamp"
	ServerLEMP = "lemp"
)

// Values of CodeDeploy.Code.
const (
	CodeFromRevisions = "codedeploy"
	CodeFromFiles     = "files"
)

func newCodeDeploy() Settings {
	return &CodeDeploy{
		Code: CodeFromRevisions, DeploymentConfig: "CodeDeployDefault.OneAtATime", DrainSeconds: 60, PHP: newSitePHP(),
		Web: CodeDeployWeb{Server: ServerLAMP, Root: "public", UploadLimitMiB: 64, HealthPath: "/"},
	}
}

// Keys are the bounds of the settings.
func (*CodeDeploy) Keys() []config.Key {
	keys := []config.Key{
		{Path: "workload.code", OneOf: []string{CodeFromRevisions, CodeFromFiles}, Noun: "a source of code"},
		{Path: "workload.web.server", OneOf: []string{ServerLAMP, ServerLEMP}, Noun: "a web server"},
		{Path: "workload.deploymentConfig", Pattern: regexp.MustCompile(`^[A-Za-z0-9+=,.@_-]{1,100}$`), Noun: "a deployment configuration", Example: "CodeDeployDefault.HalfAtATime"},
	}
	keys = append(keys, siteKeys("workload.web")...)
	return append(keys, sitePHPKeys("workload.php")...)
}

// Validate checks what the settings say together.
func (c *CodeDeploy) Validate(f config.File) config.Problems {
	problems := environmentProblems(f, c.Environment, c.SecretEnvironment)
	problems = append(problems, jobProblems(f, c.Jobs)...)
	problems = append(problems, rootIsNotShared(f, "workload.web", c.Web.Root, c.Uploads)...)
	problems = append(problems, tcpNeedsHTTP(f)...)
	if region, ok := config.FindRegion(f.Client.Region); ok && region.NoCodeDeployAgent && c.Code == CodeFromRevisions {
		problems = append(problems, f.Problem("region", "AWS documents no bucket with CodeDeploy's agent in "+region.Name, "choose another region, or set workload.code: files"))
	}
	if c.Code == CodeFromFiles {
		for key, found := range map[string]string{
			"uploads.path":     "the code is on the shared file system already, and so is all that is below it",
			"deploymentConfig": "nothing is deployed: the code is on the shared file system",
		} {
			if f.Stated("workload." + key) {
				problems = append(problems, f.Problem("workload."+key, found, "remove it, or set code: codedeploy"))
			}
		}
	}
	if c.Web.Server == ServerLAMP && c.Web.Fallback != "" {
		problems = append(problems, f.Problem("workload.web.fallback", "with lamp the site's .htaccess says what answers", "write FallbackResource /index.php into it, or set server: lemp"))
	}
	return problems
}

// Needs of the site. Sessions of PHP are in the cache, so that every instance knows them.
func (c *CodeDeploy) Needs() Needs {
	needs := Needs{
		DatabaseEngines:   []string{contract.EngineMariaDB, contract.EngineMySQL, contract.EnginePostgres},
		DatabaseName:      "app",
		CacheEngines:      []string{contract.CacheValkey, contract.CacheMemcached, contract.CacheNone},
		MemcachedClusters: []string{"site"},
		Bucket:            c.Bucket,
		Port:              contract.DefaultPort,
		HealthPath:        contract.HealthPath,
		Locks:             len(c.Jobs) > 0,
		Secrets:           appSecrets(c.SecretEnvironment),
		Revisions:         c.Code == CodeFromRevisions,
		DrainSeconds:      c.DrainSeconds,
	}
	switch {
	case c.Code == CodeFromFiles:
		needs.Files, needs.FilesPath = true, contract.CodeDir
	case c.Uploads.Path != "":
		needs.Files, needs.FilesPath = true, UploadsPath
	}
	return needs
}
