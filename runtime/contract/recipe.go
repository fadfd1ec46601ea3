package contract

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
)

// Recipe is what an instance becomes beside the host: packages, files, code, commands, services and jobs of a workload
// that is not ours. The infrastructure writes it as one asset in S3; boot fetches it, checks its SHA-256 and follows it
// in the order of the fields. It holds no secret and nothing that is known only after a deployment: texts marked as
// templates are filled in on the instance (package runtime/host/provision says with what).
type Recipe struct {
	// Distributions are the operating systems that the recipe is written for, by ID and VERSION_ID of
	// /etc/os-release: "amzn-2023", "debian-13". Boot refuses any other.
	Distributions map[string]Distribution `json:"distributions"`
	// Directories that are made, parents included, before anything else.
	Directories []Directory `json:"directories,omitempty"`
	// Installers are fetched and run as root when the program they install is not there.
	Installers []Installer `json:"installers,omitempty"`
	// Code is fetched from git; zero: something else brings it.
	Code Code `json:"code,omitzero"`
	// Environment is what the workload, its commands and its jobs find in their environment.
	Environment []Variable `json:"environment,omitempty"`
	Files       []File     `json:"files,omitempty"`
	// Build is run in CodeDir as AppUser, in order, on every instance.
	Build []Command `json:"build,omitempty"`
	// Once is run as AppUser by one instance of the fleet at a time, in order, while the others wait.
	Once []Once `json:"once,omitempty"`
	// Services are started last, in order.
	Services []Service `json:"services,omitempty"`
	// CheckPath is asked of the workload on UpstreamPort; it is well when the answer is below 500.
	CheckPath string `json:"checkPath"`
	Jobs      []Job  `json:"jobs,omitempty"`
	// DrainSeconds is how long requests and jobs that have begun may still take when the instance leaves.
	DrainSeconds int `json:"drainSeconds"`
}

// Distribution is what differs between operating systems.
type Distribution struct {
	// Packages of the distribution's own package manager.
	Packages []string `json:"packages,omitempty"`
	// Vars are texts that templates use as {{.Vars.NAME}}: paths, unit names.
	Vars map[string]string `json:"vars,omitempty"`
}

// Owners of directories and files.
const (
	OwnerRoot = "root"
	OwnerApp  = "app" // AppUser
)

// Directory is a folder on the instance's disk or on the shared file system.
type Directory struct {
	Path  string `json:"path"` // template
	Owner string `json:"owner"`
	Mode  string `json:"mode"` // octal, "0750"
}

// Installer is a program from outside of the distribution, by a script that its vendor publishes.
type Installer struct {
	Name string `json:"name"`
	// URL of the script or package; template.
	URL string `json:"url"`
	// SHA256 in hexadecimal; empty where the vendor's file changes: then TLS alone vouches for it.
	SHA256 string `json:"sha256,omitempty"`
	// Creates is the path whose existence means that it is installed.
	Creates string `json:"creates"`
	// Run installs it; "{file}" is where URL was saved. No shell.
	Run []string `json:"run"`
}

// Code is a commit of a git repository.
type Code struct {
	Repository string `json:"repository"`       // https://HOST/PATH or ssh://USER@HOST/PATH
	Ref        string `json:"ref"`              // tag or branch that is fetched
	Commit     string `json:"commit,omitempty"` // 40 hexadecimal digits; what is checked out, whatever Ref is by now
	// Secret names the secret (Config.Secrets) with the field sshPrivateKey, or token and, if the server wants one,
	// username; empty: the repository is public.
	Secret string `json:"secret,omitempty"`
	// HostKeys are lines of known_hosts; needed for ssh.
	HostKeys []string `json:"hostKeys,omitempty"`
	// ReadOnly code belongs to root once it is built, with the files of the recipe in it, so that the workload cannot
	// change it. Else it belongs to AppUser.
	ReadOnly bool `json:"readOnly,omitempty"`
}

// Variable of the environment.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"` // template, which may also ask for secrets
}

// File is written whole. The folder must exist.
type File struct {
	Path    string `json:"path"`    // template
	Content string `json:"content"` // template
	Owner   string `json:"owner"`
	Mode    string `json:"mode"` // octal, "0644"
}

// Command is a line for /bin/sh -e.
type Command struct {
	Run          string `json:"run"` // template
	LimitSeconds int    `json:"limitSeconds"`
}

// Once is a command for one instance of the fleet: Check says with status 0 that nothing is left to do; otherwise Run
// is run, under a lock of the fleet, and Check must then succeed.
type Once struct {
	Name         string `json:"name"`
	Check        string `json:"check"` // template
	Run          string `json:"run"`   // template
	LimitSeconds int    `json:"limitSeconds"`
}

// Service is a systemd unit.
type Service struct {
	Name string `json:"name"`           // template, without ".service"
	Unit string `json:"unit,omitempty"` // template; empty: a package brings the unit
	// Settings are further lines of its [Service] section: hardening, limits.
	Settings []string `json:"settings,omitempty"`
	// OnEnvironment is what happens when a secret has changed: ActionRestart, ActionReload or nothing.
	OnEnvironment string `json:"onEnvironment,omitempty"`
}

// Values of Service.OnEnvironment.
const (
	ActionRestart = "restart"
	ActionReload  = "reload"
)

// Job is a command that runs at most once at each time of its schedule, on one instance of the fleet.
type Job struct {
	Name         string `json:"name"`     // a-z, 0-9 and "-"
	Schedule     string `json:"schedule"` // five cron fields, or six with seconds first; UTC
	Run          string `json:"run"`      // template, for /bin/sh -e, as AppUser in CodeDir
	LimitSeconds int    `json:"limitSeconds"`
}

