package synth_test

import (
	"strings"
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/edge"
	"github.com/lectern/lectern/constructs/web"
)

const edgeCertificateArn = "arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"

// newDistribution declares a distribution in front of an internal load balancer.
func newDistribution(stack cdk.Stack, mutate func(*edge.DistributionProps)) *edge.Distribution {
	lb := webLoadBalancer(stack, true)
	p := edge.DistributionProps{
		NamePrefix: "demo-eu-west-1", Comment: "demo",
		Aliases: []string{"learn.example.com"}, CertificateArn: new(edgeCertificateArn),
		PriceClass:   "PriceClass_100",
		WebAclArn:    new("arn:aws:wafv2:us-east-1:111122223333:global/webacl/demo/00000000-0000-0000-0000-000000000000"),
		LoadBalancer: edge.LoadBalancerOrigin{Arn: lb.Arn(), DnsName: lb.DnsName(), HasCertificate: true},
		Content:      edge.ContentOrigin{BucketDomainName: new("content.s3.eu-west-1.amazonaws.com"), Granted: true},
		Log:          edge.DistributionLog{BucketDomainName: new("logs.s3.eu-west-1.amazonaws.com"), Prefix: "cloudfront/"},
	}
	if mutate != nil {
		mutate(&p)
	}
	listener := web.ApplicationListenerProps{LoadBalancer: lb, Default: webTargetGroup(stack, "Web", nil)}
	if p.LoadBalancer.HasCertificate {
		listener.Certificates = []web.Certificate{webCertificate("Main1")}
	}
	web.NewApplicationListener(stack, "Listener", listener)
	return edge.NewDistribution(stack, "Edge", p)
}

func distributionConfig(t *testing.T, tpl assertions.Template) map[string]any {
	t.Helper()
	return only(t, tpl, "AWS::CloudFront::Distribution")["DistributionConfig"].(map[string]any)
}

