package workload

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/runtime/contract"
)

// moodleVersion is the newest stable release whose notes could be read when this was written
// (https://moodledev.io/general/releases/5.2/5.2.2, August 2026). 5.2.3 and 5.3.0, the next with long-term support, were
// announced for October 2026: write version in the client file to take them.
const moodleVersion = "5.2.2"

// Names that the two halves of the kind share.
const (
	// MoodleSessionCluster and MoodleApplicationCluster are the Memcached clusters.
	MoodleSessionCluster     = "session"
	MoodleApplicationCluster = "application"
	// MoodleAdminSecret is the password that the first administrator is made with.
	MoodleAdminSecret = "admin"
	// MoodleCronJob is the job that every Moodle has.
	MoodleCronJob = "cron"
	// MoodleDataPath is where the shared files are.
	MoodleDataPath = "/srv/moodledata"
)

// Moodle is the kind "moodle": Moodle 5.1 or later with its files on EFS, sessions and application caches in two
// Memcached clusters, and cron that runs once each minute however many instances there are.
type Moodle struct {
	// Version of Moodle, 5.1 or later. A changed version is installed by new instances: the first of them puts the site
	// into maintenance and upgrades the database.
	Version string `yaml:"version" json:"version"`
	// Repository is the address of the code. A fork holds plugins of your own.
	Repository string `yaml:"repository" json:"repository"`
	// Ref is the tag or branch that instances fetch. Default: the tag of the version, for example v5.2.2.
	Ref string `yaml:"ref" json:"ref"`
	// Commit is what runs: 40 hexadecimal digits, whatever the ref becomes. Required with ref, which may be a branch.
	Commit string `yaml:"commit" json:"commit"`
	// Access is none for a public repository, token for https, or ssh for a deploy key. Token and key go into the
	// secret that the deployment makes, as the field token or sshPrivateKey.
	Access string `yaml:"access" json:"access"`
	// HostKeys are lines of known_hosts for the server of an ssh:// repository, as its owner publishes them.
	HostKeys []string `yaml:"hostKeys" json:"hostKeys"`
	// Admin is the first administrator. Changes after the installation are made in Moodle.
	Admin MoodleAdmin `yaml:"admin" json:"admin"`
	// Site is what the site is called. Changes after the installation are made in Moodle.
	Site MoodleSite `yaml:"site" json:"site"`
	// UploadLimitMiB is the largest file that people may upload.
	UploadLimitMiB int `yaml:"uploadLimitMiB" json:"uploadLimitMiB"`
	// Jobs run on one instance each time, beside Moodle's cron, which is always there.
	Jobs []Job `yaml:"jobs" json:"jobs"`
}

// MoodleAdmin is the first administrator. The password is generated; Secrets Manager has it.
type MoodleAdmin struct {
	// User is the name to sign in with.
	User string `yaml:"user" json:"user"`
	// Email is also where Moodle sends what concerns the site. Required.
	Email string `yaml:"email" json:"email"`
}

// MoodleSite is what the site is called.
type MoodleSite struct {
	// FullName is the name in titles.
	FullName string `yaml:"fullName" json:"fullName"`
	// ShortName stands in menus and in subjects of mail.
	ShortName string `yaml:"shortName" json:"shortName"`
	// Language of the installation and of the site, as Moodle names it: en, de, pt_br.
	Language string `yaml:"language" json:"language"`
}

func newMoodle() Settings {
	return &Moodle{
		Version: moodleVersion, Repository: "https://github.com/moodle/moodle.git", Access: AccessNone,
		Admin:          MoodleAdmin{User: "admin"},
		Site:           MoodleSite{FullName: "Moodle", ShortName: "moodle", Language: "en"},
		UploadLimitMiB: 512,
	}
}

// CodeRef is Ref or the tag of the version.
func (m *Moodle) CodeRef() string { return cmp.Or(m.Ref, "v"+m.Version) }

// CodeSecret names the secret for the repository; empty where it is public.
func (m *Moodle) CodeSecret() string {
	if m.Access == AccessNone {
		return ""
	}
	return CodeSecret
}

// code is the repository as gitapp has one, which knows what may be wrong with it. Tags of versions stay what they are,
// so there a commit may be left out.
func (m *Moodle) code() *GitApp {
	return &GitApp{
		Repository: m.Repository, Ref: m.CodeRef(), Commit: cmp.Or(m.Commit, strings.Repeat("0", 40)),
		Access: m.Access, HostKeys: m.HostKeys,
	}
}

