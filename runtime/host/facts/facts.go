// Package facts is what a recipe's templates may say: the configuration of the instance, what the machine is, and where
// the runtime puts things. Templates are Go's text/template; what they name and nobody knows is an error.
//
//	server_name {{host .PublicURL}};
//	pm.max_children = {{max 4 (div .MemoryMiB 80)}}
//	DATABASE_HOST={{.Database.Host}}
//	{{if eq .LockStore.Engine "valkey"}}redis{{end}}
//
// Besides the functions of text/template (urlquery among them) there are
//
//	add sub mul div min max   whole numbers: {{div .MemoryMiB 4}}, {{max 2 .CPUs}}
//	host URL                  the host of a URL, without port: {{host .PublicURL}}
//	memcached NAME            "host:port" of a Memcached cluster of the configuration
//	shellquote TEXT           TEXT as one word for sh
//	secret NAME FIELD         only in values of the environment; see RenderWith
package facts

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/lectern/lectern/runtime/contract"
)

// Facts are the data of every template.
type Facts struct {
	contract.Config
	CPUs       int    // of the machine, hardware threads
	MemoryMiB  int    // of the machine, as the kernel has it: a little less than the instance type's
	InstanceID string // empty where nobody asked
	// Vars are those of the recipe for this operating system.
	Vars            map[string]string
	CodeDir         string // contract.CodeDir
	User            string // contract.AppUser
	EnvironmentFile string // contract.EnvironmentFile
	EnvironmentJSON string // contract.EnvironmentJSON
	// CABundle is a PEM file with the authorities that the database's certificate is checked against.
	CABundle     string
	UpstreamPort int // contract.UpstreamPort
}

// Gather finds out what the machine is. root is the directory that stands for / (empty: /). It fails on an operating
// system that the recipe is not written for.
func Gather(c contract.Config, r contract.Recipe, instanceID, root string) (Facts, error) {
	_, d, err := Distribution(r, root)
	if err != nil {
		return Facts{}, err
	}
	const meminfo = "/proc/meminfo" // the kernel's, whatever root is
	text, err := os.ReadFile(meminfo)
	if err != nil {
		return Facts{}, err
	}
	memory, err := parseMeminfo(string(text))
	if err != nil {
		return Facts{}, fmt.Errorf("read %s: %w", meminfo, err)
	}
	vars := d.Vars
	if vars == nil {
		vars = map[string]string{}
	}
	return Facts{
		Config: c, CPUs: runtime.NumCPU(), MemoryMiB: memory, InstanceID: instanceID, Vars: vars,
		CodeDir: contract.CodeDir, User: contract.AppUser,
		EnvironmentFile: contract.EnvironmentFile, EnvironmentJSON: contract.EnvironmentJSON,
		CABundle: caBundle(c.Database.Host, root), UpstreamPort: contract.UpstreamPort,
	}, nil
}

// parseMeminfo is MemTotal in MiB. https://man7.org/linux/man-pages/man5/proc_meminfo.5.html
func parseMeminfo(text string) (int, error) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 3 && words[0] == "MemTotal:" && words[2] == "kB" {
			kib, err := strconv.Atoi(words[1])
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("there is no line %q", "MemTotal: N kB")
}

// systemBundles are where distributions keep the authorities that they trust, in one file: Debian's and Fedora's family.
var systemBundles = [...]string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}

// caBundle is the bundle of Amazon RDS for its own hosts and the system's for any other. Where neither of the system's is
// there yet, the first is named: the package ca-certificates brings it.
func caBundle(databaseHost, root string) string {
	if HasRDSAuthority(databaseHost) {
		return contract.CABundlePath
	}
	for _, name := range systemBundles {
		if _, err := os.Stat(filepath.Join("/", root, name)); err == nil {
			return name
		}
	}
	return systemBundles[0]
}

// HasRDSAuthority says whether the server called host shows a certificate of Amazon RDS's own authorities: instances and
// clusters do, RDS Proxy (NAME.proxy-ID.REGION.rds.amazonaws.com) has one of ACM, anything else one the system knows.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.howitworks.html#rds-proxy-security.tls
func HasRDSAuthority(host string) bool {
	host = strings.ToLower(host)
	aws := strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn")
	return aws && strings.Contains(host, ".rds.") && !strings.Contains(host, ".proxy-")
}
