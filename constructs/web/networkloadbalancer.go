package web

import (
	"strconv"

	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/lectern/lectern/constructs/internal/tokens"
)

// NetworkLoadBalancerProps describes a Network Load Balancer.
type NetworkLoadBalancerProps struct {
	Internal         bool      // changing it replaces the load balancer
	SubnetIds        []*string // one in each zone
	SecurityGroupIds []*string // must be there from the start: AWS cannot add the first one later

	DeletionProtection bool
	AccessLogs         AccessLogs // AWS writes them for TLS listeners only
	ZonalShift         bool
	Listeners          []TCPListener
}

// TCPListener forwards one port to a target group.
type TCPListener struct {
	Name   string // construct id: keep it
	Port   int    // 1–65535, unique on the load balancer
	Target *TargetGroup
	// CertificateArn makes it a TLS listener that decrypts; nil: plain TCP.
	CertificateArn *string
}

// NetworkLoadBalancer forwards arbitrary TCP, at fixed addresses per zone.
type NetworkLoadBalancer struct {
	constructs.Construct
	resource  elb.CfnLoadBalancer
	listeners map[string]elb.CfnListener
}

// NewNetworkLoadBalancer declares the load balancer with its listeners.
func NewNetworkLoadBalancer(scope constructs.Construct, id string, p NetworkLoadBalancerProps) *NetworkLoadBalancer {
	check(len(p.SubnetIds) >= 1, "load balancer %s: no subnet given", id)
	check(len(p.SecurityGroupIds) >= 1, "load balancer %s: no security group given; a Network Load Balancer made without one can never have any", id)
	lb := &NetworkLoadBalancer{
		Construct: constructs.NewConstruct(scope, &id),
		listeners: map[string]elb.CfnListener{},
	}

	// 1. The load balancer. Cross-zone is off by default for this kind; on, a
	// zone whose targets fail is served by those of the others.
	lb.resource = elb.NewCfnLoadBalancer(lb.Construct, new("LoadBalancer"), &elb.CfnLoadBalancerProps{
		Type:           new("network"),
		Scheme:         scheme(p.Internal),
		IpAddressType:  new("ipv4"),
		Subnets:        tokens.List(p.SubnetIds...),
		SecurityGroups: tokens.List(p.SecurityGroupIds...),
		LoadBalancerAttributes: loadBalancerAttributes(p.AccessLogs, []attribute{
			{"deletion_protection.enabled", strconv.FormatBool(p.DeletionProtection)},
			{"load_balancing.cross_zone.enabled", "true"},
			{"zonal_shift.config.enabled", strconv.FormatBool(p.ZonalShift)},
		}),
	})

	// 2. Its listeners.
	taken := map[int]string{}
	for _, l := range p.Listeners {
		check(l.Port >= 1 && l.Port <= 65535, "listener %s: port %d; choose 1 to 65535", l.Name, l.Port)
		check(taken[l.Port] == "", "listeners %s and %s share port %d", taken[l.Port], l.Name, l.Port)
		check(l.Target.protocol == TCP, "listener %s: its target group speaks %s, a Network Load Balancer forwards %s", l.Name, l.Target.protocol, TCP)
		taken[l.Port] = l.Name
		lb.listeners[l.Name] = lb.listen(l)
	}
	return lb
}

func (lb *NetworkLoadBalancer) listen(l TCPListener) elb.CfnListener {
	props := &elb.CfnListenerProps{
		LoadBalancerArn: lb.Arn(),
		Port:            jsii.Number(l.Port),
		Protocol:        new("TCP"),
		DefaultActions:  &[]*elb.CfnListener_ActionProperty{{Type: new("forward"), TargetGroupArn: l.Target.Arn()}},
	}
	if l.CertificateArn != nil {
		props.Protocol = new("TLS")
		props.SslPolicy = new(tlsPolicy)
		props.Certificates = &[]*elb.CfnListener_CertificateProperty{{CertificateArn: l.CertificateArn}}
	}
	listener := elb.NewCfnListener(lb.Construct, new("Listener"+l.Name), props)
	untag(listener)
	return listener
}

// Arn is the load balancer's ARN.
func (lb *NetworkLoadBalancer) Arn() *string { return lb.resource.Ref() }

// DnsName is the name AWS gives it.
func (lb *NetworkLoadBalancer) DnsName() *string { return lb.resource.AttrDnsName() }

// CanonicalHostedZoneId is the zone of DnsName, for alias records.
func (lb *NetworkLoadBalancer) CanonicalHostedZoneId() *string {
	return lb.resource.AttrCanonicalHostedZoneId()
}

// FullName is net/NAME/ID, the LoadBalancer dimension of its metrics.
func (lb *NetworkLoadBalancer) FullName() *string { return lb.resource.AttrLoadBalancerFullName() }

// ListenerArn is the ARN of the listener of that name.
func (lb *NetworkLoadBalancer) ListenerArn(name string) *string {
	check(lb.listeners[name] != nil, "no listener %q on this load balancer", name)
	return lb.listeners[name].Ref()
}
