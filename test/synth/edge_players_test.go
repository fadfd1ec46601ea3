package synth_test

import (
	"maps"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/edge"
)

// apart is a distribution without names, and one for players beside it.
func apart(p *edge.DistributionProps) {
	p.Aliases, p.CertificateArn, p.LoadBalancer.HasCertificate = nil, nil, false
	p.OriginKeyed, p.PlayersApart = true, true
	p.CachedPaths = []string{"/theme/*"}
}

// byComment are the distributions' configurations by their comment.
func byComment(t *testing.T, tpl assertions.Template) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	for _, r := range resources(t, tpl, "AWS::CloudFront::Distribution") {
		config := r["DistributionConfig"].(map[string]any)
		found[config["Comment"].(string)] = config
	}
	return found
}

// E9: without names content has a distribution of its own, which the bucket lets in and no other. All else is the same at both.
func TestEdgePlayersApart(t *testing.T) {
	_, stack := newStack(t)
	distribution := newDistribution(stack, apart)
	edge.NewContentBucketPolicy(stack, "ContentPolicy", edge.ContentBucketPolicyProps{
		BucketName: new("content"), BucketArn: new("arn:aws:s3:::content"), DistributionArn: distribution.ContentArn(),
	})
	tpl := template(stack)

	both := byComment(t, tpl)
	require.Len(t, both, 2)
	console, players := both["demo"], both["demo, players"]
	paths := func(config map[string]any) (list []any) {
		for _, b := range config["CacheBehaviors"].([]any) {
			list = append(list, dig(b, "PathPattern"))
		}
		return list
	}
	require.Equal(t, []any{"/theme/*"}, paths(console), "no content where the console is")
	require.Equal(t, []any{"/content/*", "/theme/*"}, paths(players))
	require.Len(t, console["Origins"], 1)
	require.Len(t, players["Origins"], 2)
	require.Equal(t, console["Origins"].([]any)[0], players["Origins"].([]any)[0], "one VPC origin")

	same := func(config map[string]any) map[string]any {
		rest := maps.Clone(config)
		for _, own := range []string{"CacheBehaviors", "Origins", "Comment"} {
			delete(rest, own)
		}
		return rest
	}
	require.Equal(t, same(console), same(players))
	for _, shared := range []string{"WebACLId", "Logging", "DefaultCacheBehavior", "ViewerCertificate"} {
		require.Contains(t, players, shared)
	}

	for _, one := range []string{"VpcOrigin", "OriginAccessControl", "Function", "KeyValueStore", "CachePolicy"} {
		tpl.ResourceCountIs(new("AWS::CloudFront::"+one), new(1.0))
	}
	source := dig(dig(only(t, tpl, "AWS::S3::BucketPolicy"), "PolicyDocument", "Statement").([]any)[1], "Condition", "StringEquals", "aws:SourceArn", "Fn::Join").([]any)[1].([]any)
	reader := (*tpl.FindResources(new("AWS::CloudFront::Distribution"), nil))[dig(source[1], "Ref").(string)]
	require.Equal(t, players, dig((*reader)["Properties"], "DistributionConfig"))

	_, named := newStack(t)
	require.Contains(t, panicText(t, func() {
		newDistribution(named, func(p *edge.DistributionProps) { p.PlayersApart = true })
	}), "players apart although there are names")
}

// E9: a name or ten thousand, learners share what the edge keeps: nothing of a request is in the key but the path, from
// which the function has taken the grant. The service hears the host.
func TestEdgeContentIsSharedByAllNames(t *testing.T) {
	for name, mutate := range map[string]func(*edge.DistributionProps){
		"names": func(p *edge.DistributionProps) { p.Aliases = []string{"learn.example.com", "*.play.learn.example.com"} },
		"apart": apart,
	} {
		_, stack := newStack(t)
		newDistribution(stack, mutate)
		tpl := template(stack)
		for comment, config := range byComment(t, tpl) {
			require.Equal(t, "216adef6-5c7f-47e4-b989-5492eafa07d3", dig(config, "DefaultCacheBehavior", "OriginRequestPolicyId"), "AllViewer, with Host: %s %s", name, comment)
			for _, b := range config["CacheBehaviors"].([]any) {
				if dig(b, "PathPattern") == "/content/*" {
					require.Equal(t, "658327ea-f89d-4fab-a63d-7e88639e58f6", dig(b, "CachePolicyId"), "CachingOptimized, without Host: %s %s", name, comment)
					require.Nil(t, dig(b, "OriginRequestPolicyId"), "%s %s", name, comment)
				}
			}
		}
	}
}

// Browsers keep the hosts of players apart although they are of one site, the pages and the content of each together.
func TestEdgeHostsAreKeyedByOrigin(t *testing.T) {
	_, stack := newStack(t)
	newDistribution(stack, apart)
	policies := resources(t, template(stack), "AWS::CloudFront::ResponseHeadersPolicy")
	require.Len(t, policies, 2)
	for _, policy := range policies {
		require.Equal(t, []any{map[string]any{"Header": "Origin-Agent-Cluster", "Value": "?1", "Override": false}},
			dig(policy, "ResponseHeadersPolicyConfig", "CustomHeadersConfig", "Items"))
	}
}
