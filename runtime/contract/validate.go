package contract

import (
	"maps"
	"net"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Validate checks a document as an instance sees it, every value resolved. The error is a Problems.
func (c Config) Validate() error {
	var p Problems
	p.required("client", c.Client)
	p.required("workload", c.Workload)
	p.oneOf("role", string(c.Role), string(RoleWeb), string(RoleWorker))
	p.required("region", c.Region)
	if c.Port < 1 || c.Port > 65535 {
		p.add("port", "%d is not a TCP port; use 1 to 65535, usually %d", c.Port, DefaultPort)
	}
	c.Database.validate(&p)
	if c.Recipe == (RecipeSource{}) || c.ObjectStore != (ObjectStore{}) {
		c.ObjectStore.validate(&p)
	}
	c.Cache.validate("cache", &p)
	c.Locks.validate("locks", &p)
	if c.Locks.Engine == CacheMemcached {
		p.add("locks.engine", "%q has no locks; use %q", CacheMemcached, CacheValkey)
	}
	c.Recipe.validate(&p)
	for _, name := range slices.Sorted(maps.Keys(c.Secrets)) {
		p.secret("secrets."+name, c.Secrets[name], true)
	}
	p.queueURL("queue.url", c.Queue.URL, c.Queue.DeadLetterURL != "")
	p.queueURL("queue.deadLetterUrl", c.Queue.DeadLetterURL, false)
	c.Files.validate(&p)
	if c.PublicURL != "" {
		p.baseURL("publicUrl", c.PublicURL)
	}
	if c.PlayerURL != "" {
		p.playerURL("playerUrl", c.PlayerURL, c.PublicURL)
	}
	p.secret("signing.secretArn", c.Signing.SecretARN, false)
	c.Edge.validate(&p, c.Signing)
	if len(p) > 0 {
		return p
	}
	return nil
}

func (d Database) validate(p *Problems) {
	p.oneOf("database.engine", d.Engine, EnginePostgres, EngineMySQL, EngineMariaDB)
	p.host("database.host", d.Host)
	if d.ReadHost != "" {
		p.host("database.readHost", d.ReadHost)
	}
	p.port("database.port", d.Port)
	p.required("database.name", d.Name)
	p.oneOf("database.tlsMode", d.TLSMode, TLSVerifyFull, TLSDisable)
	local := IsLoopback(d.Host) && (d.ReadHost == "" || IsLoopback(d.ReadHost))
	if d.TLSMode == TLSDisable && !local {
		p.add("database.tlsMode", "%q sends passwords and data in the clear to %s; use %q", TLSDisable, d.Host, TLSVerifyFull)
	}
	p.secret("database.secretArn", d.SecretARN, !local)
}

func (o ObjectStore) validate(p *Problems) {
	p.oneOf("objectStore.kind", o.Kind, StoreS3, StoreS3Compatible)
	p.required("objectStore.bucket", o.Bucket)
	p.required("objectStore.region", o.Region)
	switch o.Kind {
	case StoreS3:
		if o.Endpoint != "" {
			p.add("objectStore.endpoint", "%q is set, but kind %q has its endpoint from the region; use kind %q", o.Endpoint, StoreS3, StoreS3Compatible)
		}
		if o.SecretARN != "" {
			p.add("objectStore.secretArn", "is set, but kind %q uses the instance's role; leave it out", StoreS3)
		}
	case StoreS3Compatible:
		p.httpURL("objectStore.endpoint", o.Endpoint)
		p.secret("objectStore.secretArn", o.SecretARN, true)
	}
}

func (c Cache) validate(path string, p *Problems) {
	switch c.Engine {
	case "", CacheNone:
	case CacheValkey:
		p.host(path+".host", c.Host)
		p.port(path+".port", c.Port)
		p.secret(path+".secretArn", c.SecretARN, false)
		if c.SecretARN != "" && !c.TLS && !IsLoopback(c.Host) {
			p.add(path+".tls", "is off, so the auth token would be sent in the clear to %s; set it to true", c.Host)
		}
		if len(c.Clusters) > 0 {
			p.add(path+".clusters", "is for engine %q; with %q give host and port", CacheMemcached, CacheValkey)
		}
	case CacheMemcached:
		if len(c.Clusters) == 0 {
			p.add(path+".clusters", "is empty; engine %q needs at least one", CacheMemcached)
		}
		for i, e := range c.Clusters {
			at := path + ".clusters[" + strconv.Itoa(i) + "]."
			p.required(at+"name", e.Name)
			p.host(at+"host", e.Host)
			p.port(at+"port", e.Port)
		}
	default:
		p.oneOf(path+".engine", c.Engine, CacheValkey, CacheMemcached, CacheNone)
	}
}

func (r RecipeSource) validate(p *Problems) {
	if r == (RecipeSource{}) {
		return
	}
	p.required("recipe.bucket", r.Bucket)
	p.required("recipe.key", r.Key)
	if len(r.SHA256) != 64 || strings.Trim(r.SHA256, "0123456789abcdef") != "" {
		p.add("recipe.sha256", "%q is not a SHA-256 in hexadecimal", r.SHA256)
	}
}

func (f Files) validate(p *Problems) {
	if f == (Files{}) {
		return
	}
	p.required("files.fileSystemId", f.FileSystemID)
	if !path.IsAbs(f.MountPath) || path.Clean(f.MountPath) != f.MountPath || f.MountPath == "/" {
		p.add("files.mountPath", "%q is not a clean absolute path below /; use one such as /srv/shared", f.MountPath)
	}
}

func (e Edge) validate(p *Problems, s Signing) {
	arn := e.KeyValueStoreARN
	if arn == "" {
		return
	}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "cloudfront" || !strings.HasPrefix(parts[5], "key-value-store/") {
		p.add("edge.keyValueStoreArn", "%q does not look like the ARN of a CloudFront KeyValueStore (arn:aws:cloudfront::ACCOUNT:key-value-store/ID)", arn)
	}
	if s.SecretARN == "" {
		p.add("signing.secretArn", "is missing; the edge is given keys that are derived from it")
	}
}

// IsLoopback says whether host names this very machine: a loopback address or the name localhost.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (p *Problems) required(path, value string) {
	switch {
	case strings.TrimSpace(value) == "":
		p.add(path, "is missing; it must be set")
	case strings.Contains(value, "${Token["):
		p.add(path, "%q is an unresolved CDK token; it was written past CloudFormation", value)
	}
}

