// Package imports_test enforces who may import whom.
package imports_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/lectern/lectern/"

// rules say, for the packages below a folder, which of our own packages and which
// modules they may import. The standard library is always allowed. The first rule
// that matches a package holds.
var rules = []struct {
	folder string
	ours   []string // folders; the package's own folder is always allowed
	others []string // module paths
}{
	{"runtime/contract", nil, nil},
	{"runtime", []string{"runtime"}, anything},
	{"config/internal", []string{"config"}, []string{"go.yaml.in/yaml"}},
	{"config/workload", []string{"config", "runtime/contract"}, []string{"go.yaml.in/yaml", "github.com/adhocore/gronx"}},
	{"config/plan", []string{"config", "runtime/contract"}, nil},
	{"config", nil, []string{"go.yaml.in/yaml"}},
	{"constructs/workload", []string{"constructs", "config/workload", "runtime/contract"}, cdk},
	{"constructs", []string{"constructs", "runtime/contract"}, cdk},
	{"stacks/change", nil, nil},
	{"stacks", []string{"config/plan", "constructs", "runtime/contract"}, cdk},
	{"cmd/app", []string{"config/plan", "stacks"}, cdk},
	{"cmd/lectern", []string{"config", "stacks/change", "docs/procedures"}, []string{
		"github.com/spf13/cobra", "go.yaml.in/yaml",
		"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/config",
		"github.com/aws/aws-sdk-go-v2/service/cloudformation", "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi",
	}},
	{"cmd/runtime", []string{"runtime"}, anything},
	{"docs/procedures", nil, nil},
	{"test", anything, anything},
}

var (
	anything = []string{""}
	cdk      = []string{"github.com/aws/aws-cdk-go/", "github.com/aws/constructs-go/", "github.com/aws/jsii-runtime-go"}
)

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		folder := strings.TrimPrefix(p.ImportPath, module)
		rule := -1
		for i, r := range rules {
			if folder == r.folder || strings.HasPrefix(folder, r.folder+"/") {
				rule = i
				break
			}
		}
		require.GreaterOrEqual(t, rule, 0, "%s is in no folder that the rules know", folder)
		for _, imported := range p.Imports {
			if allowed(folder, imported, rules[rule].ours, rules[rule].others) {
				continue
			}
			t.Errorf("%s imports %s; the rule for %s allows %v and %v", folder, imported, rules[rule].folder, rules[rule].ours, rules[rule].others)
		}
	}
}

func allowed(folder, imported string, ours, others []string) bool {
	path, own := strings.CutPrefix(imported, module)
	if !own {
		standard := !strings.Contains(strings.Split(imported, "/")[0], ".")
		return standard || hasPrefix(imported, others)
	}
	if strings.HasPrefix(path, "cmd/") {
		return false // nothing imports a command
	}
	return strings.HasPrefix(path, folder) || hasPrefix(path, ours)
}

func hasPrefix(path string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if path == prefix || prefix == "" || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/") {
			return true
		}
	}
	return false
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

// packages are all of the module's, with the imports of their code but not of their
// tests.
func packages(t *testing.T) []goPackage {
	t.Helper()
	output, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	require.NoError(t, err)
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	var list []goPackage
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		list = append(list, p)
	}
	require.NotEmpty(t, list)
	return list
}

// TestRuntimeHasNoCode: the folder runtime holds packages and is none.
func TestRuntimeHasNoCode(t *testing.T) {
	for _, p := range packages(t) {
		require.NotEqual(t, strings.TrimSuffix(module, "/")+"/runtime", p.ImportPath)
	}
}
