package edge

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsshield"
	"github.com/aws/constructs-go/constructs/v10"
)

// AutomaticResponse is what Shield Advanced does by itself about an
// application-layer attack: it writes rules into the resource's web ACL, which
// take 150 WCU there (WebAclProps.ShieldResponse reserves them).
type AutomaticResponse string

const (
	NoResponse    AutomaticResponse = ""
	CountResponse AutomaticResponse = "count"
	BlockResponse AutomaticResponse = "block"
)

// ProtectedResource is one resource under Shield Advanced.
type ProtectedResource struct {
	Name string  // construct id and part of the protection's name: keep it
	Arn  *string // a distribution, an Application Load Balancer, an elastic IP, a hosted zone
	// HasWebAcl: the resource has a web ACL, without which there is nowhere for
	// an automatic response to act.
	HasWebAcl bool
	Response  AutomaticResponse
}

// ShieldProtectionsProps describes the opt-in to Shield Advanced.
type ShieldProtectionsProps struct {
	// Acknowledged: somebody said in the client file that this account pays for
	// Shield Advanced (about 3,000 USD a month for a year, per organization).
	// Without a subscription the protections fail to deploy; CloudFormation
	// cannot subscribe.
	Acknowledged bool
	NamePrefix   string // protections need names; unique per client and region
	Resources    []ProtectedResource
}

// ShieldProtections puts resources under Shield Advanced. Shield Standard needs
// nothing: AWS applies it to every CloudFront distribution and load balancer.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-shield-protection.html
type ShieldProtections struct{ constructs.Construct }

// NewShieldProtections declares one protection for each resource.
func NewShieldProtections(scope constructs.Construct, id string, p ShieldProtectionsProps) *ShieldProtections {
	check(p.Acknowledged, "Shield %s: Shield Advanced costs thousands a month for a year; it needs the acknowledgement of the client file", id)
	check(p.NamePrefix != "", "Shield %s: no name prefix", id)
	s := &ShieldProtections{Construct: constructs.NewConstruct(scope, &id)}
	for _, r := range p.Resources {
		props := &awsshield.CfnProtectionProps{
			Name:        new(p.NamePrefix + "-" + r.Name),
			ResourceArn: r.Arn,
		}
		if r.Response != NoResponse {
			check(r.HasWebAcl, "Shield %s: %s has no web ACL for an automatic response to act in", id, r.Name)
			action := &awsshield.CfnProtection_ActionProperty{Count: map[string]any{}}
			switch r.Response {
			case CountResponse:
			case BlockResponse:
				action = &awsshield.CfnProtection_ActionProperty{Block: map[string]any{}}
			default:
				check(false, "Shield %s: response %q; choose %s or %s", id, r.Response, CountResponse, BlockResponse)
			}
			props.ApplicationLayerAutomaticResponseConfiguration = &awsshield.CfnProtection_ApplicationLayerAutomaticResponseConfigurationProperty{
				Status: new("ENABLED"), Action: action,
			}
		}
		awsshield.NewCfnProtection(s.Construct, new(r.Name), props)
	}
	return s
}
