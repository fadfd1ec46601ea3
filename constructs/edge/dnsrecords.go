package edge

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
)

// cloudFrontZone is the hosted zone of every distribution's domain name.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-route53-aliastarget.html
const cloudFrontZone = "Z2FDTNDATAQYW2"

// AliasTarget is what a name points at.
type AliasTarget struct {
	dnsName, zoneId *string
	ipv6            bool
	evaluateHealth  bool
}

// CloudFrontTarget points at a distribution, over IPv4 and IPv6.
func CloudFrontTarget(domainName *string) AliasTarget {
	// CloudFront has no health for Route 53 to evaluate.
	return AliasTarget{dnsName: domainName, zoneId: new(cloudFrontZone), ipv6: true}
}

// LoadBalancerTarget points at an internet-facing load balancer (IPv4, as the
// load balancers of package web are). Zones without a healthy target drop out
// of the answers.
func LoadBalancerTarget(dnsName, canonicalHostedZoneId *string) AliasTarget {
	return AliasTarget{dnsName: dnsName, zoneId: canonicalHostedZoneId, evaluateHealth: true}
}

// DnsRecordsProps describes the names of an environment.
type DnsRecordsProps struct {
	HostedZoneId string   // Route 53 public zone that holds all the names
	Names        []string // e.g. learn.example.com or *.play.example.com; part of the construct ids
	Target       AliasTarget
}

// DnsRecords are alias records: no TTL, no charge for queries, valid at a
// zone's apex. One with a * as its first label answers for every name that has
// no record of its own; CloudFront wants that name among a distribution's too.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
type DnsRecords struct{ constructs.Construct }

// NewDnsRecords declares an A record for each name, and an AAAA record where
// the target speaks IPv6.
func NewDnsRecords(scope constructs.Construct, id string, p DnsRecordsProps) *DnsRecords {
	check(p.HostedZoneId != "", "DNS records %s: no hosted zone", id)
	check(len(p.Names) > 0, "DNS records %s: no names", id)
	d := &DnsRecords{Construct: constructs.NewConstruct(scope, &id)}
	types := []string{"A"}
	if p.Target.ipv6 {
		types = append(types, "AAAA")
	}
	for _, name := range p.Names {
		for _, recordType := range types {
			awsroute53.NewCfnRecordSet(d.Construct, new(name+" "+recordType), &awsroute53.CfnRecordSetProps{
				HostedZoneId: new(p.HostedZoneId),
				Name:         new(name),
				Type:         new(recordType),
				AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{
					DnsName:              p.Target.dnsName,
					HostedZoneId:         p.Target.zoneId,
					EvaluateTargetHealth: p.Target.evaluateHealth,
				},
			})
		}
	}
	return d
}
