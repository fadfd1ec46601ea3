package synth_test

import (
	"fmt"
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/web"
)

// webSubnets and webGroups stand for what the network stack makes.
func webSubnets() []*string {
	return []*string{new("subnet-0aaaaaaaaaaaaaaaa"), new("subnet-0bbbbbbbbbbbbbbbb"), new("subnet-0cccccccccccccccc")}
}

func webGroups() []*string { return []*string{new("sg-0aaaaaaaaaaaaaaaa")} }

func webCertificate(name string) web.Certificate {
	return web.Certificate{Name: name, Arn: new("arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-00000000000" + name[len(name)-1:])}
}

func webLoadBalancer(stack cdk.Stack, internal bool) *web.ApplicationLoadBalancer {
	return web.NewApplicationLoadBalancer(stack, "Alb", web.ApplicationLoadBalancerProps{
		Internal: internal, SubnetIds: webSubnets(), SecurityGroupIds: webGroups(),
		DeletionProtection: true, ZonalShift: true,
		AccessLogs: web.AccessLogs{Bucket: new("logs-bucket"), Prefix: "alb"},
	})
}

func webTargetGroup(stack cdk.Stack, id string, mutate func(*web.TargetGroupProps)) *web.TargetGroup {
	p := web.TargetGroupProps{
		VpcId: new("vpc-0aaaaaaaaaaaaaaaa"), Port: 8080,
		Health: web.HealthCheck{Path: "/api/health"},
	}
	if mutate != nil {
		mutate(&p)
	}
	return web.NewTargetGroup(stack, id, p)
}

// resources are the properties of all resources of a type in a template.
func resources(t *testing.T, tpl assertions.Template, resourceType string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for _, r := range *tpl.FindResources(&resourceType, nil) {
		properties, _ := (*r)["Properties"].(map[string]any)
		found = append(found, properties)
	}
	return found
}

// only is the one resource of a type.
func only(t *testing.T, tpl assertions.Template, resourceType string) map[string]any {
	t.Helper()
	found := resources(t, tpl, resourceType)
	require.Len(t, found, 1, resourceType)
	return found[0]
}

// attributeMap is a Key/Value list of Elastic Load Balancing as a map.
func attributeMap(list any) map[string]any {
	m := map[string]any{}
	for _, a := range list.([]any) {
		m[a.(map[string]any)["Key"].(string)] = a.(map[string]any)["Value"]
	}
	return m
}

