package edge

import (
	"cmp"
	"slices"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Managed policies of CloudFront, the same in every account.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
const (
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	cachingDisabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	allViewer        = "216adef6-5c7f-47e4-b989-5492eafa07d3"
)

// Origin ids, which the behaviours refer to.
const (
	loadBalancerOrigin = "load-balancer"
	contentOrigin      = "content"
)

// DistributionProps describes a distribution in front of one environment.
type DistributionProps struct {
	// NamePrefix starts the physical names that CloudFront demands (VPC origin,
	// origin access control, headers policy): unique per client and region in
	// the account, up to 48 characters.
	NamePrefix string
	Comment    string // up to 128 characters, shown in the console

	// Aliases are the environment's own names, CertificateArn the us-east-1
	// certificate that covers them: both or neither. Without, the environment
	// answers at the distribution's DomainName, with CloudFront's certificate,
	// which also fixes the oldest TLS version at CloudFront's default.
	Aliases        []string
	CertificateArn *string

	PriceClass string  // PriceClass_All (default), PriceClass_200 or PriceClass_100
	WebAclArn  *string // of scope CLOUDFRONT; nil: none

	LoadBalancer LoadBalancerOrigin
	// CachedPaths are path patterns whose answers the load balancer's targets give to
	// whoever asks; they are kept for as long as their Cache-Control says.
	CachedPaths []string
	Content     ContentOrigin
	// OriginKeyed asks browsers to keep every host apart from the others of its site, in memory and processes.
	OriginKeyed bool
	// PlayersApart declares a second distribution, for environments without names of their own: content is served there,
	// at its DomainName, and not at the first one's. All else is the same at both; the service knows its hosts apart.
	PlayersApart bool
	Log          DistributionLog
}

// DistributionLog sends standard access logs to a bucket, which must accept
// ACLs (object ownership BucketOwnerPreferred), as CloudFront delivers with one.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
type DistributionLog struct {
	BucketDomainName *string // nil: no access logs
	Prefix           string  // e.g. cloudfront/
}

// Distribution is the environment's front door: content and cached paths from the
// edge caches, everything else from the load balancer, uncached. Where players are
// apart it is two, which share origins, policies, firewall and logs.
type Distribution struct {
	constructs.Construct
	resource awscloudfront.CfnDistribution
	players  awscloudfront.CfnDistribution // nil where players are not apart
	content  *ContentFunction
}

// NewDistribution declares the distribution with its origins and policies.
func NewDistribution(scope constructs.Construct, id string, p DistributionProps) *Distribution {
	check(p.NamePrefix != "" && len(p.NamePrefix) <= 48, "distribution %s: name prefix %q; 1 to 48 characters", id, p.NamePrefix)
	check(len(p.Comment+playersComment) <= 128, "distribution %s: a comment of %d characters; at most %d", id, len(p.Comment), 128-len(playersComment))
	check((len(p.Aliases) > 0) == (p.CertificateArn != nil), "distribution %s: aliases and a certificate come together, or not at all", id)
	check(!p.PlayersApart || len(p.Aliases) == 0, "distribution %s: players apart although there are names; give them one", id)
	d := &Distribution{Construct: constructs.NewConstruct(scope, &id)}

	// 1. Headers on every response, and the default behaviour: the load balancer.
	headers := newSecurityHeaders(d.Construct, p.NamePrefix, p.OriginKeyed)
	f := fronted{
		origins: []*awscloudfront.CfnDistribution_OriginProperty{p.LoadBalancer.declare(d.Construct, p.NamePrefix)},
		headers: headers,
	}

	// 2. What the edge may keep of the load balancer's answers.
	if len(p.CachedPaths) > 0 {
		policy := newOriginCachePolicy(d.Construct, p.NamePrefix)
		for _, pattern := range p.CachedPaths {
			f.behaviours = append(f.behaviours, cachedBehaviour(pattern, policy, headers))
		}
	}

	// 3. Content from S3.
	content := f
	if p.Content.BucketDomainName != nil {
		content.origins = append(slices.Clone(f.origins), p.Content.declare(d.Construct, p.NamePrefix))
		content.behaviours = append([]*awscloudfront.CfnDistribution_CacheBehaviorProperty{d.contentBehaviour(id, p)}, f.behaviours...)
	}

	// 4. One distribution for all, or one for players beside the first.
	if !p.PlayersApart {
		d.resource = p.declare(d.Construct, "Distribution", p.Comment, content)
		return d
	}
	d.resource = p.declare(d.Construct, "Distribution", p.Comment, f)
	d.players = p.declare(d.Construct, "Players", p.Comment+playersComment, content)
	return d
}

// playersComment follows the comment of the distribution of players.
const playersComment = ", players"

// fronted is what a distribution stands in front of.
type fronted struct {
	origins    []*awscloudfront.CfnDistribution_OriginProperty
	behaviours []*awscloudfront.CfnDistribution_CacheBehaviorProperty
	headers    *string // policy of the default behaviour
}

// declare makes one distribution. No custom error pages: an application's errors reach
// the browser as the application wrote them.
func (p DistributionProps) declare(scope constructs.Construct, id, comment string, f fronted) awscloudfront.CfnDistribution {
	config := &awscloudfront.CfnDistribution_DistributionConfigProperty{
		Enabled:           true,
		Comment:           &comment,
		HttpVersion:       new("http2and3"),
		Ipv6Enabled:       true,
		PriceClass:        new(cmp.Or(p.PriceClass, "PriceClass_All")),
		WebAclId:          p.WebAclArn,
		Origins:           &f.origins,
		CacheBehaviors:    &f.behaviours,
		ViewerCertificate: p.viewerCertificate(),
		DefaultCacheBehavior: &awscloudfront.CfnDistribution_DefaultCacheBehaviorProperty{
			TargetOriginId:       new(loadBalancerOrigin),
			ViewerProtocolPolicy: new("redirect-to-https"),
			AllowedMethods:       jsii.Strings("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"),
			CachedMethods:        jsii.Strings("GET", "HEAD"),
			CachePolicyId:        new(cachingDisabled),
			// Host goes to the origin too: the load balancer's certificate is
			// checked against it, and rules, cookies and the service see the real name.
			OriginRequestPolicyId:   new(allViewer),
			ResponseHeadersPolicyId: f.headers,
		},
	}
	if len(p.Aliases) > 0 {
		config.Aliases = jsii.Strings(p.Aliases...)
	}
	if p.Log.BucketDomainName != nil {
		logging := &awscloudfront.CfnDistribution_LoggingProperty{Bucket: p.Log.BucketDomainName, IncludeCookies: false}
		if p.Log.Prefix != "" {
			logging.Prefix = new(p.Log.Prefix)
		}
		config.Logging = logging
	}
	return awscloudfront.NewCfnDistribution(scope, &id, &awscloudfront.CfnDistributionProps{DistributionConfig: config})
}

func (p DistributionProps) viewerCertificate() *awscloudfront.CfnDistribution_ViewerCertificateProperty {
	if p.CertificateArn == nil {
		return &awscloudfront.CfnDistribution_ViewerCertificateProperty{CloudFrontDefaultCertificate: true}
	}
	return &awscloudfront.CfnDistribution_ViewerCertificateProperty{
		AcmCertificateArn: p.CertificateArn,
		SslSupportMethod:  new("sni-only"),
		// TLS 1.2 with AEAD ciphers only, TLS 1.3, post-quantum key exchange.
		MinimumProtocolVersion: new("TLSv1.2_2025"),
	}
}

// ContentFunction is what checks grants before content, nil where nothing does.
func (d *Distribution) ContentFunction() *ContentFunction { return d.content }

// DomainName is CloudFront's own name for it, dxxxx.cloudfront.net.
func (d *Distribution) DomainName() *string { return d.resource.AttrDomainName() }

// PlayersDomainName is CloudFront's own name for the distribution of players, nil where they are not apart.
func (d *Distribution) PlayersDomainName() *string {
	if d.players == nil {
		return nil
	}
	return d.players.AttrDomainName()
}

// Arn is the distribution's ARN, for Shield.
func (d *Distribution) Arn() *string { return arnOf(d.resource) }

// PlayersArn is the ARN of the distribution of players, nil where they are not apart.
func (d *Distribution) PlayersArn() *string {
	if d.players == nil {
		return nil
	}
	return arnOf(d.players)
}

// ContentArn is the ARN of the distribution that reads content, for the bucket's policy.
func (d *Distribution) ContentArn() *string { return cmp.Or(d.PlayersArn(), d.Arn()) }

func arnOf(d awscloudfront.CfnDistribution) *string {
	return cdk.Stack_Of(d).FormatArn(&cdk.ArnComponents{
		Service: new("cloudfront"), Region: new(""), Resource: new("distribution"), ResourceName: d.Ref(),
	})
}
