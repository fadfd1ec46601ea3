package change

import (
	"encoding/json"
	"strings"
)

// unique says which properties together may exist only once: two resources of a type
// with the same values of all of them cannot be there at the same time. CloudFormation
// makes what is new before it removes what is old.
type unique struct {
	properties []string
	// worldwide resources collide whatever their region, those that are everywhere
	// whatever their account.
	worldwide, everywhere bool
	page                  string
}

var uniques = map[string]unique{
	"AWS::EC2::Subnet":                                 {properties: []string{"VpcId", "CidrBlock"}, page: "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"},
	"AWS::EC2::SecurityGroupIngress":                   {properties: []string{"GroupId", "IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourcePrefixListId"}, page: "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"},
	"AWS::EC2::SecurityGroupEgress":                    {properties: []string{"GroupId", "IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", "DestinationSecurityGroupId", "DestinationPrefixListId"}, page: "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"},
	"AWS::EC2::Route":                                  {properties: []string{"RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"}, page: "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html"},
	"AWS::EFS::MountTarget":                            {properties: []string{"FileSystemId", "SubnetId"}, page: "https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html"},
	"AWS::ElasticLoadBalancingV2::Listener":            {properties: []string{"LoadBalancerArn", "Port"}, page: "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html"},
	"AWS::ElasticLoadBalancingV2::ListenerRule":        {properties: []string{"ListenerArn", "Priority"}, page: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html"},
	"AWS::ElasticLoadBalancingV2::TargetGroup":         {properties: []string{"Name"}, page: "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"},
	"AWS::Route53::RecordSet":                          {properties: []string{"HostedZoneId", "Name", "Type"}, everywhere: true, page: "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html"},
	"AWS::WAFv2::WebACL":                               {properties: []string{"Name", "Scope"}, page: "https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html"},
	"AWS::CloudFront::Function":                        {properties: []string{"Name"}, worldwide: true, page: "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateFunction.html"},
	"AWS::CloudFront::KeyValueStore":                   {properties: []string{"Name"}, worldwide: true, page: "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateKeyValueStore.html"},
	"AWS::CloudFront::CachePolicy":                     {properties: []string{"CachePolicyConfig.Name"}, worldwide: true, page: "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateCachePolicy.html"},
	"AWS::CloudFront::OriginAccessControl":             {properties: []string{"OriginAccessControlConfig.Name"}, worldwide: true, page: "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateOriginAccessControl.html"},
	"AWS::CloudFront::ResponseHeadersPolicy":           {properties: []string{"ResponseHeadersPolicyConfig.Name"}, worldwide: true, page: "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateResponseHeadersPolicy.html"},
	"AWS::ElasticLoadBalancingV2::ListenerCertificate": {properties: []string{"ListenerArn", "Certificates"}, page: "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddListenerCertificates.html"},
	"AWS::AutoScaling::ScalingPolicy":                  {properties: []string{"PolicyName"}, page: Page("AWS::AutoScaling::ScalingPolicy", "")},
	"AWS::EC2::LaunchTemplate":                         {properties: []string{"LaunchTemplateName"}, page: Page("AWS::EC2::LaunchTemplate", "")},
	"AWS::IAM::InstanceProfile":                        {properties: []string{"InstanceProfileName"}, worldwide: true, page: Page("AWS::IAM::InstanceProfile", "")},
	"AWS::Shield::Protection":                          {properties: []string{"ResourceArn"}, worldwide: true, page: "https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_CreateProtection.html"},
}

// mountTarget claims a zone, by its subnet.
const mountTarget = "AWS::EFS::MountTarget"

// worldwideServices have names that hold in all regions of an account.
var worldwideServices = []string{"AWS::CloudFront::", "AWS::IAM::", "AWS::Route53::"}

// claim is what a resource takes for itself: its name, or its place.
func (c *comparison) claim(of *Assembly, s *state, r *Resource) string {
	u, listed := uniques[r.Type]
	if !listed {
		u = named(r.Type)
	}
	values := []any{}
	for _, property := range u.properties {
		value := at(r.Properties, property)
		if r.Type == mountTarget && property == "SubnetId" {
			value = c.zone(value) // a file system has one in each zone
		}
		values = append(values, value)
	}
	if !claims(values) {
		return ""
	}
	content, err := json.Marshal(values)
	if err != nil {
		return ""
	}
	place := ""
	if stack := of.stack(s.stack); stack != nil && !u.everywhere {
		place = pick(u.worldwide, stack.Account, stack.Account+" "+stack.Region)
	}
	return r.Type + " " + place + " " + string(content)
}

// named are the properties of a type that are its name: its identifier, as far as the
// template says it, and those of which the documentation says so.
func named(resourceType string) unique {
	u := unique{page: Page(resourceType, "")}
	s := spec()[resourceType]
	for property, word := range s.Says {
		if word == "name" {
			u.properties = []string{property}
		}
	}
	if len(u.properties) == 0 {
		u.properties = s.Identifier
	}
	for _, service := range worldwideServices {
		u.worldwide = u.worldwide || strings.HasPrefix(resourceType, service)
	}
	u.everywhere = strings.HasPrefix(resourceType, "AWS::S3::")
	return u
}

// claims says whether the values say what is claimed: the first, at least, is given.
func claims(values []any) bool { return len(values) > 0 && values[0] != nil }

// zone is the availability zone of a subnet that is referred to.
func (c *comparison) zone(subnet any) any {
	for _, r := range references(subnet) {
		if s := c.states[r.key]; s != nil {
			if zone := s.current().Properties["AvailabilityZone"]; zone != nil {
				return zone
			}
		}
	}
	return subnet
}

// judgeCollisions finds a new resource that claims what an old one still has.
func (c *comparison) judgeCollisions() {
	owners := map[string]*state{}
	for _, key := range c.keys {
		if s := c.states[key]; s.before != nil {
			if claim := c.claim(c.before, s, s.before); claim != "" {
				owners[claim] = s
			}
		}
	}
	for _, key := range c.keys {
		fresh := c.states[key]
		if fresh.after == nil {
			continue
		}
		claim := c.claim(c.after, fresh, fresh.after)
		old := owners[claim]
		if claim == "" || old == nil || c.claimIsNew(fresh.after) || old != fresh && !c.stillThere(old, fresh) {
			continue
		}
		if fresh.before != nil && fresh.replaced == no && c.claim(c.before, fresh, fresh.before) == claim {
			continue // it had it all along
		}
		u, listed := uniques[fresh.after.Type]
		if !listed {
			u = named(fresh.after.Type)
		}
		text := "the name or place that it takes is the one of the resource that it replaces, which is removed only afterwards"
		if old != fresh {
			text = "the name or place that it takes is the one of " + old.key + ", which is still there at that time"
		}
		fresh.find(Finding{Effect: Refused, Perhaps: fresh.replaced == perhaps || old != fresh && !old.goes(), Text: text, Way: "give it another name, or remove the old one in a deployment before this one", Page: u.page})
	}
}

// claimIsNew says whether what a resource claims is of something that is itself
// replaced: a port of a new load balancer is free.
func (c *comparison) claimIsNew(r *Resource) bool {
	u, listed := uniques[r.Type]
	if !listed {
		u = named(r.Type)
	}
	for _, property := range u.properties {
		if r.Type == mountTarget && property == "SubnetId" {
			continue // it claims the zone, which another subnet has as well
		}
		for _, reference := range references(at(r.Properties, property)) {
			if c.valueChanges(reference) != no {
				return true
			}
		}
	}
	return false
}

// stillThere says whether an old resource is still there when a new one is made: both
// in one stack, where removal comes last; retained; in a stack that is deployed later,
// or leaves, which happens at the end. An old one that stays claims something else
// afterwards, but perhaps only after the new one.
func (c *comparison) stillThere(old, fresh *state) bool {
	if old.before != nil && old.goes() && retained(old) {
		return true
	}
	if old.stack == fresh.stack {
		return true
	}
	position := c.after.position(old.stack)
	return position < 0 || position > c.after.position(fresh.stack)
}