// panicText is what f panics with.
func panicText(t *testing.T, f func()) (text string) {
	t.Helper()
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

// L1, L4, C7: an internal load balancer behind CloudFront.
func TestWebInternalLoadBalancer(t *testing.T) {
	_, stack := newStack(t)
	lb := webLoadBalancer(stack, true)
	group := webTargetGroup(stack, "Web", nil)
	listener := web.NewApplicationListener(stack, "Listener", web.ApplicationListenerProps{
		LoadBalancer: lb, Default: group, Certificates: []web.Certificate{webCertificate("Main1")},
	})
	cdk.NewCfnOutput(stack, new("Label"), &cdk.CfnOutputProps{Value: lb.RequestCountResourceLabel(group)})
	require.Equal(t, 443, listener.Port())

	tpl := template(stack)
	load := only(t, tpl, "AWS::ElasticLoadBalancingV2::LoadBalancer")
	require.Equal(t, "internal", load["Scheme"])
	require.Equal(t, "application", load["Type"])
	require.Len(t, load["Subnets"], 3)
	require.Subset(t, attributeMap(load["LoadBalancerAttributes"]), map[string]any{
		"access_logs.s3.enabled":                          "true",
		"access_logs.s3.bucket":                           "logs-bucket",
		"access_logs.s3.prefix":                           "alb",
		"deletion_protection.enabled":                     "true",
		"idle_timeout.timeout_seconds":                    "60",
		"routing.http.desync_mitigation_mode":             "defensive",
		"routing.http.drop_invalid_header_fields.enabled": "true",
		"zonal_shift.config.enabled":                      "true",
	})

	// Redirects are the edge's business here, so nothing listens on 80.
	l := only(t, tpl, "AWS::ElasticLoadBalancingV2::Listener")
	require.Equal(t, "HTTPS", l["Protocol"])
	require.Equal(t, map[string]any{"routing.http.response.server.enabled": "false"}, attributeMap(l["ListenerAttributes"]))

	// The label is LOADBALANCER/TARGETGROUP by their full names.
	label := (*tpl.ToJSON())["Outputs"].(map[string]any)["Label"].(map[string]any)["Value"].(map[string]any)["Fn::Join"].([]any)
	require.Equal(t, "/", label[0])
	require.Equal(t, "LoadBalancerFullName", label[1].([]any)[0].(map[string]any)["Fn::GetAtt"].([]any)[1])
	require.Equal(t, "TargetGroupFullName", label[1].([]any)[1].(map[string]any)["Fn::GetAtt"].([]any)[1])
}

// E4, E5, L1: internet-facing, several certificates, port 80 only redirects.
func TestWebPublicLoadBalancer(t *testing.T) {
	_, stack := newStack(t)
	web.NewApplicationListener(stack, "Listener", web.ApplicationListenerProps{
		LoadBalancer: webLoadBalancer(stack, false),
		Default:      webTargetGroup(stack, "Web", nil),
		Certificates: []web.Certificate{webCertificate("Main1"), webCertificate("Second2"), webCertificate("Third3")},
	})
	tpl := template(stack)
	require.Equal(t, "internet-facing", only(t, tpl, "AWS::ElasticLoadBalancingV2::LoadBalancer")["Scheme"])

	tpl.ResourceCountIs(new("AWS::ElasticLoadBalancingV2::Listener"), new(2.0))
	tpl.HasResourceProperties(new("AWS::ElasticLoadBalancingV2::Listener"), map[string]any{
		"Port": 443, "Protocol": "HTTPS",
		"SslPolicy":      "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
		"Certificates":   []any{map[string]any{"CertificateArn": webCertificate("Main1").Arn}},
		"DefaultActions": []any{map[string]any{"Type": "forward"}},
		"ListenerAttributes": assertions.Match_ArrayWith(&[]any{map[string]any{
			"Key": "routing.http.response.strict_transport_security.header_value", "Value": "max-age=31536000",
		}}),
	})
	tpl.HasResourceProperties(new("AWS::ElasticLoadBalancingV2::Listener"), map[string]any{
		"Port": 80, "Protocol": "HTTP",
		"DefaultActions": []any{map[string]any{
			"Type":           "redirect",
			"RedirectConfig": map[string]any{"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
		}},
	})
	tpl.ResourceCountIs(new("AWS::ElasticLoadBalancingV2::ListenerCertificate"), new(2.0))
	for _, name := range []string{"Second2", "Third3"} {
		tpl.HasResourceProperties(new("AWS::ElasticLoadBalancingV2::ListenerCertificate"), map[string]any{
			"Certificates": []any{map[string]any{"CertificateArn": webCertificate(name).Arn}},
		})
	}
}

// E4: without a domain there is no certificate; only an internal load balancer
// may then speak HTTP.
func TestWebWithoutCertificate(t *testing.T) {
	_, stack := newStack(t)
	group := webTargetGroup(stack, "Web", nil)
	listener := web.NewApplicationListener(stack, "Listener", web.ApplicationListenerProps{
		LoadBalancer: webLoadBalancer(stack, true), Default: group,
	})
	require.Equal(t, 80, listener.Port())
	l := only(t, template(stack), "AWS::ElasticLoadBalancingV2::Listener")
	require.Equal(t, "HTTP", l["Protocol"])
	require.Equal(t, 80.0, l["Port"])
	require.NotContains(t, l, "Certificates")

	_, public := newStack(t)
	require.PanicsWithValue(t,
		"web: listener Listener: no certificate on an internet-facing load balancer; give one, or make it internal behind CloudFront",
		func() {
			web.NewApplicationListener(public, "Listener", web.ApplicationListenerProps{
				LoadBalancer: webLoadBalancer(public, false), Default: webTargetGroup(public, "Web", nil),
			})
		})
}

// L1–L4: health, algorithm, stickiness off unless asked for.
func TestWebTargetGroup(t *testing.T) {
	_, stack := newStack(t)
	webTargetGroup(stack, "Web", func(p *web.TargetGroupProps) {
		p.Algorithm, p.DeregistrationDelaySeconds = web.LeastOutstandingRequests, 30
	})
	g := only(t, template(stack), "AWS::ElasticLoadBalancingV2::TargetGroup")
	require.Equal(t, "/api/health", g["HealthCheckPath"])
	require.Equal(t, map[string]any{"HttpCode": "200"}, g["Matcher"])
	require.Equal(t, map[string]any{
		"deregistration_delay.timeout_seconds":                                      "30",
		"load_balancing.algorithm.type":                                             "least_outstanding_requests",
		"stickiness.enabled":                                                        "false",
		"target_group_health.dns_failover.minimum_healthy_targets.count":            "1",
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
	}, attributeMap(g["TargetGroupAttributes"]))
	// L4: out of rotation within about ten seconds.
	require.LessOrEqual(t, g["HealthCheckIntervalSeconds"].(float64)*g["UnhealthyThresholdCount"].(float64), 10.0)

	_, sticky := newStack(t)
	webTargetGroup(sticky, "Web", func(p *web.TargetGroupProps) { p.StickySeconds, p.SlowStartSeconds = 3600, 60 })
	require.Subset(t, attributeMap(only(t, template(sticky), "AWS::ElasticLoadBalancingV2::TargetGroup")["TargetGroupAttributes"]), map[string]any{
		"load_balancing.algorithm.type":         "round_robin",
		"slow_start.duration_seconds":           "60",
		"stickiness.enabled":                    "true",
		"stickiness.lb_cookie.duration_seconds": "3600",
		"deregistration_delay.timeout_seconds":  "60",
		"stickiness.type":                       "lb_cookie",
	})
}

func TestWebTargetGroupRefuses(t *testing.T) {
	_, stack := newStack(t)
	for name, c := range map[string]struct {
		mutate func(*web.TargetGroupProps)
		want   string
	}{
		"slow start with least outstanding requests": {
			func(p *web.TargetGroupProps) { p.Algorithm, p.SlowStartSeconds = web.LeastOutstandingRequests, 60 },
			"slow start works with round_robin only",
		},
		"no health path":            {func(p *web.TargetGroupProps) { p.Health.Path = "" }, "needs a health path"},
		"timeout above interval":    {func(p *web.TargetGroupProps) { p.Health.TimeoutSeconds = 9 }, "health check timeout (s) 9"},
		"port":                      {func(p *web.TargetGroupProps) { p.Port = 70000 }, "port 70000; choose 1 to 65535"},
		"sticky TCP":                {func(p *web.TargetGroupProps) { p.Protocol, p.StickySeconds = web.TCP, 60 }, "are for HTTP groups"},
		"an algorithm that is none": {func(p *web.TargetGroupProps) { p.Algorithm = "random" }, `algorithm "random"`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, panicText(t, func() { webTargetGroup(stack, "G"+name, c.mutate) }), c.want)
		})
	}
}

