package stacks

import (
	"strconv"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/edge"
	"github.com/lectern/lectern/constructs/storage"
	"github.com/lectern/lectern/constructs/web"
)

// front is the way in: the load balancer and what is before it.
type front struct {
	arn, dnsName, hostedZoneID *string
	targetGroupArns            []*string
	targetGroupNames           []*string
	// requestCountLabel is nil for a network load balancer, which counts no requests.
	requestCountLabel *string
	// listener is what a fleet waits for.
	listener     constructs.IDependable
	distribution *edge.Distribution
}

func newFront(stack cdk.Stack, p plan.Plan, e edgeStack, n networkStack, d dataStack, s service) front {
	var f front
	if p.LoadBalancer.Type == "network" {
		f = newNetworkFront(stack, p, n, d, s)
	} else {
		f = newApplicationFront(stack, p, n, d, s)
	}
	switch {
	case p.Edge.CDN:
		f.newDistribution(stack, p, e, d)
	case p.Edge.WAF:
		edge.NewWebAclAssociation(stack, "WebAclAssociation", newWebACL(stack, p, edge.RegionalScope), f.arn)
	}
	if d.content != nil {
		f.contentPolicy(stack, p, d)
	}
	if p.Edge.ShieldAdvanced {
		f.protect(stack, p)
	}
	return f
}

// newApplicationFront names load balancer, listener and target group by where the load balancer stands. CloudFormation
// replaces it when that changes, and a target group belongs to one load balancer for good.
func newApplicationFront(stack cdk.Stack, p plan.Plan, n networkStack, d dataStack, s service) front {
	kind, subnets := "Public", n.PublicSubnetIDs()
	if p.LoadBalancer.Internal {
		kind, subnets = "Internal", n.PrivateSubnetIDs()
	}
	balancer := web.NewApplicationLoadBalancer(stack, kind+"LoadBalancer", web.ApplicationLoadBalancerProps{
		Internal:           p.LoadBalancer.Internal,
		SubnetIds:          subnets,
		SecurityGroupIds:   []*string{s.groups.LoadBalancer},
		IdleTimeoutSeconds: p.LoadBalancer.IdleTimeoutSeconds,
		DeletionProtection: p.LoadBalancer.DeletionProtection,
		AccessLogs:         accessLogs(d, storage.LoadBalancerLogs),
		ZonalShift:         true,
	})
	targets := web.TargetGroupProps{
		VpcId:                      n.VpcID(),
		Port:                       p.Needs.Port,
		Health:                     web.HealthCheck{Path: p.Needs.HealthPath},
		Algorithm:                  web.Algorithm(p.LoadBalancer.Algorithm),
		DeregistrationDelaySeconds: p.LoadBalancer.DeregistrationDelaySeconds,
	}
	if p.LoadBalancer.Sticky {
		targets.StickySeconds = 86_400
	}
	group := web.NewTargetGroup(stack, kind+"Targets", targets)
	listener := web.NewApplicationListener(stack, kind+"Listener", web.ApplicationListenerProps{
		LoadBalancer: balancer,
		Certificates: certificates(stack, p),
		Default:      group,
		Rules:        rules(p, group),
	})
	return front{
		arn:               balancer.Arn(),
		dnsName:           balancer.DnsName(),
		hostedZoneID:      balancer.CanonicalHostedZoneId(),
		targetGroupArns:   []*string{group.Arn()},
		targetGroupNames:  []*string{group.Name()},
		requestCountLabel: balancer.RequestCountResourceLabel(group),
		listener:          listener.Construct,
	}
}

func newNetworkFront(stack cdk.Stack, p plan.Plan, n networkStack, d dataStack, s service) front {
	var f front
	var listeners []web.TCPListener
	for _, port := range p.LoadBalancer.Ports {
		name := strconv.Itoa(port)
		group := web.NewTargetGroup(stack, "NetworkTargets-"+name, web.TargetGroupProps{
			VpcId:                      n.VpcID(),
			Port:                       p.Needs.Port,
			Protocol:                   web.TCP,
			Health:                     web.HealthCheck{Path: p.Needs.HealthPath},
			DeregistrationDelaySeconds: max(1, p.LoadBalancer.DeregistrationDelaySeconds),
		})
		f.targetGroupArns = append(f.targetGroupArns, group.Arn())
		f.targetGroupNames = append(f.targetGroupNames, group.Name())
		listeners = append(listeners, web.TCPListener{Name: name, Port: port, Target: group})
	}
	balancer := web.NewNetworkLoadBalancer(stack, "NetworkLoadBalancer", web.NetworkLoadBalancerProps{
		SubnetIds:          n.PublicSubnetIDs(),
		SecurityGroupIds:   []*string{s.groups.LoadBalancer},
		DeletionProtection: p.LoadBalancer.DeletionProtection,
		AccessLogs:         accessLogs(d, storage.NetworkLoadBalancerLogs),
		ZonalShift:         true,
		Listeners:          listeners,
	})
	f.arn, f.dnsName, f.hostedZoneID = balancer.Arn(), balancer.DnsName(), balancer.CanonicalHostedZoneId()
	f.listener = balancer.Construct
	return f
}

func accessLogs(d dataStack, source storage.LogSource) web.AccessLogs {
	return web.AccessLogs{Bucket: d.logs.Name(), Prefix: string(source)}
}

func rules(p plan.Plan, group *web.TargetGroup) []web.Rule {
	var list []web.Rule
	for _, r := range p.LoadBalancer.Rules {
		rule := web.Rule{Name: r.Name, Priority: r.Priority, Hosts: r.Hosts, Paths: r.Paths, Methods: r.Methods}
		switch r.Action {
		case "deny":
			rule.Action.Fixed = &web.FixedResponse{Status: "403", Body: "Forbidden"}
		case "redirect":
			rule.Action.Redirect = &web.Redirect{Host: r.RedirectTo, Permanent: true}
		default:
			rule.Action.Forward = group
		}
		list = append(list, rule)
	}
	return list
}