// What a recipe may rely on.
const (
	// AppUser (and group) owns the workload: its code, its environment, its processes. The ids are those of the access
	// point of the shared file system, so that files belong to it there too.
	AppUser = "app"
	AppUID  = 2000
	// CodeDir is where Code is checked out and where commands and jobs run.
	CodeDir = "/srv/app"
	// UpstreamPort on loopback is where the workload answers. The host listens on Config.Port and passes requests on.
	UpstreamPort = 8081
	// EnvironmentDir holds what EnvironmentFile and EnvironmentJSON say; it is in memory, root's, and
	// AppUser's group alone may read it.
	EnvironmentDir = "/run/lectern/app"
	// EnvironmentFile has lines NAME="value" (or NAME='value' where that needs no escapes), as systemd, sh and dotenv read them.
	EnvironmentFile = EnvironmentDir + "/environment"
	// EnvironmentJSON is the same as one JSON object, for programs that read it on every request.
	EnvironmentJSON = EnvironmentDir + "/environment.json"
	// EnvironmentUnit keeps both up to date.
	EnvironmentUnit = "lectern-environment.service"
	// RefreshFile in EnvironmentDir is AppUser's: whoever finds that a password no longer works touches it.
	RefreshFile = EnvironmentDir + "/refresh"
	// RecipePath is the recipe as boot fetched it.
	RecipePath = StateDir + "/recipe.json"
)

// JSON is the asset: indented, for people who look at it.
func (r Recipe) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode recipe: %w", err)
	}
	return append(text, '\n'), nil
}

// ParseRecipe reads a recipe strictly and checks it. The error is a Problems.
func ParseRecipe(data []byte) (Recipe, error) {
	var r Recipe
	if err := decodeStrictly(data, &r); err != nil {
		return Recipe{}, err
	}
	if err := r.Validate(); err != nil {
		return Recipe{}, err
	}
	return r, nil
}

// Validate checks what does not depend on the instance. The error is a Problems.
func (r Recipe) Validate() error {
	var p Problems
	if len(r.Distributions) == 0 {
		p.add("distributions", "is empty; name at least one operating system")
	}
	if !strings.HasPrefix(r.CheckPath, "/") {
		p.add("checkPath", "%q is not a path; use one such as /", r.CheckPath)
	}
	if r.DrainSeconds < 1 {
		p.add("drainSeconds", "%d is no time; use 1 or more", r.DrainSeconds)
	}
	for i, d := range r.Directories {
		p.owned(fmt.Sprintf("directories[%d]", i), d.Path, d.Owner, d.Mode)
	}
	for i, f := range r.Files {
		p.owned(fmt.Sprintf("files[%d]", i), f.Path, f.Owner, f.Mode)
	}
	for i, n := range r.Installers {
		at := fmt.Sprintf("installers[%d].", i)
		p.required(at+"url", n.URL)
		p.required(at+"creates", n.Creates)
		if len(n.Run) == 0 {
			p.add(at+"run", "is empty; it must say what installs %s", n.Name)
		}
	}
	r.Code.validate(&p)
	for i, c := range r.Build {
		p.limit(fmt.Sprintf("build[%d]", i), c.LimitSeconds)
	}
	for i, o := range r.Once {
		p.limit(fmt.Sprintf("once[%d]", i), o.LimitSeconds)
	}
	for i, s := range r.Services {
		p.required(fmt.Sprintf("services[%d].name", i), s.Name)
		if s.OnEnvironment != "" {
			p.oneOf(fmt.Sprintf("services[%d].onEnvironment", i), s.OnEnvironment, ActionRestart, ActionReload)
		}
	}
	names := map[string]bool{}
	for i, j := range r.Jobs {
		at := fmt.Sprintf("jobs[%d]", i)
		p.required(at+".name", j.Name)
		p.required(at+".schedule", j.Schedule)
		p.required(at+".run", j.Run)
		p.limit(at, j.LimitSeconds)
		if names[j.Name] {
			p.add(at+".name", "%q is there twice", j.Name)
		}
		names[j.Name] = true
	}
	if len(p) > 0 {
		return p
	}
	return nil
}

func (c Code) validate(p *Problems) {
	if c.Repository == "" {
		return
	}
	if !slices.ContainsFunc([]string{"https://", "ssh://"}, func(scheme string) bool { return strings.HasPrefix(c.Repository, scheme) }) {
		p.add("code.repository", "%q is neither https:// nor ssh://", c.Repository)
	}
	if u, err := url.Parse(c.Repository); err != nil {
		p.add("code.repository", "is no URL; use https://HOST/PATH or ssh://USER@HOST/PATH")
	} else if _, password := u.User.Password(); password || u.Scheme == "https" && u.User != nil {
		p.add("code.repository", "names a user of %s, whose password or token everybody could read here; put it into a secret", u.Host)
	}
	p.required("code.ref", c.Ref)
	if strings.HasPrefix(c.Repository, "ssh://") && len(c.HostKeys) == 0 {
		p.add("code.hostKeys", "is empty; without the server's keys anybody could answer for it")
	}
}

func (p *Problems) owned(at, file, owner, mode string) {
	if !path.IsAbs(file) && !strings.HasPrefix(file, "{{") {
		p.add(at+".path", "%q is not an absolute path", file)
	}
	p.oneOf(at+".owner", owner, OwnerRoot, OwnerApp)
	if len(mode) != 4 || strings.Trim(mode, "01234567") != "" {
		p.add(at+".mode", "%q is not an octal mode; use one such as 0644", mode)
	}
}

func (p *Problems) limit(at string, seconds int) {
	if seconds < 1 {
		p.add(at+".limitSeconds", "%d is no time; use 1 or more", seconds)
	}
}