// L1: routing by host, path and method.
func TestWebRules(t *testing.T) {
	_, stack := newStack(t)
	reports := webTargetGroup(stack, "Reports", nil)
	web.NewApplicationListener(stack, "Listener", web.ApplicationListenerProps{
		LoadBalancer: webLoadBalancer(stack, true),
		Default:      webTargetGroup(stack, "Web", nil),
		Rules: []web.Rule{
			{Name: "Reports", Priority: 10, Hosts: []string{"reports.example.com"}, Paths: []string{"/api/*"}, Methods: []string{"GET", "HEAD"}, Action: web.Action{Forward: reports}},
			{Name: "NoMetrics", Priority: 20, Paths: []string{"/metrics"}, Action: web.Action{Fixed: &web.FixedResponse{Status: "404", Body: "not found"}}},
			{Name: "Old", Priority: 30, Hosts: []string{"old.example.com"}, Action: web.Action{Redirect: &web.Redirect{Host: "learn.example.com", Permanent: true}}},
		},
	})
	tpl := template(stack)
	rule := func(priority int) map[string]any {
		for _, r := range resources(t, tpl, "AWS::ElasticLoadBalancingV2::ListenerRule") {
			if r["Priority"] == float64(priority) {
				return r
			}
		}
		t.Fatalf("no rule with priority %d", priority)
		return nil
	}
	require.Equal(t, []any{
		map[string]any{"Field": "host-header", "HostHeaderConfig": map[string]any{"Values": []any{"reports.example.com"}}},
		map[string]any{"Field": "path-pattern", "PathPatternConfig": map[string]any{"Values": []any{"/api/*"}}},
		map[string]any{"Field": "http-request-method", "HttpRequestMethodConfig": map[string]any{"Values": []any{"GET", "HEAD"}}},
	}, rule(10)["Conditions"])
	require.Equal(t, "forward", rule(10)["Actions"].([]any)[0].(map[string]any)["Type"])
	require.Equal(t, []any{map[string]any{
		"Type":                "fixed-response",
		"FixedResponseConfig": map[string]any{"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "not found"},
	}}, rule(20)["Actions"])
	require.Equal(t, []any{map[string]any{
		"Type":           "redirect",
		"RedirectConfig": map[string]any{"Host": "learn.example.com", "Path": "/#{path}", "StatusCode": "HTTP_301"},
	}}, rule(30)["Actions"])
}

func TestWebRulesRefuse(t *testing.T) {
	_, stack := newStack(t)
	lb, group := webLoadBalancer(stack, true), webTargetGroup(stack, "Web", nil)
	forward := web.Action{Forward: group}
	for name, c := range map[string]struct {
		rules []web.Rule
		want  string
	}{
		"no condition": {[]web.Rule{{Name: "A", Priority: 1, Action: forward}}, "rule A: 0 condition values"},
		"six values":   {[]web.Rule{{Name: "A", Priority: 1, Paths: []string{"/a", "/b", "/c", "/d", "/e", "/f"}, Action: forward}}, "rule A: 6 condition values"},
		"no action":    {[]web.Rule{{Name: "A", Priority: 1, Paths: []string{"/a"}}}, "rule A: 0 actions"},
		"same priority": {[]web.Rule{
			{Name: "A", Priority: 1, Paths: []string{"/a"}, Action: forward},
			{Name: "B", Priority: 1, Paths: []string{"/b"}, Action: forward},
		}, "rules A and B share priority 1"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, panicText(t, func() {
				web.NewApplicationListener(stack, "Listener "+name, web.ApplicationListenerProps{LoadBalancer: lb, Default: group, Rules: c.rules})
			}), c.want)
		})
	}
}

