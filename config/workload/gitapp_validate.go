package workload

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/lectern/lectern/config"
)

// Validate checks what the settings say together.
func (g *GitApp) Validate(f config.File) config.Problems {
	problems := g.repositoryProblems(f)
	problems = append(problems, g.webProblems(f)...)
	problems = append(problems, g.commandProblems(f)...)
	problems = append(problems, environmentProblems(f, g.Environment, g.SecretEnvironment)...)
	problems = append(problems, jobProblems(f, g.Jobs)...)
	problems = append(problems, rootIsNotShared(f, "workload.web", g.Web.Root, g.Uploads)...)
	return append(problems, tcpNeedsHTTP(f)...)
}

// scpAddress is git's short form of an ssh address: git@host:path.
var scpAddress = regexp.MustCompile(`^([^/@:\s]+@)?([A-Za-z0-9.-]+):([^/].*)$`)

func (g *GitApp) repositoryProblems(f config.File) config.Problems {
	var problems config.Problems
	refuse := func(key, found, fix string) { problems = append(problems, f.Problem("workload."+key, found, fix)) }
	if g.Commit == "" {
		refuse("commit", "the key is missing: every new instance runs the released ref, not what the branch became",
			fmt.Sprintf("add the 40 digits that git ls-remote %s %s prints (of a tag, those of the line with ^{} if there is one)", g.Repository, g.Ref))
	}
	if strings.Contains(g.Ref, "..") || strings.HasSuffix(g.Ref, "/") || strings.HasSuffix(g.Ref, ".lock") {
		refuse("ref", fmt.Sprintf("%q is not a tag or branch", g.Ref), "write for example v1.0.0")
	}
	scheme, found, fix := repositoryScheme(g.Repository)
	switch {
	case found != "":
		refuse("repository", found, fix)
		return problems
	case scheme == "ssh" && g.Access != AccessSSH:
		refuse("access", fmt.Sprintf("%q does not fit an ssh:// repository", g.Access), "set access: ssh")
	case scheme == "https" && g.Access == AccessSSH:
		refuse("access", "an https:// repository takes no deploy key", "set access: token or none, or write the repository as ssh://git@HOST/PATH")
	}
	host := repositoryHost(g.Repository)
	switch {
	case scheme == "ssh" && len(g.HostKeys) == 0:
		refuse("hostKeys", "an ssh:// repository needs the keys of its server: without them anybody could answer for it",
			fmt.Sprintf("add the lines of ssh-keyscan -p %d %s after comparing them with what its owner publishes", g.repositoryPort(), host))
	case scheme == "https" && len(g.HostKeys) > 0:
		refuse("hostKeys", "only an ssh:// repository has them", "remove the key")
	}
	for i, line := range g.HostKeys {
		if !hostKeyLine.MatchString(line) {
			refuse(fmt.Sprintf("hostKeys[%d]", i), "the text is not a line of known_hosts", fmt.Sprintf("write for example %q", host+" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…"))
		}
	}
	return problems
}

// hostKeyLine is "HOSTS TYPE KEY [COMMENT]". Markers (@cert-authority) are not taken.
var hostKeyLine = regexp.MustCompile(`^[^@#\s]\S* (ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-\S+) AAAA[A-Za-z0-9+/]+={0,2}( .*)?$`)

// repositoryScheme is https or ssh, or what is wrong with the address.
func repositoryScheme(address string) (scheme, found, fix string) {
	const example = "write https://HOST/PATH or ssh://git@HOST/PATH"
	if m := scpAddress.FindStringSubmatch(address); m != nil && !strings.Contains(address, "://") {
		user := m[1]
		if user == "" {
			user = "git@"
		}
		return "", fmt.Sprintf("%q is git's short form of an ssh address", address), fmt.Sprintf("write ssh://%s%s/%s", user, m[2], m[3])
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" || strings.ContainsAny(address, " \t\n'\"\\") || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Sprintf("%q is not the address of a repository", address), example
	}
	password := false
	if u.User != nil {
		_, password = u.User.Password()
	}
	switch {
	case u.Scheme == "https" && u.User != nil, password:
		return "", "the address holds a user or a password", "remove it; with access: token the token goes into the secret that the deployment makes"
	case u.Scheme == "ssh" && u.User == nil:
		return "", fmt.Sprintf("%q does not say as which user", address), "write ssh://git@" + u.Host + u.Path
	case u.Scheme != "https" && u.Scheme != "ssh":
		return "", fmt.Sprintf("%q is neither https:// nor ssh://", address), example
	}
	return u.Scheme, "", ""
}

const (
	httpsPort      = 443
	defaultSSHPort = 22
)

// repositoryPort is the TCP port of the repository's server.
func (g *GitApp) repositoryPort() int {
	u, err := url.Parse(g.Repository)
	if err != nil {
		return httpsPort
	}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		return port
	}
	if u.Scheme == "ssh" {
		return defaultSSHPort
	}
	return httpsPort
}

func repositoryHost(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Hostname()
	}
	return "HOST"
}

func (g *GitApp) webProblems(f config.File) config.Problems {
	var problems config.Problems
	refuse := func(key, found, fix string) { problems = append(problems, f.Problem("workload."+key, found, fix)) }
	if g.Web.Kind == WebCommand {
		if g.Web.Command == "" {
			refuse("web.command", "kind command starts a process, and none is given", "add for example command: node server.js")
		}
		for _, key := range []string{"root", "fallback", "uploadLimitMiB"} {
			if f.Stated("workload.web." + key) {
				refuse("web."+key, "kind command has no nginx", "remove it, or set kind: php or static")
			}
		}
	} else if g.Web.Command != "" {
		refuse("web.command", "only kind command starts a process", "remove it, or set kind: command")
	}
	if g.Web.Kind != WebPHP && f.Stated("workload.php") {
		refuse("php", fmt.Sprintf("kind %s has no PHP-FPM", g.Web.Kind), "remove it, or set web.kind: php")
	}
	return problems
}

func (g *GitApp) commandProblems(f config.File) config.Problems {
	var problems config.Problems
	check := func(path, command string) {
		if found, fix := lineProblem(command); found != "" {
			problems = append(problems, f.Problem(path, found, fix))
		}
	}
	for i, command := range g.Build {
		check(fmt.Sprintf("workload.build[%d]", i), command)
	}
	check("workload.migrate", g.Migrate)
	check("workload.web.command", g.Web.Command)
	return problems
}
