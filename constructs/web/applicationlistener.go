package web

import (
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// tlsPolicy: TLS 1.3 with post-quantum key exchange, TLS 1.2 with forward
// secrecy and AEAD ciphers only; the strictest policy CloudFront and every
// browser of the last years can speak. ELB's own recommendation.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"

// Certificate is an issued or pending ACM certificate in the load balancer's
// region. Name is part of the construct id: keep it.
type Certificate struct {
	Name string
	Arn  *string
}

// ApplicationListenerProps describes how requests reach the target groups.
type ApplicationListenerProps struct {
	LoadBalancer *ApplicationLoadBalancer
	// Certificates: the first is the default, the rest are chosen by SNI. None
	// is allowed only on an internal load balancer, which then speaks HTTP.
	Certificates []Certificate
	// Default gets what no rule matches.
	Default *TargetGroup
	Rules   []Rule
}

// ApplicationListener is the way in: HTTPS on 443, with an HTTP to HTTPS
// redirect on 80 when the load balancer faces the internet; or HTTP on 80 on an
// internal load balancer without a certificate.
type ApplicationListener struct {
	constructs.Construct
	main elb.CfnListener
	port int
}

// NewApplicationListener declares the listeners, further certificates and rules.
func NewApplicationListener(scope constructs.Construct, id string, p ApplicationListenerProps) *ApplicationListener {
	lb := p.LoadBalancer
	check(p.Default.protocol == HTTP, "listener %s: the default target group speaks %s, an Application Load Balancer forwards %s", id, p.Default.protocol, HTTP)
	check(len(p.Certificates) > 0 || lb.internal,
		"listener %s: no certificate on an internet-facing load balancer; give one, or make it internal behind CloudFront", id)
	l := &ApplicationListener{Construct: constructs.NewConstruct(scope, &id), port: 443}

	// 1. The listener that serves.
	forward := &[]*elb.CfnListener_ActionProperty{{Type: new("forward"), TargetGroupArn: p.Default.Arn()}}
	if len(p.Certificates) == 0 {
		l.port = 80
		l.main = elb.NewCfnListener(l.Construct, new("Http"), &elb.CfnListenerProps{
			LoadBalancerArn:    lb.Arn(),
			Port:               jsii.Number(l.port),
			Protocol:           new("HTTP"),
			DefaultActions:     forward,
			ListenerAttributes: listenerAttributes(headerAttributes(lb.internal)),
		})
	} else {
		l.main = elb.NewCfnListener(l.Construct, new("Https"), &elb.CfnListenerProps{
			LoadBalancerArn:    lb.Arn(),
			Port:               jsii.Number(l.port),
			Protocol:           new("HTTPS"),
			SslPolicy:          new(tlsPolicy),
			Certificates:       &[]*elb.CfnListener_CertificateProperty{{CertificateArn: p.Certificates[0].Arn}},
			DefaultActions:     forward,
			ListenerAttributes: listenerAttributes(headerAttributes(lb.internal)),
		})
		// 2. Further certificates, one resource each so that one can go without
		// touching the others.
		for _, c := range p.Certificates[1:] {
			elb.NewCfnListenerCertificate(l.Construct, new("Certificate"+c.Name), &elb.CfnListenerCertificateProps{
				ListenerArn:  l.Arn(),
				Certificates: &[]*elb.CfnListenerCertificate_CertificateProperty{{CertificateArn: c.Arn}},
			})
		}
	}

	// 3. People who type a bare name arrive on port 80. Behind CloudFront they
	// are redirected at the edge, and nothing listens here.
	if !lb.internal {
		redirect := elb.NewCfnListener(l.Construct, new("Redirect"), &elb.CfnListenerProps{
			LoadBalancerArn: lb.Arn(),
			Port:            jsii.Number(80),
			Protocol:        new("HTTP"),
			DefaultActions: &[]*elb.CfnListener_ActionProperty{{
				Type: new("redirect"),
				RedirectConfig: &elb.CfnListener_RedirectConfigProperty{
					Protocol: new("HTTPS"), Port: new("443"), StatusCode: new("HTTP_301"),
				},
			}},
		})
		untag(redirect)
	}
	untag(l.main)

	// 4. Routing.
	newRules(l.Construct, l.Arn(), p.Rules)
	return l
}

// headerAttributes hides the server header and, where no CloudFront adds them,
// sets the security headers that its response headers policy would.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html
func headerAttributes(internal bool) []attribute {
	list := []attribute{{"routing.http.response.server.enabled", "false"}}
	if internal {
		return list
	}
	return append(list,
		attribute{"routing.http.response.strict_transport_security.header_value", "max-age=31536000"},
		attribute{"routing.http.response.x_content_type_options.header_value", "nosniff"},
		attribute{"routing.http.response.x_frame_options.header_value", "SAMEORIGIN"},
	)
}

// Arn is the ARN of the listener that serves (not of the redirect).
func (l *ApplicationListener) Arn() *string { return l.main.Ref() }

// Port is where it serves: 443, or 80 without a certificate.
func (l *ApplicationListener) Port() int { return l.port }
