package change

import (
	"slices"
	"strings"
)

const policyPage = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"

// billing are types that cost money while they are there, used or not.
var billing = []string{
	"AWS::EC2::EIP", "AWS::EC2::NatGateway", "AWS::EC2::VPCEndpoint", "AWS::EFS::FileSystem",
	"AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup", "AWS::ElasticLoadBalancingV2::LoadBalancer",
	"AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::DBProxy",
	"AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::WAFv2::WebACL",
}

// judgeFates says what becomes of what leaves its stack or is replaced, and names what
// nobody knows.
func (c *comparison) judgeFates() {
	for _, key := range c.keys {
		s := c.states[key]
		if !Knows(s.current().Type) && !s.stays() {
			s.find(Finding{Effect: Unknown, Text: "the specification has no type " + s.current().Type, Way: "add its service to stacks/change/generate/spec.mjs"})
		}
		if s.before != nil && s.after != nil && !s.stays() {
			s.find(Finding{Property: "Type", From: s.before.Type, To: s.after.Type, Effect: Replacement, Text: "another type is another resource"})
		}
		if s.goes() {
			s.find(c.fate(s))
		}
	}
}

// fate is what becomes of the resource that was there.
func (c *comparison) fate(s *state) Finding {
	policy := s.policy()
	f := Finding{Perhaps: s.replaced == perhaps}
	what := pick(s.after == nil, "it", "the old one")
	switch policy {
	case "Retain", "RetainExceptOnCreate":
		f.Effect, f.Page = LeftBehind, policyPage
		f.Text = what + " stays in the account, outside of the stack" + pick(slices.Contains(billing, s.before.Type), ", and bills", "")
		f.Way = pick(holdsData(s.before), "keep it, or move the data and delete the old one by hand", "delete it by hand when nothing uses it")
	case "Snapshot":
		f.Effect, f.Text, f.Page = Deleted, what+" is deleted after a last snapshot, which stays and bills", policyPage
	default:
		f.Effect, f.Text = Deleted, what+" is deleted"
	}
	if s.replaced != no && !s.elsewhere && policy == "" && !holdsData(s.before) {
		f.Effect = Replacement // the new one is there before the old one goes, and nothing is lost
	}
	return f
}

// holdsData says whether the loss of a resource is a loss of data. Caches and logs are
// that only where their deletion policy keeps them; an instance of a cluster holds
// nothing that the cluster does not.
func holdsData(r *Resource) bool {
	switch {
	case !spec()[r.Type].HoldsData:
		return false
	case strings.HasPrefix(r.Type, "AWS::ElastiCache::") || r.Type == "AWS::Logs::LogGroup":
		return kept(r.DeletionPolicy)
	case r.Type == "AWS::RDS::DBInstance":
		return r.Properties["DBClusterIdentifier"] == nil
	}
	return true
}

// kept says whether a policy keeps the resource, or a snapshot of it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
func kept(policy string) bool {
	return policy == "Retain" || policy == "RetainExceptOnCreate" || policy == "Snapshot"
}