func (p *Problems) oneOf(path, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	p.add(path, "%q is not known; use %s", value, strings.Join(allowed, " or "))
}

func (p *Problems) host(path, value string) {
	before := len(*p)
	p.required(path, value)
	if len(*p) == before && strings.ContainsAny(value, "/@ \t\n") {
		p.add(path, "%q is not a host name; give the name alone, without scheme, path or user", value)
	}
}

func (p *Problems) port(path, value string) {
	if n, err := strconv.Atoi(value); err != nil || n < 1 || n > 65535 {
		p.add(path, "%q is not a TCP port; use 1 to 65535, as a string", value)
	}
}

func (p *Problems) secret(path, arn string, required bool) {
	switch {
	case arn == "" && required:
		p.add(path, "is missing; give the ARN of a Secrets Manager secret")
	case arn != "" && !isSecretARN(arn):
		p.add(path, "does not look like the ARN of a Secrets Manager secret (arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME); a secret's value never belongs here")
	}
}

func isSecretARN(arn string) bool {
	parts := strings.SplitN(arn, ":", 7)
	return len(parts) == 7 && parts[0] == "arn" && parts[2] == "secretsmanager" && parts[5] == "secret" && parts[6] != ""
}

func (p *Problems) queueURL(path, value string, required bool) {
	if value != "" {
		p.httpURL(path, value)
	} else if required {
		p.add(path, "is missing; a dead-letter queue alone is of no use")
	}
}

func (p *Problems) baseURL(path, value string) {
	before := len(*p)
	p.httpURL(path, value)
	if u, err := url.Parse(value); len(*p) == before && err == nil && (u.Path != "" || u.RawQuery != "" || u.Fragment != "") {
		p.add(path, "%q has something after the host; use %s://%s", value, u.Scheme, u.Host)
	}
}

// playerURL is a base URL whose first label may be "*", and which never is public, where console and API are.
func (p *Problems) playerURL(path, value, public string) {
	before := len(*p)
	p.baseURL(path, value)
	u, err := url.Parse(value)
	if len(*p) > before || err != nil {
		return
	}
	parent, wildcard := strings.CutPrefix(u.Hostname(), "*.")
	switch {
	case parent == "" || strings.Contains(parent, "*"):
		p.add(path, "%q has a * that is no first label; use %s://*.HOST, or no * at all", value, u.Scheme)
	case public == "":
		p.add("publicUrl", "is missing; players must be apart from it")
	default:
		console, err := url.Parse(public)
		if err != nil {
			return // said of publicUrl
		}
		host, parent := strings.ToLower(console.Hostname()), strings.ToLower(parent)
		if !wildcard && host == parent || wildcard && strings.HasSuffix(host, "."+parent) {
			p.add(path, "%q is also where publicUrl is, %s; courses would share an origin with the console and the API", value, console.Hostname())
		}
	}
}

func (p *Problems) httpURL(path, value string) {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		p.add(path, "%q is not a URL; use https://HOST", value)
	case u.Scheme != "https" && (u.Scheme != "http" || !IsLoopback(u.Hostname()) && !strings.HasSuffix(u.Hostname(), ".localhost")): // RFC 6761 6.3
		p.add(path, "%q is not encrypted; use https://%s", value, u.Host)
	}
}
