package web

import (
	"cmp"
	"strconv"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/internal/tokens"
)

// ApplicationLoadBalancerProps describes an Application Load Balancer.
type ApplicationLoadBalancerProps struct {
	// Internal puts it behind a CloudFront VPC origin; otherwise it faces the
	// internet. Changing it replaces the load balancer.
	Internal bool
	// SubnetIds: one in each zone, at least two. Private subnets when internal.
	SubnetIds []*string
	// SecurityGroupIds say who may connect; they are made with the network.
	SecurityGroupIds []*string

	IdleTimeoutSeconds int // 1–4,000; default 60. Keep it above the longest silent request.
	DeletionProtection bool
	AccessLogs         AccessLogs
	// ZonalShift lets ARC move traffic away from an impaired zone, by hand or
	// by autoshift. The zones that stay must hold the load.
	ZonalShift bool
}

// ApplicationLoadBalancer spreads HTTP requests over the targets of all zones
// (cross-zone is always on for this kind).
type ApplicationLoadBalancer struct {
	constructs.Construct
	resource elb.CfnLoadBalancer
	internal bool
}

// NewApplicationLoadBalancer declares the load balancer; listeners are
// ApplicationListener's.
func NewApplicationLoadBalancer(scope constructs.Construct, id string, p ApplicationLoadBalancerProps) *ApplicationLoadBalancer {
	idle := cmp.Or(p.IdleTimeoutSeconds, 60)
	check(len(p.SubnetIds) >= 2, "load balancer %s: %d subnets given; an Application Load Balancer needs one in each of two zones or more", id, len(p.SubnetIds))
	check(len(p.SecurityGroupIds) > 0, "load balancer %s: no security group given; the VPC's default would apply", id)
	check(idle >= 1 && idle <= 4000, "load balancer %s: idle timeout %d s; choose 1 to 4000", id, idle)

	lb := &ApplicationLoadBalancer{Construct: constructs.NewConstruct(scope, &id), internal: p.Internal}
	lb.resource = elb.NewCfnLoadBalancer(lb.Construct, new("LoadBalancer"), &elb.CfnLoadBalancerProps{
		Type:           new("application"),
		Scheme:         scheme(p.Internal),
		IpAddressType:  new("ipv4"),
		Subnets:        tokens.List(p.SubnetIds...),
		SecurityGroups: tokens.List(p.SecurityGroupIds...),
		LoadBalancerAttributes: loadBalancerAttributes(p.AccessLogs, []attribute{
			{"deletion_protection.enabled", strconv.FormatBool(p.DeletionProtection)},
			{"idle_timeout.timeout_seconds", strconv.Itoa(idle)},
			{"routing.http.desync_mitigation_mode", "defensive"},
			{"routing.http.drop_invalid_header_fields.enabled", "true"},
			{"routing.http2.enabled", "true"},
			{"zonal_shift.config.enabled", strconv.FormatBool(p.ZonalShift)},
		}),
	})
	return lb
}

// Arn is the load balancer's ARN: for a VPC origin, a web ACL or Shield.
func (lb *ApplicationLoadBalancer) Arn() *string { return lb.resource.Ref() }

// DnsName is the name AWS gives it.
func (lb *ApplicationLoadBalancer) DnsName() *string { return lb.resource.AttrDnsName() }

// CanonicalHostedZoneId is the zone of DnsName, for alias records.
func (lb *ApplicationLoadBalancer) CanonicalHostedZoneId() *string {
	return lb.resource.AttrCanonicalHostedZoneId()
}

// FullName is app/NAME/ID, the LoadBalancer dimension of its metrics.
func (lb *ApplicationLoadBalancer) FullName() *string { return lb.resource.AttrLoadBalancerFullName() }

// RequestCountResourceLabel is the label by which a scaling policy on
// ALBRequestCountPerTarget names its load balancer and target group:
// app/NAME/ID/targetgroup/NAME/ID. Valid only once a listener joins the two.
func (lb *ApplicationLoadBalancer) RequestCountResourceLabel(group *TargetGroup) *string {
	return cdk.Fn_Join(new("/"), &[]*string{lb.FullName(), group.FullName()})
}
