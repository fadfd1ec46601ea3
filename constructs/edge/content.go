package edge

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ContentOrigin is the bucket that holds course files. Keys carry the path:
// /content/a/b.html is the object content/a/b.html.
type ContentOrigin struct {
	BucketDomainName *string // regional domain name; nil: everything goes to the load balancer
	PathPattern      string  // default /content/*
	// Granted content is served only with a grant; see ContentFunction. Else to anybody.
	Granted bool
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

// contentBehaviour keeps content once for all learners and all names of players: the key of the managed policy is the
// distribution and the path, which the function has taken the grant out of. Host, query and cookies are not in it, and no
// origin request policy sends them to S3.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-the-cache-key.html
func (d *Distribution) contentBehaviour(id string, p DistributionProps) *awscloudfront.CfnDistribution_CacheBehaviorProperty {
	behaviour := &awscloudfront.CfnDistribution_CacheBehaviorProperty{
		PathPattern:             new(cmp.Or(p.Content.PathPattern, contentRoot)),
		TargetOriginId:          new(contentOrigin),
		ViewerProtocolPolicy:    new("redirect-to-https"),
		AllowedMethods:          jsii.Strings("GET", "HEAD", "OPTIONS"),
		CachedMethods:           jsii.Strings("GET", "HEAD"),
		CachePolicyId:           new(cachingOptimized),
		Compress:                true,
		ResponseHeadersPolicyId: newContentHeaders(d.Construct, p.NamePrefix, p.OriginKeyed),
	}
	if p.Content.Granted {
		check(*behaviour.PathPattern == contentRoot, "distribution %s: content with grants at %s; the function reads %s", id, *behaviour.PathPattern, contentRoot)
		d.content = NewContentFunction(d.Construct, "ContentFunction", p.NamePrefix)
		behaviour.FunctionAssociations = &[]*awscloudfront.CfnDistribution_FunctionAssociationProperty{d.content.association()}
	}
	return behaviour
}
