package config

import (
	"fmt"
	"regexp"
	"slices"
)

// ShieldAcknowledgement is what edge.shield.acknowledgeSubscription must read.
const ShieldAcknowledgement = "this account pays for Shield Advanced"

func edgeKeys() []Key {
	return []Key{
		{Path: "edge.priceClass", OneOf: []string{"100", "200", "All"}, Noun: "a price class"},
		{Path: "edge.originPrefixList", Pattern: regexp.MustCompile(`^pl-([0-9a-f]{8}|[0-9a-f]{17})$`), Noun: "the id of a prefix list", Example: "pl-3b927c52"},
		{Path: "edge.shield.acknowledgeSubscription", OneOf: []string{ShieldAcknowledgement}, Noun: "the acknowledgement"},
		{Path: "edge.waf.rateLimit", Unit: "requests", Min: 10, Max: 2_000_000_000},
		{Path: "edge.waf.managedGroups", MaxItems: len(ManagedGroups()), Unique: true},
		{Path: "edge.waf.managedGroups[]", OneOf: managedGroupNames(), Noun: "a managed rule group"},
		{Path: "edge.waf.bodySizeExemptPaths", MaxItems: 20, Unique: true},
		{
			Path: "edge.waf.bodySizeExemptPaths[]", Pattern: regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`),
			Noun: `the beginning of a path, below "/" and without "*"`, Example: "/api/uploads",
		},
	}
}

// ManagedGroup is an AWS managed rule group and the capacity it takes.
type ManagedGroup struct {
	Name string // without "AWSManagedRules"
	WCU  int
}

// ManagedGroups are the AWS managed rule groups that need no settings and no
// further subscription. What a whole web ACL takes is added up in package plan,
// which knows the rules beside them.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
func ManagedGroups() []ManagedGroup {
	return []ManagedGroup{
		{"CommonRuleSet", 700},
		{"AdminProtectionRuleSet", 100},
		{"KnownBadInputsRuleSet", 200},
		{"SQLiRuleSet", 200},
		{"LinuxRuleSet", 200},
		{"UnixRuleSet", 100},
		{"PHPRuleSet", 100},
		{"WordPressRuleSet", 100},
		{"AmazonIpReputationList", 25},
		{"AnonymousIpList", 50},
	}
}

func managedGroupNames() []string {
	var names []string
	for _, group := range ManagedGroups() {
		names = append(names, group.Name)
	}
	return names
}

// originPrefixListKnown also refuses what only CloudFront has where there is none.
func originPrefixListKnown(f File) Problems {
	const path = "edge.originPrefixList"
	if !f.Client.Edge.CDN {
		var problems Problems
		for of, found := range map[string]string{path: "there is no CloudFront to let in", "edge.priceClass": "there is no CloudFront that has locations"} {
			if f.Stated(of) {
				problems = append(problems, f.Problem(of, found, "remove it, or set edge.cdn: true"))
			}
		}
		return problems
	}
	region, known := FindRegion(f.Client.Region)
	if !known || region.PrefixList != "" || f.Stated(path) {
		return nil
	}
	return Problems{f.Problem(path, fmt.Sprintf("the id of CloudFront's prefix list in %s is not known here", region.Name),
		fmt.Sprintf("add the one that `aws ec2 describe-managed-prefix-lists --region %s --filters Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing` shows", region.Name))}
}

func shieldAcknowledged(f File) Problems {
	shield := f.Client.Edge.Shield
	if !shield.Advanced || f.Stated("edge.shield.acknowledgeSubscription") { // any other text has been refused
		return nil
	}
	return Problems{f.Problem("edge.shield.advanced", "Shield Advanced costs about 3,000 USD a month for a year at least, and nobody has acknowledged that",
		fmt.Sprintf("add acknowledgeSubscription: %q", ShieldAcknowledgement))}
}

// MaxFirewallWCU is what the base price of a web ACL covers.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
const MaxFirewallWCU = 1500

// FirewallWCU is the capacity of a web ACL with these managed groups, a rate
// limit (2), where there are exempt paths the body-size rule that spares them (a
// label, 1; a regular expression, 3; two text transformations, 20). Shield's automatic
// response, which would add 150, is not offered.
func FirewallWCU(groups []string, exemptPaths int) int {
	units := 2
	for _, group := range ManagedGroups() {
		if slices.Contains(groups, group.Name) {
			units += group.WCU
		}
	}
	if exemptPaths > 0 && slices.Contains(groups, "CommonRuleSet") {
		units += 1 + 3 + 20
	}
	return units
}

// maxExemptCharacters leaves room for the paths of the workload in the one
// regular expression of 512 characters that WAF takes.
// https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
const maxExemptCharacters = 400

func firewallFits(f File) Problems {
	edge := f.Client.Edge
	var problems Problems
	characters := 0
	for _, path := range edge.WAF.BodySizeExemptPaths {
		characters += len(regexp.QuoteMeta(path)) + 1
	}
	if characters > maxExemptCharacters {
		problems = append(problems, f.Problem("edge.waf.bodySizeExemptPaths", fmt.Sprintf("the paths have %d characters together", characters), fmt.Sprintf("name fewer, or their common beginnings, in %d characters", maxExemptCharacters)))
	}
	units := FirewallWCU(edge.WAF.ManagedGroups, len(edge.WAF.BodySizeExemptPaths))
	if edge.WAF.Enabled && units > MaxFirewallWCU {
		problems = append(problems, f.Problem("edge.waf.managedGroups", fmt.Sprintf("the firewall would take %d WCU of %d", units, MaxFirewallWCU), "remove groups that do not concern the workload"))
	}
	return problems
}