// E5: a Network Load Balancer for arbitrary TCP.
func TestWebNetworkLoadBalancer(t *testing.T) {
	_, stack := newStack(t)
	ldap := webTargetGroup(stack, "Ldap", func(p *web.TargetGroupProps) {
		p.Protocol, p.Port, p.Health.Path = web.TCP, 389, ""
	})
	site := webTargetGroup(stack, "Site", func(p *web.TargetGroupProps) { p.Protocol, p.Port = web.TCP, 80 })
	nlb := web.NewNetworkLoadBalancer(stack, "Nlb", web.NetworkLoadBalancerProps{
		SubnetIds: webSubnets(), SecurityGroupIds: webGroups(), ZonalShift: true, DeletionProtection: true,
		AccessLogs: web.AccessLogs{Bucket: new("logs-bucket"), Prefix: "nlb"},
		Listeners: []web.TCPListener{
			{Name: "Ldap", Port: 389, Target: ldap},
			{Name: "Site", Port: 443, Target: site, CertificateArn: webCertificate("Main1").Arn},
		},
	})
	require.NotNil(t, nlb.ListenerArn("Ldap"))

	tpl := template(stack)
	load := only(t, tpl, "AWS::ElasticLoadBalancingV2::LoadBalancer")
	require.Equal(t, "network", load["Type"])
	require.Equal(t, []any{"sg-0aaaaaaaaaaaaaaaa"}, load["SecurityGroups"])
	require.Subset(t, attributeMap(load["LoadBalancerAttributes"]), map[string]any{
		"access_logs.s3.enabled":            "true",
		"deletion_protection.enabled":       "true",
		"load_balancing.cross_zone.enabled": "true",
		"zonal_shift.config.enabled":        "true",
	})
	tpl.HasResourceProperties(new("AWS::ElasticLoadBalancingV2::Listener"), map[string]any{
		"Port": 389, "Protocol": "TCP", "Certificates": assertions.Match_Absent(),
	})
	tpl.HasResourceProperties(new("AWS::ElasticLoadBalancingV2::Listener"), map[string]any{
		"Port": 443, "Protocol": "TLS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
	})
	tpl.HasResourceProperties(new("AWS::ElasticLoadBalancingV2::TargetGroup"), map[string]any{
		"Protocol": "TCP", "Port": 389, "HealthCheckProtocol": "TCP", "Matcher": assertions.Match_Absent(),
	})
	tpl.HasResourceProperties(new("AWS::ElasticLoadBalancingV2::TargetGroup"), map[string]any{
		"Protocol": "TCP", "Port": 80, "HealthCheckProtocol": "HTTP", "HealthCheckPath": "/api/health",
	})

	_, other := newStack(t)
	require.Contains(t, panicText(t, func() {
		web.NewNetworkLoadBalancer(other, "Nlb", web.NetworkLoadBalancerProps{
			SubnetIds: webSubnets(), SecurityGroupIds: webGroups(),
			Listeners: []web.TCPListener{{Name: "Web", Port: 80, Target: webTargetGroup(other, "Web", nil)}},
		})
	}), "its target group speaks HTTP")
}