// Keys are the bounds of the settings.
func (*Moodle) Keys() []config.Key {
	line := regexp.MustCompile(`^[^\x00-\x1f]{1,254}$`)
	return append([]config.Key{
		{Path: "workload.version", Pattern: regexp.MustCompile(`^(5\.[1-9][0-9]*|[6-9]\.[0-9]+)\.[0-9]+$`), Noun: "a version of Moodle from 5.1.0", Example: `"` + moodleVersion + `"`},
		{Path: "workload.ref", Pattern: regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}$`), Noun: "a tag or branch", Example: "v" + moodleVersion},
		{Path: "workload.commit", Pattern: regexp.MustCompile(`^[0-9a-f]{40}$`), Noun: "a commit: 40 hexadecimal digits, as git ls-remote prints them", Example: "9fceb02d0ae598e95dc970b74767f19372d61af8"},
		{Path: "workload.access", OneOf: []string{AccessNone, AccessToken, AccessSSH}, Noun: "a kind of access"},
		{Path: "workload.hostKeys", MinItems: 1, MaxItems: 20, Unique: true},
		{Path: "workload.admin.user", Pattern: regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,99}$`), Noun: "a user name in lower case", Example: "admin"},
		{Path: "workload.admin.email", Pattern: regexp.MustCompile(`^[^@\s"'<>]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$`), Noun: "an address of e-mail", Example: "moodle@example.com"},
		{Path: "workload.site.fullName", Pattern: line, Noun: "a name on one line", Example: "Example Academy"},
		{Path: "workload.site.shortName", Pattern: regexp.MustCompile(`^[^\x00-\x1f]{1,100}$`), Noun: "a name of at most 100 characters", Example: "academy"},
		{Path: "workload.site.language", Pattern: regexp.MustCompile(`^[a-z]{2,3}(_[a-z0-9]+)*$`), Noun: "a language of Moodle", Example: "en"},
		{Path: "workload.uploadLimitMiB", Unit: "MiB", Min: 1, Max: 10_240},
	}, jobKeys()...)
}

// Validate checks what the settings say together.
func (m *Moodle) Validate(f config.File) config.Problems {
	var problems config.Problems
	refuse := func(path, found, fix string) { problems = append(problems, f.Problem(path, found, fix)) }
	if m.Admin.Email == "" {
		refuse("workload.admin.email", "the key is missing", "add it, for example: moodle@example.com")
	}
	if c := f.Client; c.Size == "S" && c.Compute.InstanceType == "" {
		refuse("size", "instances of size S have 1 GiB of memory, which carries a handful of people in Moodle", "choose M or above, or state compute.instanceType")
	}
	if m.Admin.User == "guest" {
		refuse("workload.admin.user", "guest is an account that every Moodle has", "choose another name, for example admin")
	}
	if f.Stated("workload.ref") && f.Stated("workload.version") {
		refuse("workload.version", "ref says which code runs, "+m.Ref, "keep one of the two")
	}
	if m.Ref != "" && m.Commit == "" {
		refuse("workload.commit", "the key is missing: every new instance runs the released ref, not what a branch became",
			"add the 40 digits that git ls-remote "+m.Repository+" "+m.Ref+" prints (of a tag, those of the line with ^{} if there is one)")
	}
	for i, job := range m.Jobs {
		if job.Name == MoodleCronJob {
			refuse("workload.jobs["+strconv.Itoa(i)+"].name", "cron is Moodle's own job, which is always there", "choose another name")
		}
	}
	problems = append(problems, m.code().repositoryProblems(f)...)
	problems = append(problems, jobProblems(f, m.Jobs)...)
	return append(problems, tcpNeedsHTTP(f)...)
}

// smtpPort takes mail from those who say who they are, Amazon SES among others.
const smtpPort = 587

// Needs of Moodle.
func (m *Moodle) Needs() Needs {
	code := m.code().Needs()
	return Needs{
		DatabaseEngines:   []string{contract.EnginePostgres},
		DatabaseName:      "moodle",
		CacheEngines:      []string{contract.CacheMemcached},
		MemcachedClusters: []string{MoodleSessionCluster, MoodleApplicationCluster},
		Locks:             true,
		Files:             true,
		FilesPath:         MoodleDataPath,
		Port:              contract.DefaultPort,
		HealthPath:        contract.HealthPath,
		Secrets: append([]Secret{
			{Name: MoodleAdminSecret, Description: "Password of Moodle's first administrator"},
		}, code.Secrets...),
		OutboundPorts: append([]int{smtpPort}, code.OutboundPorts...),
		// Pictures, styles and scripts of themes, which Moodle serves to anybody, with a revision in their address.
		// Files of courses (pluginfile.php) are not among them: who may see those Moodle decides each time.
		CachedPaths: []string{
			"/theme/styles.php/*", "/theme/image.php/*", "/theme/font.php/*", "/theme/javascript.php/*", "/theme/jquery.php/*",
			"/theme/yui_combo.php*", "/lib/javascript.php/*", "/lib/requirejs.php/*",
		},
		// Uploads go to repository and webservice; forms with texts of authors and learners may go to any of the others.
		BodySizeExemptPaths: []string{
			"/admin", "/backup", "/badges", "/blog", "/calendar", "/contentbank", "/course", "/files", "/grade", "/group", "/h5p",
			"/lib/ajax", "/login", "/message", "/mod", "/question", "/r.php", "/repository", "/user", "/webservice",
		},
		BootSeconds:  1800,
		DrainSeconds: 120,
	}
}
