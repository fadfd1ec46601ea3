package edge

import (
	"cmp"

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
	Log         DistributionLog
}

// ContentOrigin is the bucket that holds course files. Keys carry the path:
// /content/a/b.html is the object content/a/b.html.
type ContentOrigin struct {
	BucketDomainName *string // regional domain name; nil: everything goes to the load balancer
	PathPattern      string  // default /content/*
	// Granted content is served only with a grant; see ContentFunction. Else to anybody.
	Granted bool
}

// DistributionLog sends standard access logs to a bucket, which must accept
// ACLs (object ownership BucketOwnerPreferred), as CloudFront delivers with one.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
type DistributionLog struct {
	BucketDomainName *string // nil: no access logs
	Prefix           string  // e.g. cloudfront/
}

// Distribution is the environment's front door: content and cached paths from the
// edge caches, everything else from the load balancer, uncached, under one host name.
type Distribution struct {
	constructs.Construct
	resource awscloudfront.CfnDistribution
	content  *ContentFunction
}

// NewDistribution declares the distribution with its origins and policies.
func NewDistribution(scope constructs.Construct, id string, p DistributionProps) *Distribution {
	check(p.NamePrefix != "" && len(p.NamePrefix) <= 48, "distribution %s: name prefix %q; 1 to 48 characters", id, p.NamePrefix)
	check(len(p.Comment) <= 128, "distribution %s: a comment of %d characters; at most 128", id, len(p.Comment))
	check((len(p.Aliases) > 0) == (p.CertificateArn != nil), "distribution %s: aliases and a certificate come together, or not at all", id)
	d := &Distribution{Construct: constructs.NewConstruct(scope, &id)}

	// 1. Headers on every response, and the default behaviour: the load balancer.
	headers := newSecurityHeaders(d.Construct, p.NamePrefix)
	origins := []*awscloudfront.CfnDistribution_OriginProperty{p.LoadBalancer.declare(d.Construct, p.NamePrefix)}

	// 2. Content from S3.
	var behaviours []*awscloudfront.CfnDistribution_CacheBehaviorProperty
	if p.Content.BucketDomainName != nil {
		origins = append(origins, p.Content.declare(d.Construct, p.NamePrefix))
		behaviour := &awscloudfront.CfnDistribution_CacheBehaviorProperty{
			PathPattern:             new(cmp.Or(p.Content.PathPattern, contentRoot)),
			TargetOriginId:          new(contentOrigin),
			ViewerProtocolPolicy:    new("redirect-to-https"),
			AllowedMethods:          jsii.Strings("GET", "HEAD", "OPTIONS"),
			CachedMethods:           jsii.Strings("GET", "HEAD"),
			CachePolicyId:           new(cachingOptimized),
			Compress:                true,
			ResponseHeadersPolicyId: newContentHeaders(d.Construct, p.NamePrefix),
		}
		if p.Content.Granted {
			check(*behaviour.PathPattern == contentRoot, "distribution %s: content with grants at %s; the function reads %s", id, *behaviour.PathPattern, contentRoot)
			d.content = NewContentFunction(d.Construct, "ContentFunction", p.NamePrefix)
			behaviour.FunctionAssociations = &[]*awscloudfront.CfnDistribution_FunctionAssociationProperty{d.content.association()}
		}
		behaviours = append(behaviours, behaviour)
	}

	// 3. What the edge may keep of the load balancer's answers.
	if len(p.CachedPaths) > 0 {
		policy := newOriginCachePolicy(d.Construct, p.NamePrefix)
		for _, pattern := range p.CachedPaths {
			behaviours = append(behaviours, cachedBehaviour(pattern, policy, headers))
		}
	}

	// 4. The distribution. No custom error pages: an application's errors reach
	// the browser as the application wrote them.
	config := &awscloudfront.CfnDistribution_DistributionConfigProperty{
		Enabled:           true,
		Comment:           new(p.Comment),
		HttpVersion:       new("http2and3"),
		Ipv6Enabled:       true,
		PriceClass:        new(cmp.Or(p.PriceClass, "PriceClass_All")),
		WebAclId:          p.WebAclArn,
		Origins:           &origins,
		CacheBehaviors:    &behaviours,
		ViewerCertificate: p.viewerCertificate(),
		DefaultCacheBehavior: &awscloudfront.CfnDistribution_DefaultCacheBehaviorProperty{
			TargetOriginId:       new(loadBalancerOrigin),
			ViewerProtocolPolicy: new("redirect-to-https"),
			AllowedMethods:       jsii.Strings("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"),
			CachedMethods:        jsii.Strings("GET", "HEAD"),
			CachePolicyId:        new(cachingDisabled),
			// Host goes to the origin too: the load balancer's certificate is
			// checked against it, and rules and cookies see the real name.
			OriginRequestPolicyId:   new(allViewer),
			ResponseHeadersPolicyId: headers,
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
	d.resource = awscloudfront.NewCfnDistribution(d.Construct, new("Distribution"), &awscloudfront.CfnDistributionProps{DistributionConfig: config})
	return d
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

// declare makes the origin access control: CloudFront signs every request to
// the bucket, whose policy knows the distribution.
func (c ContentOrigin) declare(scope constructs.Construct, namePrefix string) *awscloudfront.CfnDistribution_OriginProperty {
	control := awscloudfront.NewCfnOriginAccessControl(scope, new("ContentAccess"), &awscloudfront.CfnOriginAccessControlProps{
		OriginAccessControlConfig: &awscloudfront.CfnOriginAccessControl_OriginAccessControlConfigProperty{
			Name:                          new(namePrefix + "-content"),
			OriginAccessControlOriginType: new("s3"),
			SigningBehavior:               new("always"),
			SigningProtocol:               new("sigv4"),
		},
	})
	return &awscloudfront.CfnDistribution_OriginProperty{
		Id:                    new(contentOrigin),
		DomainName:            c.BucketDomainName,
		OriginAccessControlId: control.AttrId(),
		// Required, empty, by an API older than origin access control.
		S3OriginConfig: &awscloudfront.CfnDistribution_S3OriginConfigProperty{OriginAccessIdentity: new("")},
	}
}

// ContentFunction is what checks grants before content, nil where nothing does.
func (d *Distribution) ContentFunction() *ContentFunction { return d.content }

// Id is the distribution's id, for invalidations and metrics.
func (d *Distribution) Id() *string { return d.resource.Ref() }

// DomainName is CloudFront's own name for it, dxxxx.cloudfront.net.
func (d *Distribution) DomainName() *string { return d.resource.AttrDomainName() }

// Arn is the distribution's ARN, for bucket and key policies and for Shield.
func (d *Distribution) Arn() *string {
	return cdk.Stack_Of(d.Construct).FormatArn(&cdk.ArnComponents{
		Service: new("cloudfront"), Region: new(""), Resource: new("distribution"), ResourceName: d.Id(),
	})
}
