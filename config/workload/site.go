package workload

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/lectern/lectern/config"
)

// UploadsPath is where the file system that instances share is mounted.
const UploadsPath = "/srv/uploads"

// SitePHP is PHP-FPM.
type SitePHP struct {
	// MemoryLimitMiB is what one request may use at most; instances run as many at a time as fit.
	MemoryLimitMiB int `yaml:"memoryLimitMiB" json:"memoryLimitMiB"`
	// RequestSeconds is after how long a request is ended.
	RequestSeconds int `yaml:"requestSeconds" json:"requestSeconds"`
	// Extensions beside curl, gd, intl, mbstring, xml and zip, by the names PHP gives them, for example bcmath. The
	// database's and the cache's are always there.
	Extensions []string `yaml:"extensions" json:"extensions"`
}

func newSitePHP() SitePHP { return SitePHP{MemoryLimitMiB: 128, RequestSeconds: 60} }

func sitePHPKeys(at string) []config.Key {
	return []config.Key{
		{Path: at + ".memoryLimitMiB", Unit: "MiB", Min: 32, Max: 8192},
		{Path: at + ".requestSeconds", Unit: "seconds", Min: 1, Max: 3600},
		{Path: at + ".extensions", MaxItems: 50, Unique: true},
		{Path: at + ".extensions[]", Pattern: regexp.MustCompile(`^[a-z][a-z0-9_]{1,30}$`), Noun: "the name of a PHP extension", Example: "bcmath"},
	}
}

// SiteUploads is a folder of the code that all instances share.
type SiteUploads struct {
	// Path below the code, for example storage/uploads. It becomes a link to the shared file system, whose own path is
	// in FILES_PATH. What the code has in that folder is not used. Default: nothing is shared.
	Path string `yaml:"path" json:"path"`
}

// belowCode is a path below the code. A part that begins with a dot would be .git, or lead out.
var belowCode = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$`)

// documentRoot is belowCode or the code itself.
var documentRoot = regexp.MustCompile(`^(\.|[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*)$`)

// siteKeys are the bounds of what gitapp and codedeploy have both. web is where the keys of the web server are.
func siteKeys(web string) []config.Key {
	return append([]config.Key{
		{Path: web + ".root", Pattern: documentRoot, Noun: `a folder below the code, or "." for all of it`, Example: "public"},
		{Path: web + ".healthPath", Pattern: regexp.MustCompile(`^/[A-Za-z0-9_.~%/-]*$`), Noun: "a path", Example: "/up"},
		{Path: web + ".uploadLimitMiB", Unit: "MiB", Min: 1, Max: 10_240},
		{Path: web + ".fallback", Pattern: belowCode, Noun: "a file below the document root", Example: "index.php"},
		{Path: "workload.uploads.path", Pattern: belowCode, Noun: "a folder below the code", Example: "storage/uploads"},
		{Path: "workload.drainSeconds", Unit: "seconds", Min: 1, Max: 3600},
	}, append(environmentKeys(), jobKeys()...)...)
}

// rootIsNotShared refuses uploads that would hide the web server's folder.
func rootIsNotShared(f config.File, web, root string, uploads SiteUploads) config.Problems {
	if uploads.Path == "" || uploads.Path != root && !strings.HasPrefix(root, uploads.Path+"/") {
		return nil
	}
	return config.Problems{f.Problem("workload.uploads.path", fmt.Sprintf("%s would hide %s.root, %s", uploads.Path, web, root), "choose a folder of its own, for example storage/uploads")}
}

// tcpNeedsHTTP refuses ports of a network load balancer that browsers speak TLS to: it passes connections on as they
// are, and the instances of a site speak HTTP.
func tcpNeedsHTTP(f config.File) config.Problems {
	if f.Client.LoadBalancer.Type != "network" {
		return nil
	}
	const fix = "write ports: [80], and let what stands before it end TLS; or set loadBalancer.type: application"
	if !f.Stated("loadBalancer.ports") {
		return config.Problems{f.Problem("loadBalancer.ports", "a network load balancer passes TLS on port 443 to instances that speak HTTP", fix)}
	}
	var problems config.Problems
	for i, port := range f.Client.LoadBalancer.Ports {
		if port == 443 {
			problems = append(problems, f.Problem(fmt.Sprintf("loadBalancer.ports[%d]", i), "a network load balancer passes TLS on port 443 to instances that speak HTTP", fix))
		}
	}
	return problems
}
