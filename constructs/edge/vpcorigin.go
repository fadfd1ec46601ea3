package edge

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// LoadBalancerOrigin is the internal Application Load Balancer that answers
// dynamic requests.
type LoadBalancerOrigin struct {
	Arn     *string
	DnsName *string
	// HasCertificate: it listens on 443 with a certificate that covers the
	// distribution's aliases; CloudFront then speaks HTTPS to it. Otherwise it
	// listens on 80, for environments without a domain.
	HasCertificate bool
	// ReadTimeoutSeconds is how long CloudFront waits for the next byte, 1–120;
	// default 60. The load balancer's idle timeout must not be shorter.
	ReadTimeoutSeconds int
	// KeepaliveSeconds keeps idle connections for the next request, 1–120;
	// default 30. Keep it below the load balancer's idle timeout.
	KeepaliveSeconds int
}

// declare makes the VPC origin: interfaces of CloudFront in the load balancer's
// subnets. Several distributions of the account may use it.
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDistributionsByVpcOriginId.html
//
// AWS refuses every change to a VPC origin that a distribution uses, be it only
// a tag (409, aws-cdk issue 35765). Two things follow. It gets no tags, whatever
// is tagged above it; tags given to the whole stack still reach it through
// CloudFormation, so those must not change. And what may change is part of its
// construct id and name: a different protocol makes a second VPC origin, the
// distribution moves over, and the first one goes.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
func (o LoadBalancerOrigin) declare(scope constructs.Construct, namePrefix string) *awscloudfront.CfnDistribution_OriginProperty {
	read, keepalive := cmp.Or(o.ReadTimeoutSeconds, 60), cmp.Or(o.KeepaliveSeconds, 30)
	check(o.Arn != nil && o.DnsName != nil, "load balancer origin: ARN and DNS name are both needed")
	check(read >= 1 && read <= 120, "load balancer origin: read timeout %d s; choose 1 to 120", read)
	check(keepalive >= 1 && keepalive <= 120, "load balancer origin: keep-alive %d s; choose 1 to 120", keepalive)

	id, suffix, policy := "VpcOriginHttp", "-http", "http-only"
	if o.HasCertificate {
		id, suffix, policy = "VpcOriginHttps", "-https", "https-only"
	}
	origin := awscloudfront.NewCfnVpcOrigin(scope, new(id), &awscloudfront.CfnVpcOriginProps{
		VpcOriginEndpointConfig: &awscloudfront.CfnVpcOrigin_VpcOriginEndpointConfigProperty{
			Name:                 new(namePrefix + suffix),
			Arn:                  o.Arn,
			HttpPort:             jsii.Number(80),
			HttpsPort:            jsii.Number(443),
			OriginProtocolPolicy: new(policy),
			OriginSslProtocols:   jsii.Strings("TLSv1.2"),
		},
	})
	origin.AddPropertyDeletionOverride(new("Tags"))

	return &awscloudfront.CfnDistribution_OriginProperty{
		Id:         new(loadBalancerOrigin),
		DomainName: o.DnsName,
		VpcOriginConfig: &awscloudfront.CfnDistribution_VpcOriginConfigProperty{
			VpcOriginId:            origin.AttrId(),
			OriginReadTimeout:      jsii.Number(read),
			OriginKeepaliveTimeout: jsii.Number(keepalive),
		},
	}
}
