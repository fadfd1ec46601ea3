package stacks

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/edge"
	"github.com/lectern/lectern/constructs/storage"
)

func (f *front) newDistribution(stack cdk.Stack, p plan.Plan, e edgeStack, d dataStack) {
	props := edge.DistributionProps{
		NamePrefix: prefix(p),
		Comment:    "Lectern client " + p.Client,
		PriceClass: p.Edge.PriceClass,
		WebAclArn:  e.webACL,
		LoadBalancer: edge.LoadBalancerOrigin{
			Arn:                f.arn,
			DnsName:            f.dnsName,
			HasCertificate:     p.Domain.Enabled,
			ReadTimeoutSeconds: min(p.LoadBalancer.IdleTimeoutSeconds, 60),
		},
		CachedPaths:  p.Edge.CachedPaths,
		OriginKeyed:  p.Needs.Players,
		PlayersApart: p.Edge.PlayersDistribution,
	}
	if p.Edge.AccessLogs {
		props.Log = edge.DistributionLog{BucketDomainName: d.logs.RegionalDomainName(), Prefix: string(storage.CloudFrontLogs) + "/"}
	}
	if p.Domain.Enabled {
		props.Aliases, props.CertificateArn = p.Domain.All(), e.certificate
	}
	if d.content != nil && p.Needs.ContentPath != "" {
		props.Content = edge.ContentOrigin{
			BucketDomainName: d.content.RegionalDomainName(),
			PathPattern:      p.Needs.ContentPath,
			Granted:          p.Needs.SigningSecret,
		}
	}
	f.distribution = edge.NewDistribution(stack, "Distribution", props)
}

// contentPolicy stands here and not with the bucket because it names the
// distribution.
func (f *front) contentPolicy(stack cdk.Stack, p plan.Plan, d dataStack) {
	props := edge.ContentBucketPolicyProps{BucketName: d.content.Name(), BucketArn: d.content.Arn()}
	if f.distribution != nil && p.Needs.ContentPath != "" {
		props.DistributionArn, props.ContentPath = f.distribution.ContentArn(), p.Needs.ContentPath
	}
	edge.NewContentBucketPolicy(stack, "ContentBucketPolicy", props)
}

// contentFunction is what checks grants at the edge; nil where the service does.
func (f front) contentFunction() *edge.ContentFunction {
	if f.distribution == nil {
		return nil
	}
	return f.distribution.ContentFunction()
}

// protect is only reached with the acknowledgement that the client file demands.
func (f *front) protect(stack cdk.Stack, p plan.Plan) {
	resources := []edge.ProtectedResource{{Name: "LoadBalancer", Arn: f.arn, HasWebAcl: p.Edge.WAF}}
	if f.distribution != nil {
		resources = []edge.ProtectedResource{{Name: "Distribution", Arn: f.distribution.Arn(), HasWebAcl: p.Edge.WAF}}
		if players := f.distribution.PlayersArn(); players != nil {
			resources = append(resources, edge.ProtectedResource{Name: "Players", Arn: players, HasWebAcl: p.Edge.WAF})
		}
	}
	edge.NewShieldProtections(stack, "Shield", edge.ShieldProtectionsProps{
		Acknowledged: true,
		NamePrefix:   prefix(p),
		Resources:    resources,
	})
}
