package synth_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/edge"
)

// E4: certificates validated in the zone, every name once.
func TestEdgeCertificate(t *testing.T) {
	stack := newEdgeStack(t)
	edge.NewCertificate(stack, "Certificate", edge.CertificateProps{
		DomainName: "learn.example.com", AlternativeNames: []string{"www.example.com", "learn.example.com"},
		HostedZoneId: "Z0123456789ABCDEFGHIJ",
	})
	zone := func(name string) map[string]any {
		return map[string]any{"DomainName": name, "HostedZoneId": "Z0123456789ABCDEFGHIJ"}
	}
	certificate := only(t, template(stack), "AWS::CertificateManager::Certificate")
	require.Equal(t, "DNS", certificate["ValidationMethod"])
	require.Equal(t, []any{zone("learn.example.com"), zone("www.example.com")}, certificate["DomainValidationOptions"])

	manual := newEdgeStack(t)
	edge.NewCertificate(manual, "Certificate", edge.CertificateProps{DomainName: "learn.example.com"})
	require.NotContains(t, only(t, template(manual), "AWS::CertificateManager::Certificate"), "DomainValidationOptions")
}

// E1, E4: names lead to CloudFront over IPv4 and IPv6.
func TestEdgeDnsRecordsCloudFront(t *testing.T) {
	_, stack := newStack(t)
	distribution := newDistribution(stack, nil)
	edge.NewDnsRecords(stack, "Names", edge.DnsRecordsProps{
		HostedZoneId: "Z0123456789ABCDEFGHIJ", Names: []string{"learn.example.com", "www.example.com"},
		Target: edge.CloudFrontTarget(distribution.DomainName()),
	})
	tpl := template(stack)
	tpl.ResourceCountIs(new("AWS::Route53::RecordSet"), new(4.0))
	for _, name := range []string{"learn.example.com", "www.example.com"} {
		for _, recordType := range []string{"A", "AAAA"} {
			tpl.HasResourceProperties(new("AWS::Route53::RecordSet"), map[string]any{
				"Name": name, "Type": recordType, "HostedZoneId": "Z0123456789ABCDEFGHIJ",
				"AliasTarget": map[string]any{
					"HostedZoneId": "Z2FDTNDATAQYW2", "EvaluateTargetHealth": false,
					"DNSName": map[string]any{"Fn::GetAtt": assertions.Match_AnyValue()},
				},
			})
		}
	}
}

// E5: names lead to a public load balancer.
func TestEdgeDnsRecordsLoadBalancer(t *testing.T) {
	_, stack := newStack(t)
	lb := webLoadBalancer(stack, false)
	edge.NewDnsRecords(stack, "Names", edge.DnsRecordsProps{
		HostedZoneId: "Z0123456789ABCDEFGHIJ", Names: []string{"learn.example.com"},
		Target: edge.LoadBalancerTarget(lb.DnsName(), lb.CanonicalHostedZoneId()),
	})
	record := only(t, template(stack), "AWS::Route53::RecordSet")
	require.Equal(t, "A", record["Type"])
	require.Equal(t, true, dig(record, "AliasTarget", "EvaluateTargetHealth"))
}

// E3: Shield Advanced only on acknowledgement, responses only with a web ACL.
func TestEdgeShield(t *testing.T) {
	_, stack := newStack(t)
	lb := webLoadBalancer(stack, false)
	props := edge.ShieldProtectionsProps{
		Acknowledged: true, NamePrefix: "demo-eu-west-1",
		Resources: []edge.ProtectedResource{
			{Name: "LoadBalancer", Arn: lb.Arn(), HasWebAcl: true, Response: edge.BlockResponse},
			{Name: "Zone", Arn: new("arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ")},
		},
	}
	edge.NewShieldProtections(stack, "Shield", props)
	tpl := template(stack)
	tpl.ResourceCountIs(new("AWS::Shield::Protection"), new(2.0))
	tpl.HasResourceProperties(new("AWS::Shield::Protection"), map[string]any{
		"Name": "demo-eu-west-1-LoadBalancer",
		"ApplicationLayerAutomaticResponseConfiguration": map[string]any{
			"Status": "ENABLED", "Action": map[string]any{"Block": map[string]any{}},
		},
	})
	tpl.HasResourceProperties(new("AWS::Shield::Protection"), map[string]any{
		"Name": "demo-eu-west-1-Zone",
		"ApplicationLayerAutomaticResponseConfiguration": assertions.Match_Absent(),
	})

	_, other := newStack(t)
	props.Resources = props.Resources[1:]
	props.Acknowledged = false
	require.Contains(t, panicText(t, func() { edge.NewShieldProtections(other, "Shield", props) }), "needs the acknowledgement")
	props.Acknowledged, props.Resources[0].Response = true, edge.CountResponse
	require.Contains(t, panicText(t, func() { edge.NewShieldProtections(other, "Shield", props) }), "Zone has no web ACL")
}
