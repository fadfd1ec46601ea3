package web

import (
	"cmp"
	"strconv"
	"strings"

	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Algorithm chooses a target for each request of an Application Load Balancer.
type Algorithm string

const (
	RoundRobin               Algorithm = "round_robin"
	LeastOutstandingRequests Algorithm = "least_outstanding_requests"
)

// Protocol between the load balancer and its targets.
type Protocol string

const (
	HTTP Protocol = "HTTP" // behind an Application Load Balancer
	TCP  Protocol = "TCP"  // behind a Network Load Balancer
)

// HealthCheck decides which targets get traffic. The defaults take a failed
// target out after two missed answers, 10 s apart at most.
type HealthCheck struct {
	Path               string // e.g. /api/health, must answer 200; empty with TCP: a connection is enough
	IntervalSeconds    int    // 5–300; default 5
	TimeoutSeconds     int    // 2–120, below the interval; default 4
	HealthyThreshold   int    // 2–10 answers in a row; default 2
	UnhealthyThreshold int    // 2–10 failures in a row; default 2
}

// TargetGroupProps describes a group of instances that serve one port.
type TargetGroupProps struct {
	VpcId    *string
	Port     int      // 1–65535
	Protocol Protocol // default HTTP
	Health   HealthCheck

	// Algorithm: default round robin. Least outstanding requests suits requests
	// of very different lengths. HTTP only.
	Algorithm Algorithm
	// StickySeconds keeps a browser on one target by cookie, 1–604,800; 0: off,
	// as stateless instances want it. HTTP only.
	StickySeconds int
	// DeregistrationDelaySeconds is how long a target that leaves may finish
	// its requests, 1–3,600; default 60.
	DeregistrationDelaySeconds int
	// SlowStartSeconds ramps a new target up, 30–900; 0: off. Round robin only.
	SlowStartSeconds int
}

// TargetGroup is a health-checked group of instances; the Auto Scaling group
// that owns the instances registers them.
type TargetGroup struct {
	constructs.Construct
	resource elb.CfnTargetGroup
	protocol Protocol
}

// NewTargetGroup declares the group. Changing VPC, port or protocol replaces it.
func NewTargetGroup(scope constructs.Construct, id string, p TargetGroupProps) *TargetGroup {
	// 1. Fill in what was left to the defaults and refuse what AWS would.
	p.Protocol = cmp.Or(p.Protocol, HTTP)
	p.Algorithm = cmp.Or(p.Algorithm, RoundRobin)
	p.DeregistrationDelaySeconds = cmp.Or(p.DeregistrationDelaySeconds, 60)
	p.Health.IntervalSeconds = cmp.Or(p.Health.IntervalSeconds, 5)
	p.Health.TimeoutSeconds = cmp.Or(p.Health.TimeoutSeconds, 4)
	p.Health.HealthyThreshold = cmp.Or(p.Health.HealthyThreshold, 2)
	p.Health.UnhealthyThreshold = cmp.Or(p.Health.UnhealthyThreshold, 2)
	p.validate(id)

	// 2. The group.
	g := &TargetGroup{Construct: constructs.NewConstruct(scope, &id), protocol: p.Protocol}
	props := &elb.CfnTargetGroupProps{
		VpcId:                      p.VpcId,
		TargetType:                 new("instance"),
		Port:                       jsii.Number(p.Port),
		Protocol:                   new(string(p.Protocol)),
		HealthCheckEnabled:         true,
		HealthCheckIntervalSeconds: jsii.Number(p.Health.IntervalSeconds),
		HealthCheckTimeoutSeconds:  jsii.Number(p.Health.TimeoutSeconds),
		HealthyThresholdCount:      jsii.Number(p.Health.HealthyThreshold),
		UnhealthyThresholdCount:    jsii.Number(p.Health.UnhealthyThreshold),
		HealthCheckPort:            new("traffic-port"),
		HealthCheckProtocol:        new(string(TCP)),
		TargetGroupAttributes:      targetGroupAttributes(p.attributes()),
	}
	if p.Health.Path != "" {
		props.HealthCheckProtocol = new(string(HTTP))
		props.HealthCheckPath = new(p.Health.Path)
		props.Matcher = &elb.CfnTargetGroup_MatcherProperty{HttpCode: new("200")}
	}
	g.resource = elb.NewCfnTargetGroup(g.Construct, new("TargetGroup"), props)
	return g
}

// attributes of the group. The target_group_health thresholds say that a zone
// leaves DNS when it has no healthy target, and that with no healthy target at
// all the load balancer sends to every target: better a try than a certain 503
// when the health check itself is wrong.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html
func (p TargetGroupProps) attributes() []attribute {
	common := []attribute{
		{"deregistration_delay.timeout_seconds", strconv.Itoa(p.DeregistrationDelaySeconds)},
		{"target_group_health.dns_failover.minimum_healthy_targets.count", "1"},
		{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"},
	}
	if p.Protocol == TCP {
		// Established connections to a failed target are closed at once, so
		// clients reconnect to a healthy one instead of waiting for a timeout.
		return append(common,
			attribute{"deregistration_delay.connection_termination.enabled", "true"},
			attribute{"target_health_state.unhealthy.connection_termination.enabled", "true"},
		)
	}
	common = append(common, attribute{"load_balancing.algorithm.type", string(p.Algorithm)})
	if p.SlowStartSeconds > 0 {
		common = append(common, attribute{"slow_start.duration_seconds", strconv.Itoa(p.SlowStartSeconds)})
	}
	if p.StickySeconds == 0 {
		return append(common, attribute{"stickiness.enabled", "false"})
	}
	return append(common,
		attribute{"stickiness.enabled", "true"},
		attribute{"stickiness.type", "lb_cookie"},
		attribute{"stickiness.lb_cookie.duration_seconds", strconv.Itoa(p.StickySeconds)},
	)
}

// Arn is the target group's ARN.
func (g *TargetGroup) Arn() *string { return g.resource.Ref() }

// Name of the target group, made by CloudFormation.
func (g *TargetGroup) Name() *string { return g.resource.AttrTargetGroupName() }

// FullName is targetgroup/NAME/ID, the TargetGroup dimension of its metrics.
func (g *TargetGroup) FullName() *string { return g.resource.AttrTargetGroupFullName() }

func (p TargetGroupProps) validate(id string) {
	within := func(name string, value, low, high int) {
		check(value >= low && value <= high, "target group %s: %s %d; choose %d to %d", id, name, value, low, high)
	}
	within("port", p.Port, 1, 65535)
	within("health check interval (s)", p.Health.IntervalSeconds, 5, 300)
	within("health check timeout (s)", p.Health.TimeoutSeconds, 2, min(120, p.Health.IntervalSeconds-1))
	within("healthy threshold", p.Health.HealthyThreshold, 2, 10)
	within("unhealthy threshold", p.Health.UnhealthyThreshold, 2, 10)
	within("deregistration delay (s)", p.DeregistrationDelaySeconds, 1, 3600)
	within("stickiness (s)", p.StickySeconds, 0, 604800)
	check(p.Health.Path == "" || strings.HasPrefix(p.Health.Path, "/"), "target group %s: health path %q does not start with /", id, p.Health.Path)

	if p.SlowStartSeconds != 0 {
		within("slow start (s)", p.SlowStartSeconds, 30, 900)
	}
	switch p.Protocol {
	case HTTP:
		check(p.Health.Path != "", "target group %s: an HTTP group needs a health path", id)
		check(p.Algorithm == RoundRobin || p.Algorithm == LeastOutstandingRequests,
			"target group %s: algorithm %q; choose %s or %s", id, p.Algorithm, RoundRobin, LeastOutstandingRequests)
		check(p.SlowStartSeconds == 0 || p.Algorithm == RoundRobin,
			"target group %s: slow start works with %s only, not with %s", id, RoundRobin, p.Algorithm)
	case TCP:
		check(p.Algorithm == RoundRobin && p.StickySeconds == 0 && p.SlowStartSeconds == 0,
			"target group %s: algorithm, stickiness and slow start are for HTTP groups", id)
	default:
		check(false, "target group %s: protocol %q; choose %s or %s", id, p.Protocol, HTTP, TCP)
	}
}