// E1: content cached from S3, everything else to the load balancer, one name.
func TestEdgeDistributionBehaviours(t *testing.T) {
	_, stack := newStack(t)
	newDistribution(stack, nil)
	tpl := template(stack)
	config := distributionConfig(t, tpl)

	content := config["CacheBehaviors"].([]any)
	require.Len(t, content, 1)
	require.Equal(t, "/content/*", dig(content[0], "PathPattern"))
	require.Equal(t, "content", dig(content[0], "TargetOriginId"))
	require.Equal(t, "658327ea-f89d-4fab-a63d-7e88639e58f6", dig(content[0], "CachePolicyId"), "CachingOptimized")
	require.Equal(t, []any{"GET", "HEAD", "OPTIONS"}, dig(content[0], "AllowedMethods"))
	require.Nil(t, dig(content[0], "OriginRequestPolicyId"), "nothing of the viewer's reaches S3 or splits the cache")

	dynamic := config["DefaultCacheBehavior"]
	require.Equal(t, "load-balancer", dig(dynamic, "TargetOriginId"))
	require.Equal(t, "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", dig(dynamic, "CachePolicyId"), "CachingDisabled")
	require.Equal(t, "216adef6-5c7f-47e4-b989-5492eafa07d3", dig(dynamic, "OriginRequestPolicyId"), "AllViewer")
	require.ElementsMatch(t, []any{"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}, dig(dynamic, "AllowedMethods"))

	for _, behaviour := range []any{content[0], dynamic} {
		require.Equal(t, "redirect-to-https", dig(behaviour, "ViewerProtocolPolicy"))
		require.NotNil(t, dig(behaviour, "ResponseHeadersPolicyId"))
	}
	require.Equal(t, "http2and3", config["HttpVersion"])
	require.Equal(t, true, config["IPV6Enabled"])
	require.Equal(t, "PriceClass_100", config["PriceClass"])
	require.NotContains(t, config, "CustomErrorResponses", "the application's errors reach the browser")
	require.Equal(t, map[string]any{
		"Bucket": "logs.s3.eu-west-1.amazonaws.com", "Prefix": "cloudfront/", "IncludeCookies": false,
	}, config["Logging"])
	require.Contains(t, config["WebACLId"], "global/webacl/demo")
}

// What the load balancer's targets say may be kept is kept just as long, and nobody's
// cookies have a part in it.
func TestEdgeDistributionKeepsCachedPaths(t *testing.T) {
	_, stack := newStack(t)
	newDistribution(stack, func(p *edge.DistributionProps) { p.CachedPaths = []string{"/theme/*", "/static/*"} })
	tpl := template(stack)

	behaviours := distributionConfig(t, tpl)["CacheBehaviors"].([]any)
	require.Len(t, behaviours, 3)
	for i, pattern := range []string{"/theme/*", "/static/*"} {
		cached := behaviours[i+1]
		require.Equal(t, pattern, dig(cached, "PathPattern"))
		require.Equal(t, "load-balancer", dig(cached, "TargetOriginId"))
		require.Equal(t, []any{"GET", "HEAD", "OPTIONS"}, dig(cached, "AllowedMethods"))
		require.Equal(t, dig(behaviours[1], "CachePolicyId"), dig(cached, "CachePolicyId"), "one policy for all")
		require.Nil(t, dig(cached, "OriginRequestPolicyId"))
		require.NotNil(t, dig(cached, "ResponseHeadersPolicyId"))
	}
	policy := only(t, tpl, "AWS::CloudFront::CachePolicy")["CachePolicyConfig"]
	require.Equal(t, "demo-eu-west-1-origin-cache", dig(policy, "Name"))
	require.Equal(t, 0.0, dig(policy, "MinTTL"), "a minimum would keep what says no-store")
	require.Equal(t, 0.0, dig(policy, "DefaultTTL"), "what says nothing is not kept")
	key := dig(policy, "ParametersInCacheKeyAndForwardedToOrigin")
	require.Equal(t, "none", dig(key, "CookiesConfig", "CookieBehavior"))
	require.Equal(t, "all", dig(key, "QueryStringsConfig", "QueryStringBehavior"))
	require.Equal(t, []any{"Host"}, dig(key, "HeadersConfig", "Headers"))
}

// E1, E6: both origins are closed to everyone but this distribution.
func TestEdgeDistributionOrigins(t *testing.T) {
	_, stack := newStack(t)
	distribution := newDistribution(stack, nil)
	edge.NewContentBucketPolicy(stack, "ContentPolicy", edge.ContentBucketPolicyProps{
		BucketName: new("content"), BucketArn: new("arn:aws:s3:::content"), DistributionArn: distribution.Arn(),
	})
	tpl := template(stack)

	origins := map[string]any{}
	for _, o := range distributionConfig(t, tpl)["Origins"].([]any) {
		origins[dig(o, "Id").(string)] = o
	}
	require.Len(t, origins, 2)
	require.NotNil(t, dig(origins["load-balancer"], "VpcOriginConfig", "VpcOriginId"))
	require.Nil(t, dig(origins["load-balancer"], "CustomOriginConfig"), "not over the internet")
	require.NotNil(t, dig(origins["content"], "OriginAccessControlId"))

	require.Equal(t, "internal", only(t, tpl, "AWS::ElasticLoadBalancingV2::LoadBalancer")["Scheme"])
	tpl.HasResourceProperties(new("AWS::CloudFront::VpcOrigin"), map[string]any{
		"VpcOriginEndpointConfig": map[string]any{
			"Name": "demo-eu-west-1-https", "OriginProtocolPolicy": "https-only", "OriginSSLProtocols": []any{"TLSv1.2"},
			"HTTPPort": 80, "HTTPSPort": 443, "Arn": map[string]any{"Ref": assertions.Match_AnyValue()},
		},
	})
	tpl.HasResourceProperties(new("AWS::CloudFront::OriginAccessControl"), map[string]any{
		"OriginAccessControlConfig": map[string]any{
			"Name": "demo-eu-west-1-content", "OriginAccessControlOriginType": "s3",
			"SigningBehavior": "always", "SigningProtocol": "sigv4",
		},
	})

	statements := dig(only(t, tpl, "AWS::S3::BucketPolicy"), "PolicyDocument", "Statement").([]any)
	require.Len(t, statements, 2)
	require.Equal(t, "Deny", dig(statements[0], "Effect"))
	require.Equal(t, map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}, dig(statements[0], "Condition"))
	require.Equal(t, map[string]any{"Service": "cloudfront.amazonaws.com"}, dig(statements[1], "Principal"))
	require.Equal(t, "s3:GetObject", dig(statements[1], "Action"))
	require.Equal(t, "arn:aws:s3:::content/content/*", dig(statements[1], "Resource"), "content, and no uploads")
	source := dig(statements[1], "Condition", "StringEquals", "aws:SourceArn", "Fn::Join").([]any)[1].([]any)
	require.Equal(t, "arn:aws:cloudfront::111122223333:distribution/", source[0])
	require.NotNil(t, dig(source[1], "Ref"))
}

// E4: with a domain, ACM and TLS 1.2 or newer; without, CloudFront's own name,
// and a load balancer that speaks HTTP inside the VPC.
func TestEdgeDistributionCertificate(t *testing.T) {
	_, stack := newStack(t)
	newDistribution(stack, nil)
	config := distributionConfig(t, template(stack))
	require.Equal(t, []any{"learn.example.com"}, config["Aliases"])
	require.Equal(t, map[string]any{
		"AcmCertificateArn": edgeCertificateArn, "MinimumProtocolVersion": "TLSv1.2_2025", "SslSupportMethod": "sni-only",
	}, config["ViewerCertificate"])

	_, bare := newStack(t)
	newDistribution(bare, func(p *edge.DistributionProps) {
		p.Aliases, p.CertificateArn, p.LoadBalancer.HasCertificate = nil, nil, false
		p.Content.BucketDomainName, p.Log.BucketDomainName = nil, nil
	})
	tpl := template(bare)
	config = distributionConfig(t, tpl)
	require.NotContains(t, config, "Aliases")
	require.Equal(t, map[string]any{"CloudFrontDefaultCertificate": true}, config["ViewerCertificate"])
	require.NotContains(t, config, "Logging")
	require.Len(t, config["Origins"], 1)
	require.Empty(t, resources(t, tpl, "AWS::CloudFront::OriginAccessControl"))
	tpl.HasResourceProperties(new("AWS::CloudFront::VpcOrigin"), map[string]any{
		"VpcOriginEndpointConfig": map[string]any{"OriginProtocolPolicy": "http-only", "Name": "demo-eu-west-1-http"},
	})

	_, half := newStack(t)
	require.Contains(t, panicText(t, func() {
		newDistribution(half, func(p *edge.DistributionProps) { p.CertificateArn = nil })
	}), "aliases and a certificate come together")
}

// AWS refuses any change to a VPC origin in use: it takes no tags, and another
// protocol makes another one.
func TestEdgeVpcOriginNeverChanges(t *testing.T) {
	ids := map[string]bool{}
	for _, certificate := range []bool{true, false} {
		_, stack := newStack(t)
		cdk.Tags_Of(stack).Add(new("release"), new("today"), nil)
		newDistribution(stack, func(p *edge.DistributionProps) { p.LoadBalancer.HasCertificate = certificate })
		tpl := template(stack)
		require.NotContains(t, only(t, tpl, "AWS::CloudFront::VpcOrigin"), "Tags")
		require.Contains(t, only(t, tpl, "AWS::CloudFront::Distribution"), "Tags", "other resources are tagged")
		for id := range *tpl.FindResources(new("AWS::CloudFront::VpcOrigin"), nil) {
			ids[id] = true
		}
	}
	require.Len(t, ids, 2)
}

// Security headers that let a course run in the player's frames.
func TestEdgeSecurityHeaders(t *testing.T) {
	_, stack := newStack(t)
	newDistribution(stack, nil)
	policies := map[string]any{}
	for _, r := range resources(t, template(stack), "AWS::CloudFront::ResponseHeadersPolicy") {
		policies[dig(r, "ResponseHeadersPolicyConfig", "Name").(string)] = dig(r, "ResponseHeadersPolicyConfig", "SecurityHeadersConfig")
	}
	require.Len(t, policies, 2)
	require.NotContains(t, text(t, template(stack).ToJSON()), "Origin-Agent-Cluster", "only where players are at hosts of one site")
	for name, headers := range policies {
		require.Equal(t, 31536000.0, dig(headers, "StrictTransportSecurity", "AccessControlMaxAgeSec"), name)
		require.Equal(t, map[string]any{"Override": true}, dig(headers, "ContentTypeOptions"), name)
		require.Equal(t, "strict-origin-when-cross-origin", dig(headers, "ReferrerPolicy", "ReferrerPolicy"), "grants stay on this host")
		require.Nil(t, dig(headers, "ContentSecurityPolicy"), name)
	}
	require.Equal(t, map[string]any{"FrameOption": "SAMEORIGIN", "Override": false}, dig(policies["demo-eu-west-1-headers"], "FrameOptions"))
	require.Nil(t, dig(policies["demo-eu-west-1-content-headers"], "FrameOptions"),
		"SAMEORIGIN looks at every frame above: content in a player in another LMS would stay blank")
}

// The us-east-1 half feeds a client in another region with weak references.
func TestEdgeAcrossRegions(t *testing.T) {
	app := newApp(t)
	env := func(region string) *cdk.StackProps {
		return &cdk.StackProps{Env: &cdk.Environment{Account: new(testAccount), Region: new(region)}}
	}
	global := cdk.NewStack(app, new("edge"), env("us-east-1"))
	local := cdk.NewStack(app, new("app"), env("eu-west-1"))
	acl := edge.NewWebAcl(global, "WebAcl", webAclProps(edge.CloudFrontScope))
	certificate := edge.NewCertificate(global, "Certificate", edge.CertificateProps{DomainName: "learn.example.com", HostedZoneId: "Z0123456789ABCDEFGHIJ"})
	newDistribution(local, func(p *edge.DistributionProps) {
		p.WebAclArn, p.CertificateArn = acl.Arn(), certificate.Arn()
	})
	config := distributionConfig(t, template(local))
	require.NotNil(t, dig(config, "WebACLId", "Fn::GetStackOutput"))
	require.NotNil(t, dig(config, "ViewerCertificate", "AcmCertificateArn", "Fn::GetStackOutput"))
	for resourceType := range resourceTypes(template(local)) {
		require.False(t, strings.HasPrefix(resourceType, "Custom::"), resourceType)
	}
}

func resourceTypes(tpl assertions.Template) map[string]bool {
	types := map[string]bool{}
	for _, r := range (*tpl.ToJSON())["Resources"].(map[string]any) {
		types[r.(map[string]any)["Type"].(string)] = true
	}
	return types
}
