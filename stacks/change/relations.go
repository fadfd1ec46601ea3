package change

import (
	"fmt"
	"strings"
)

const (
	targetGroups = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html"
	protection   = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#deletion-protection"
	rdsDeletion  = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html"
)

// judgeRelations finds what only shows between resources.
func (c *comparison) judgeRelations() {
	for _, key := range c.keys {
		c.judgeDangling(c.states[key])
		switch s := c.states[key]; s.current().Type {
		case "AWS::ElasticLoadBalancingV2::TargetGroup":
			c.judgeTargetGroup(s)
		case "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::RDS::DBInstance", "AWS::RDS::DBCluster":
			c.judgeDeletionProtection(s)
		}
	}
}

// judgeDangling refuses a reference to an output that no stack of the assembly has.
func (c *comparison) judgeDangling(s *state) {
	if s.after == nil {
		return
	}
	if output := dangling(s.after.Properties); output != "" {
		s.find(Finding{Effect: Refused, Text: "it refers to the output " + output + ", which is not in the assembly", Way: "synthesize the stack that has it, too"})
	}
}

// dangling is an output that could not be resolved, empty without one.
func dangling(value any) string {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			if output := dangling(item); output != "" {
				return output
			}
		}
	case map[string]any:
		if output, ok := v[getStackOutput].(string); ok {
			return output
		}
		for _, key := range sortedKeys(v) {
			if output := dangling(v[key]); output != "" {
				return output
			}
		}
	}
	return ""
}

// judgeTargetGroup refuses a target group that goes over to another load balancer: it
// belongs to one, and the old one is removed only after the new one has been made.
func (c *comparison) judgeTargetGroup(s *state) {
	if !s.stays() || s.replaced == yes {
		return
	}
	before, after := c.balancers(s, beforeSide), c.balancers(s, afterSide)
	for old := range before {
		for fresh := range after {
			replaced := c.states[fresh].replaced
			if old == fresh && replaced == no {
				continue
			}
			s.find(Finding{
				Effect: Refused, Perhaps: old == fresh && replaced == perhaps || s.replaced == perhaps,
				Text: "it belongs to the load balancer " + old + ", and another one would use it while that is still there",
				Way:  "replace the target group together with its load balancer, by another logical id", Page: targetGroups,
			})
			return
		}
	}
}

// side is one of the two assemblies.
type side func(*state) *Resource

func beforeSide(s *state) *Resource { return s.before }
func afterSide(s *state) *Resource  { return s.after }

// balancers are the load balancers whose listeners, or rules of these, send to a target group.
func (c *comparison) balancers(group *state, of side) map[string]bool {
	found := map[string]bool{}
	for _, key := range c.keys {
		r := of(c.states[key])
		if r == nil || !strings.HasPrefix(r.Type, "AWS::ElasticLoadBalancingV2::Listener") || !refersTo(r, group.key) {
			continue
		}
		for _, l := range references(r.Properties["LoadBalancerArn"]) {
			found[l.key] = true
		}
		for _, listener := range references(r.Properties["ListenerArn"]) { // of a rule
			if l := c.states[listener.key]; l != nil && of(l) != nil {
				for _, b := range references(of(l).Properties["LoadBalancerArn"]) {
					found[b.key] = true
				}
			}
		}
	}
	for key := range found {
		if c.states[key] == nil {
			delete(found, key)
		}
	}
	return found
}

func refersTo(r *Resource, key string) bool {
	for _, reference := range references(r.Properties) {
		if reference.key == key {
			return true
		}
	}
	return false
}

// judgeDeletionProtection finds what goes and refuses its own deletion: CloudFormation
// then gives up, and it stays in the account.
func (c *comparison) judgeDeletionProtection(s *state) {
	if !s.goes() || retained(s) || !protected(s.before) {
		return
	}
	page := pick(strings.HasPrefix(s.before.Type, "AWS::RDS::"), rdsDeletion, protection)
	s.find(Finding{
		Effect: LeftBehind, Perhaps: s.replaced == perhaps,
		Text: "it is protected against deletion, so its deletion fails: it stays and bills",
		Way:  "switch its deletion protection off in a deployment before this one", Page: page,
	})
}

func protected(r *Resource) bool {
	if r.Properties["DeletionProtection"] == true {
		return true
	}
	attributes, _ := r.Properties["LoadBalancerAttributes"].([]any)
	for _, attribute := range attributes {
		a, _ := attribute.(map[string]any)
		if a["Key"] == "deletion_protection.enabled" && fmt.Sprint(a["Value"]) == "true" {
			return true
		}
	}
	return false
}

// retained says whether the resource that goes stays in the account because its policy
// says so. Of one with the policy Snapshot only a snapshot stays.
func retained(s *state) bool { return s.policy() == "Retain" || s.policy() == "RetainExceptOnCreate" }

// policy says what becomes of the resource that goes: UpdateReplacePolicy where another
// takes its place in the same stack, else DeletionPolicy.
func (s *state) policy() string {
	return pick(s.after == nil || s.elsewhere, s.before.DeletionPolicy, s.before.UpdateReplacePolicy)
}
