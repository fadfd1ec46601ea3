package config

import (
	"fmt"
	"regexp"
)

// ShieldAcknowledgement is what edge.shield.acknowledgeSubscription must read.
const ShieldAcknowledgement = "this account pays for Shield Advanced"

func edgeKeys() []Key {
	return []Key{
		{Path: "edge.priceClass", OneOf: []string{"100", "200", "All"}, Noun: "a price class"},
		{Path: "edge.originPrefixList", Pattern: regexp.MustCompile(`^pl-([0-9a-f]{8}|[0-9a-f]{17})$`), Noun: "the id of a prefix list", Example: "pl-3b927c52"},
		{Path: "edge.waf.rateLimit", Unit: "requests", Min: 10, Max: 2_000_000_000},
		{Path: "edge.waf.managedGroups", MaxItems: len(ManagedGroups()), Unique: true},
		{Path: "edge.waf.managedGroups[]", OneOf: managedGroupNames(), Noun: "a managed rule group"},
		{Path: "edge.waf.bodySizeExemptPaths", MaxItems: 20, Unique: true},
		{
			Path: "edge.waf.bodySizeExemptPaths[]", Pattern: regexp.MustCompile(`^/[A-Za-z0-9._~/-]{1,199}$`),
			Noun: `the beginning of a path below "/", without "*"`, Example: "/api/uploads",
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
		{"WindowsRuleSet", 200},
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

func originPrefixListKnown(f File) Problems {
	const path = "edge.originPrefixList"
	if !f.Client.Edge.CDN {
		if f.Stated(path) {
			return Problems{f.Problem(path, "there is no CloudFront to let in", "remove it, or set edge.cdn: true")}
		}
		return nil
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
	if !shield.Advanced || shield.AcknowledgeSubscription == ShieldAcknowledgement {
		return nil
	}
	path := "edge.shield.acknowledgeSubscription"
	found := fmt.Sprintf("%q is not the acknowledgement", clip(shield.AcknowledgeSubscription))
	if !f.Stated(path) {
		path, found = "edge.shield.advanced", "Shield Advanced costs about 3,000 USD a month for a year, and nobody has acknowledged that"
	}
	return Problems{f.Problem(path, found, fmt.Sprintf("add acknowledgeSubscription: %q", ShieldAcknowledgement))}
}
