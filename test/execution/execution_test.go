package execution

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

const policyFile = "../../docs/execution-policy.json"

type statement struct {
	Sid, Effect string
	Action      texts
	Resource    texts
	Condition   map[string]map[string]texts
}

// texts is a text or a list of them.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// policy is the document by statement id.
func policy(t *testing.T) map[string]statement {
	t.Helper()
	content, err := os.ReadFile(policyFile)
	require.NoError(t, err)
	var document struct {
		Version   string
		Statement []statement
	}
	require.NoError(t, json.Unmarshal(content, &document))
	require.Equal(t, "2012-10-17", document.Version)
	found := map[string]statement{}
	for _, s := range document.Statement {
		require.Equal(t, "Allow", s.Effect)
		require.NotContains(t, found, s.Sid)
		found[s.Sid] = s
	}
	return found
}

// types are the resource types of every reference client and of every variation, and
// trusted the services that their roles trust.
func types(t *testing.T) (types, trusted []string) {
	t.Helper()
	all, services := map[string]bool{}, map[string]bool{}
	goldens, err := filepath.Glob("../synth/testdata/golden/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, goldens)
	for _, path := range goldens {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		var template struct {
			Resources map[string]struct {
				Type       string
				Properties struct {
					AssumeRolePolicyDocument struct {
						Statement []struct{ Principal struct{ Service string } }
					}
				}
			}
		}
		require.NoError(t, json.Unmarshal(content, &template), path)
		for _, r := range template.Resources {
			all[r.Type] = true
			for _, s := range r.Properties.AssumeRolePolicyDocument.Statement {
				services[s.Principal.Service] = true
			}
		}
	}
	added := regexp.MustCompile(`(?m)^\+ \S+ (AWS::\S+)$`)
	deltas, err := filepath.Glob("../synth/testdata/features/*/delta.txt")
	require.NoError(t, err)
	require.NotEmpty(t, deltas)
	for _, path := range deltas {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, match := range added.FindAllStringSubmatch(string(content), -1) {
			all[match[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(all)), slices.Sorted(maps.Keys(services))
}

// IAM counts a managed policy without its white space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func TestThePolicyFits(t *testing.T) {
	content, err := os.ReadFile(policyFile)
	require.NoError(t, err)
	size := 0
	for _, r := range string(content) {
		if !unicode.IsSpace(r) {
			size++
		}
	}
	t.Logf("%d of 6,144 characters", size)
	require.LessOrEqual(t, size, 6144)
}

// A resource type whose service the policy does not grant fails here, and so does a
// service that no type needs.
func TestEveryTypeIsCovered(t *testing.T) {
	p := policy(t)
	granted := p["Services"].Action
	needed := map[string]bool{}
	types, _ := types(t)
	for _, kind := range types {
		parts := strings.Split(kind, "::")
		require.Len(t, parts, 3, kind)
		prefix, known := service[parts[1]]
		require.True(t, known, "%s: the IAM prefix of its service is not known: add it to needs.go and to %s", kind, policyFile)
		if prefix == "iam" {
			require.Contains(t, roleActions, kind, "what %s needs of IAM is not known", kind)
			continue
		}
		needed[prefix+":*"] = true
		require.Contains(t, granted, prefix+":*", "%s", kind)
		for _, n := range further[kind] {
			require.True(t, allowed(p, n.action), "%s needs %s (%s)", kind, n.action, n.source)
		}
	}
	for _, action := range granted {
		require.True(t, needed[action], "%s is granted and no resource type needs it", action)
	}
	require.True(t, allowed(p, anyStack))
}

// allowed is true when a statement without a condition has the action.
func allowed(p map[string]statement, action string) bool {
	prefix, _, _ := strings.Cut(action, ":")
	for _, s := range p {
		if s.Condition == nil && (slices.Contains(s.Action, action) || slices.Contains(s.Action, prefix+":*")) {
			return true
		}
	}
	return false
}

// Of IAM there is what the roles need and no more, on roles that the stacks name.
func TestIAMIsLimited(t *testing.T) {
	p := policy(t)
	kinds, trusted := types(t)

	var actions, linked []string
	for _, kind := range kinds {
		actions = append(actions, roleActions[kind]...)
		if role, ok := linkedRoles[kind]; ok {
			linked = append(linked, role)
		}
	}
	require.Equal(t, sorted(actions), sorted(p["Roles"].Action))
	require.Equal(t, texts{"arn:aws:iam::*:instance-profile/lectern-*", "arn:aws:iam::*:role/lectern-*"}, p["Roles"].Resource)

	require.Equal(t, texts{"iam:PassRole"}, p["RolesForServices"].Action)
	require.Equal(t, texts{"arn:aws:iam::*:role/lectern-*"}, p["RolesForServices"].Resource)
	require.Equal(t, trusted, sorted(p["RolesForServices"].Condition["StringEquals"]["iam:PassedToService"]))

	require.Equal(t, texts{"iam:CreateServiceLinkedRole"}, p["ServiceLinkedRoles"].Action)
	require.Equal(t, sorted(linked), sorted(p["ServiceLinkedRoles"].Condition["StringEquals"]["iam:AWSServiceName"]))

	for id, s := range p {
		for _, action := range s.Action {
			require.NotEqual(t, "*", action, id)
			if strings.HasPrefix(action, "iam:") {
				require.NotContains(t, s.Resource, "*", id)
			}
		}
	}
}

func sorted(values []string) []string {
	unique := slices.Clone(values)
	slices.Sort(unique)
	return slices.Compact(unique)
}

// Roles and instance profiles have no name of their own: CloudFormation begins it with
// the stack's, which is lectern-CLIENT-KIND.
func TestRolesAreNamedByTheirStacks(t *testing.T) {
	goldens, err := filepath.Glob("../synth/testdata/golden/*.json")
	require.NoError(t, err)
	for _, path := range goldens {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		var template struct {
			Resources map[string]struct {
				Type       string
				Properties map[string]any
			}
		}
		require.NoError(t, json.Unmarshal(content, &template))
		for id, r := range template.Resources {
			if strings.HasPrefix(r.Type, "AWS::IAM::") {
				require.NotContains(t, r.Properties, "RoleName", "%s %s", path, id)
				require.NotContains(t, r.Properties, "InstanceProfileName", "%s %s", path, id)
				require.NotContains(t, r.Properties, "Path", "%s %s", path, id)
			}
		}
	}
}
