package workload

import (
	"regexp"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/runtime/contract"
)

// GitApp is the kind "gitapp": a web application whose code every instance fetches from a git repository and builds.
// A release is a changed commit in the client file: new instances replace the old ones.
type GitApp struct {
	// Repository is the address of the code: https://HOST/PATH, or ssh://git@HOST/PATH for a deploy key.
	Repository string `yaml:"repository" json:"repository"`
	// Ref is the tag or branch that the commit is on. People read it; instances fetch it.
	Ref string `yaml:"ref" json:"ref"`
	// Commit is what runs: 40 hexadecimal digits, required. Every new instance runs it, not what the branch became.
	Commit string `yaml:"commit" json:"commit"`
	// Access is none for a public repository, token for https, or ssh for a deploy key. Token and key go into the
	// secret that the deployment makes, as the field token or sshPrivateKey.
	Access string `yaml:"access" json:"access"`
	// HostKeys are lines of known_hosts for the server of an ssh:// repository, as its owner publishes them.
	HostKeys []string `yaml:"hostKeys" json:"hostKeys"`
	// Packages of the operating system that build and application need, beside git, nginx and PHP.
	Packages GitAppPackages `yaml:"packages" json:"packages"`
	// Build are commands that make the code ready on every instance, in order, each a line for /bin/sh in the folder of
	// the code, with the environment of the workload.
	Build []string `yaml:"build" json:"build"`
	// BuildSeconds is how long each of them may take.
	BuildSeconds int `yaml:"buildSeconds" json:"buildSeconds"`
	// Migrate is a command for the database that every new instance runs before it serves, one at a time. It does
	// nothing when there is nothing left to do, as migrations of frameworks do.
	Migrate string    `yaml:"migrate" json:"migrate"`
	Web     GitAppWeb `yaml:"web" json:"web"`
	PHP     SitePHP   `yaml:"php" json:"php"`
	// Uploads is a folder of the code that all instances share.
	Uploads SiteUploads `yaml:"uploads" json:"uploads"`
	// Bucket makes an object store for the application; S3_BUCKET names it.
	Bucket bool `yaml:"bucket" json:"bucket"`
	// Jobs run on one instance each time, however many there are.
	Jobs []Job `yaml:"jobs" json:"jobs"`
	// Environment are plain variables by name, beside those that the environment sets itself (DATABASE_URL, REDIS_URL,
	// FILES_PATH, S3_BUCKET, PUBLIC_URL, PORT, …). This file is no place for secrets.
	Environment map[string]string `yaml:"environment" json:"environment"`
	// SecretEnvironment are names of variables whose values are fields of a secret that a person fills in.
	SecretEnvironment []string `yaml:"secretEnvironment" json:"secretEnvironment"`
	// DrainSeconds is how long requests and jobs that have begun may still take when an instance leaves.
	DrainSeconds int `yaml:"drainSeconds" json:"drainSeconds"`
}

// GitAppPackages are names of packages by operating system.
type GitAppPackages struct {
	// AmazonLinux are packages of Amazon Linux 2023, for example nodejs24.
	AmazonLinux []string `yaml:"amazonLinux" json:"amazonLinux"`
	// Debian are packages of Debian 13, for clients with an image of their own (compute.imageId).
	Debian []string `yaml:"debian" json:"debian"`
}

// GitAppWeb is what answers requests.
type GitAppWeb struct {
	// Kind is php (nginx and PHP-FPM), static (nginx) or command (a process of the application's own).
	Kind string `yaml:"kind" json:"kind"`
	// Root is the folder below the code that nginx serves.
	Root string `yaml:"root" json:"root"`
	// Fallback is the file below root that answers for paths that are no files. Default: index.php for php, none for
	// static, where the answer is then 404.
	Fallback string `yaml:"fallback" json:"fallback"`
	// Command starts the process, for kind command; it listens on 127.0.0.1 at the port in the variable PORT.
	Command string `yaml:"command" json:"command"`
	// UploadLimitMiB is the largest request nginx and PHP take. The firewall lets bodies over 8 KiB pass only where
	// edge.waf.bodySizeExemptPaths says so.
	UploadLimitMiB int `yaml:"uploadLimitMiB" json:"uploadLimitMiB"`
	// HealthPath is asked of the application on each instance; an answer below 500 is well.
	HealthPath string `yaml:"healthPath" json:"healthPath"`
}

