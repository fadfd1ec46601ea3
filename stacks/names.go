package stacks

import (
	"path"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/edge"
	"github.com/lectern/lectern/constructs/web"
)

// certificates of the load balancer, the client's own first. There are none without
// a domain: CloudFront then speaks HTTP to it inside AWS's network.
func certificates(stack cdk.Stack, p plan.Plan) []web.Certificate {
	if !p.Domain.Enabled {
		return nil
	}
	main := &p.Domain.CertificateArn
	if p.Domain.CertificateArn == "" {
		main = newCertificate(stack, p, false)
	}
	list := []web.Certificate{{Name: "Main", Arn: main}}
	for _, arn := range p.Domain.MoreCertificateArns {
		list = append(list, web.Certificate{Name: path.Base(arn), Arn: &arn})
	}
	return list
}

// newCertificate is validated by records in the client's hosted zones. It goes into
// the stack of the region it is for. usedElsewhere is one that another stack uses.
func newCertificate(stack cdk.Stack, p plan.Plan, usedElsewhere bool) *string {
	all := p.Domain.All()
	props := edge.CertificateProps{
		DomainName:       all[0],
		AlternativeNames: all[1:],
		HostedZoneId:     p.Domain.ZoneID,
		KeepReplaced:     usedElsewhere,
	}
	if p.Domain.Players != "" {
		props.OtherZones = map[string]string{p.Domain.PlayersName(): p.Domain.PlayersZoneID}
	}
	return edge.NewCertificate(stack, "Certificate", props).Arn()
}

// names points the client's host names, and those of players, at the front and says the addresses.
func (f *front) names(stack cdk.Stack, p plan.Plan) {
	address, target := f.dnsName, edge.LoadBalancerTarget(f.dnsName, f.hostedZoneID)
	if f.distribution != nil {
		address = f.distribution.DomainName()
		target = edge.CloudFrontTarget(address)
	}
	if p.Domain.ZoneID != "" {
		edge.NewDnsRecords(stack, "Dns", edge.DnsRecordsProps{
			HostedZoneId: p.Domain.ZoneID, Names: p.Domain.Names, Target: target,
		})
		if p.Domain.Players != "" {
			edge.NewDnsRecords(stack, "PlayersDns", edge.DnsRecordsProps{
				HostedZoneId: p.Domain.PlayersZoneID, Names: []string{p.Domain.PlayersName()}, Target: target,
			})
		}
	}
	cdk.NewCfnOutput(stack, new("Address"), &cdk.CfnOutputProps{
		Value:       address,
		Description: new("Where the environment answers; point names without a hosted zone here"),
	})
	if f.distribution != nil && f.distribution.PlayersDomainName() != nil {
		cdk.NewCfnOutput(stack, new("PlayersAddress"), &cdk.CfnOutputProps{
			Value:       f.distribution.PlayersDomainName(),
			Description: new("Where players are, apart from console and API"),
		})
	}
}

// publicURL is the client's first name, or the address of what is in front. Without a name there is a certificate only
// with CloudFront, which brings its own.
func publicURL(p plan.Plan, f front) string {
	switch {
	case p.Domain.Enabled:
		return "https://" + p.Domain.Names[0]
	case f.distribution != nil:
		return "https://" + *f.distribution.DomainName()
	default:
		return "http://" + *f.dnsName
	}
}

// playerURL is where players are: at names of their own, or at that of the distribution of players. Empty where nothing
// plays.
func playerURL(p plan.Plan, f front) string {
	switch {
	case p.Domain.Players != "":
		return "https://" + p.Domain.PlayersName()
	case p.Edge.PlayersDistribution:
		return "https://" + *f.distribution.PlayersDomainName()
	default:
		return ""
	}
}
