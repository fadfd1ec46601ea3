package edge

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"
)

// MaxCapacityWCU is what the base price of a web ACL includes; AWS charges more
// per request above it.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
const MaxCapacityWCU = 1500

// Capacity of the rules this package writes, in WCU. WAF may merge what rules
// share and use less; never more.
const (
	rateLimitWCU      = 2
	pathMatchWCU      = 3 + 2*10 // a regex and two text transformations
	labelMatchWCU     = 1
	shieldResponseWCU = 150
)

// ManagedGroup is a rule group that AWS writes and updates.
type ManagedGroup struct {
	Name        string
	CapacityWCU int
}

// The managed groups that need no subscription, with their capacity.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
const (
	commonRuleSet = "AWSManagedRulesCommonRuleSet"

	// sizeRestrictionsBody blocks bodies above 8 KB; counted instead, it leaves
	// the label for a later rule to judge.
	sizeRestrictionsBody      = "SizeRestrictions_BODY"
	sizeRestrictionsBodyLabel = "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"
)

// ManagedGroups are the groups this package knows the capacity of.
func ManagedGroups() []ManagedGroup {
	return []ManagedGroup{
		{"AWSManagedRulesAmazonIpReputationList", 25},
		{"AWSManagedRulesAnonymousIpList", 50},
		{commonRuleSet, 700},
		{"AWSManagedRulesKnownBadInputsRuleSet", 200},
		{"AWSManagedRulesSQLiRuleSet", 200},
		{"AWSManagedRulesLinuxRuleSet", 200},
		{"AWSManagedRulesUnixRuleSet", 100},
		{"AWSManagedRulesPHPRuleSet", 100},
		{"AWSManagedRulesWordPressRuleSet", 100},
		{"AWSManagedRulesAdminProtectionRuleSet", 100},
	}
}

// DefaultManagedGroups are right for any web workload on Linux: 1,325 WCU.
func DefaultManagedGroups() []ManagedGroup {
	return PickManagedGroups(
		"AWSManagedRulesAmazonIpReputationList",
		commonRuleSet,
		"AWSManagedRulesKnownBadInputsRuleSet",
		"AWSManagedRulesSQLiRuleSet",
		"AWSManagedRulesLinuxRuleSet",
	)
}

// PickManagedGroups finds groups by name, in the order given.
func PickManagedGroups(names ...string) []ManagedGroup {
	capacity := map[string]int{}
	for _, g := range ManagedGroups() {
		capacity[g.Name] = g.CapacityWCU
	}
	var picked []ManagedGroup
	for _, name := range names {
		check(capacity[name] > 0, "managed rule group %q is not known; ManagedGroups lists those that are", name)
		picked = append(picked, ManagedGroup{name, capacity[name]})
	}
	return picked
}

// Capacity is the sum of the groups' capacity, in WCU.
func Capacity(groups []ManagedGroup) int {
	total := 0
	for _, g := range groups {
		total += g.CapacityWCU
	}
	return total
}

// Capacity is what the web ACL takes at most, in WCU, with its own rules.
func (p WebAclProps) Capacity() int {
	total := Capacity(p.ManagedGroups)
	for _, limit := range p.RateLimits {
		total += rateLimitWCU
		if len(limit.Paths) > 0 {
			total += pathMatchWCU
		}
	}
	if p.reblocks() {
		total += labelMatchWCU + pathMatchWCU
	}
	if p.ShieldResponse {
		total += shieldResponseWCU
	}
	return total
}

func (g ManagedGroup) hasBodySizeRule() bool { return g.Name == commonRuleSet }

func (g ManagedGroup) rule(priority int, exempt []string) *awswafv2.CfnWebACL_RuleProperty {
	statement := &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{
		VendorName: new("AWS"), Name: new(g.Name),
	}
	if g.hasBodySizeRule() && len(exempt) > 0 {
		statement.RuleActionOverrides = &[]*awswafv2.CfnWebACL_RuleActionOverrideProperty{{
			Name:        new(sizeRestrictionsBody),
			ActionToUse: &awswafv2.CfnWebACL_RuleActionProperty{Count: &awswafv2.CfnWebACL_CountActionProperty{}},
		}}
	}
	return &awswafv2.CfnWebACL_RuleProperty{
		Name:             new(g.Name),
		Priority:         jsii.Number(priority),
		Statement:        &awswafv2.CfnWebACL_StatementProperty{ManagedRuleGroupStatement: statement},
		OverrideAction:   &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}},
		VisibilityConfig: visibility(g.Name),
	}
}

func inspectionLimit(kb int) string { return fmt.Sprintf("KB_%d", kb) }
