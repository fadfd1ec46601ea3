package iam

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/test/iam/record"
)

// Named are the calls of named-calls.yaml, which no test can record.
type Named struct {
	// Implied calls are made by AWS on behalf of who made a recorded one.
	Implied []*Implied `yaml:"implied"`
	// Roles are calls of whatever has a role.
	Roles []*NamedCall `yaml:"roles"`
	// Services are calls of AWS's services under their own name, which only the resource's policy allows.
	Services []*NamedCall `yaml:"services"`
	// Managed are policies of AWS, by ARN, as far as the calls need them.
	Managed map[string]Managed `yaml:"managed"`
}

// Implied is a call that follows from another.
type Implied struct {
	After  []string `yaml:"after"`  // operations
	Action string   `yaml:"action"` //
	// Via is the service that uses the KMS key of the resource; empty: the action is on the resource itself.
	Via string `yaml:"via"`
	// On is the name of the bucket that the action is on, if the recorded call was on an object in it.
	On     string `yaml:"on"`
	Reason string `yaml:"reason"`
	Page   string `yaml:"page"`
	uses   int
}

// NamedCall is a call with the page of AWS that says so.
type NamedCall struct {
	Principal string `yaml:"principal"` // service that calls, or that assumes the role
	// When lists names that the environment has to have for the call to be made.
	When     []string          `yaml:"when"`
	Actions  []string          `yaml:"actions"`
	Resource string            `yaml:"resource"`
	Context  map[string]string `yaml:"context"`
	// OfAWS says that the resource is AWS's own and no client's.
	OfAWS  bool   `yaml:"ofAWS"`
	Reason string `yaml:"reason"`
	Page   string `yaml:"page"`
	uses   int
}

// Managed is a copy of what a policy of AWS allows.
type Managed struct {
	Page    string   `yaml:"page"`
	Read    string   `yaml:"read"`    // which version
	Allowed []string `yaml:"allowed"` // actions, on everything
}

func readYAML(name string, into any) error {
	_, file, _, _ := runtime.Caller(0)
	content, err := os.ReadFile(filepath.Join(filepath.Dir(file), name))
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(content)))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// names are what a named call of the environment may be about: what its instances know, and what follows.
func (e *Environment) names(fleets []Instances) (record.Names, error) {
	n := record.Names{}
	for _, f := range fleets {
		maps.Copy(n, f.Names)
		if f.Config.Role == contract.RoleWeb {
			n["instance.role"] = f.Role.Name
		}
	}
	for _, t := range e.all("AWS::KMS::Key") {
		n["key"], _ = t.stack.attribute(t.id, "Arn")
	}
	controls := e.all("AWS::CloudFront::OriginAccessControl")
	for _, t := range e.all("AWS::CloudFront::Distribution") {
		name := "distribution" // that reads content
		if !slices.ContainsFunc(controls, func(control thing) bool { return mentions(t.Properties, control.id) }) {
			name = "distribution.beside"
		}
		n[name], _ = t.stack.attribute(t.id, "Ref")
	}
	for _, t := range e.all("AWS::S3::Bucket") {
		bucket, err := t.text("LoggingConfiguration", "DestinationBucketName")
		if err != nil {
			return nil, err
		}
		if bucket != "" {
			n["bucketLogs"] = bucket
		}
	}
	for _, t := range e.all("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		if err := t.loadBalancer(n); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// loadBalancer names it, by its type, and the bucket of its access logs.
func (t thing) loadBalancer(n record.Names) error {
	kind, err := t.text("Type")
	if err != nil {
		return err
	}
	n["loadBalancer."+kind], err = t.stack.attribute(t.id, "Ref")
	if err != nil {
		return err
	}
	for _, a := range asList(t.Properties["LoadBalancerAttributes"]) {
		attribute, err := t.stack.resolve(a)
		if err != nil {
			return err
		}
		if pair, _ := attribute.(map[string]any); pair["Key"] == "access_logs.s3.bucket" {
			n["loadBalancerLogs"], _ = pair["Value"].(string)
		}
	}
	return nil
}

// userNames are the texts in the properties of whatever has the role: ${user.LogGroupName}.
func (r Role) userNames(n record.Names) {
	for _, user := range r.users {
		for _, property := range sorted(user.Properties) {
			if value, err := user.property(property); err == nil { // what is not known is no name
				leaves(n, "user."+property, value)
			}
		}
	}
}

func leaves(n record.Names, at string, value any) {
	switch v := value.(type) {
	case string:
		n[at] = v
	case []any:
		for _, child := range v {
			leaves(n, at, child)
		}
	case map[string]any:
		for key, child := range v {
			leaves(n, at+"."+key, child)
		}
	}
}

// applies says whether the environment has what the call is about.
func (c *NamedCall) applies(n record.Names) bool {
	return !slices.ContainsFunc(c.When, func(name string) bool { return n[name] == "" })
}