// Values of GitAppWeb.Kind.
const (
	WebPHP     = "php"
	WebStatic  = "static"
	WebCommand = "command"
)

// Values of GitApp.Access.
const (
	AccessNone  = "none"
	AccessToken = "token"
	AccessSSH   = "ssh"
)

// CodeSecret is the secret that holds the token or key of the repository.
const CodeSecret = "code"

func newGitApp() Settings {
	return &GitApp{
		Access: AccessNone, BuildSeconds: 600, DrainSeconds: 60, PHP: newSitePHP(),
		Web: GitAppWeb{Kind: WebPHP, Root: "public", UploadLimitMiB: 64, HealthPath: "/"},
	}
}

// Keys are the bounds of the settings. The commit is not marked as required: its absence has a better message.
func (*GitApp) Keys() []config.Key {
	packageName := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9+._-]{0,99}$`)
	keys := []config.Key{
		{Path: "workload.repository", Required: true, Example: "https://github.com/example/site.git"},
		{Path: "workload.ref", Required: true, Example: "v1.0.0", Pattern: regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}$`), Noun: "a tag or branch"},
		{Path: "workload.commit", Pattern: regexp.MustCompile(`^[0-9a-f]{40}$`), Noun: "a commit: 40 hexadecimal digits, as git ls-remote prints them", Example: "9fceb02d0ae598e95dc970b74767f19372d61af8"},
		{Path: "workload.access", OneOf: []string{AccessNone, AccessToken, AccessSSH}, Noun: "a kind of access"},
		{Path: "workload.hostKeys", MinItems: 1, MaxItems: 20, Unique: true},
		{Path: "workload.packages.amazonLinux", MaxItems: 100, Unique: true},
		{Path: "workload.packages.amazonLinux[]", Pattern: packageName, Noun: "the name of a package", Example: "nodejs24"},
		{Path: "workload.packages.debian", MaxItems: 100, Unique: true},
		{Path: "workload.packages.debian[]", Pattern: packageName, Noun: "the name of a package", Example: "nodejs"},
		{Path: "workload.build", MaxItems: 50},
		{Path: "workload.buildSeconds", Unit: "seconds", Min: 1, Max: 3600},
		{Path: "workload.web.kind", OneOf: []string{WebPHP, WebStatic, WebCommand}, Noun: "a kind of web server"},
	}
	keys = append(keys, siteKeys("workload.web")...)
	return append(keys, sitePHPKeys("workload.php")...)
}

// Needs of the application. Migrations and jobs are kept apart by locks.
func (g *GitApp) Needs() Needs {
	needs := Needs{
		DatabaseEngines: []string{contract.EnginePostgres, contract.EngineMySQL, contract.EngineMariaDB},
		DatabaseName:    "app",
		CacheEngines:    []string{contract.CacheValkey, contract.CacheNone},
		Bucket:          g.Bucket,
		Port:            contract.DefaultPort,
		HealthPath:      contract.HealthPath,
		Locks:           g.Migrate != "" || len(g.Jobs) > 0,
		Secrets:         appSecrets(g.SecretEnvironment),
		BootSeconds:     g.bootSeconds(),
		DrainSeconds:    g.DrainSeconds,
	}
	if g.Uploads.Path != "" {
		needs.Files, needs.FilesPath = true, UploadsPath
	}
	switch g.Access {
	case AccessToken:
		needs.Secrets = append(needs.Secrets, Secret{Name: CodeSecret, Description: "Token of the code's repository", Fields: []string{"token"}})
	case AccessSSH:
		needs.Secrets = append(needs.Secrets, Secret{Name: CodeSecret, Description: "Deploy key of the code's repository", Fields: []string{"sshPrivateKey"}})
	}
	if port := g.repositoryPort(); port != httpsPort {
		needs.OutboundPorts = []int{port}
	}
	return needs
}

// bootSeconds is room for the build and the migration beside the usual steps: a command within its limit must not cost
// the instance, and one that goes beyond ends the boot at once anyway.
func (g *GitApp) bootSeconds() int {
	const usual, most = 900, 7200
	commands := len(g.Build)
	if g.Migrate != "" {
		commands++
	}
	return min(most, usual+commands*g.BuildSeconds)
}
