package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

const (
	minPrefix = 16 // the largest VPC that AWS makes
	maxPrefix = 20 // the smallest in which each zone has room for its subnets
)

func networkKeys() []Key {
	return []Key{
		{
			Path: "network.cidr", Noun: "a range of IPv4 addresses", Example: "10.20.0.0/16",
			Pattern: regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$`),
		},
		{
			Path: "network.zones", MinItems: 2, MaxItems: 4, Unique: true,
			Why: "what is in one zone does not survive its loss, and Multi-AZ needs two",
		},
		{Path: "network.zones[]", Pattern: regexp.MustCompile(`^[a-z]{2}-[a-z]+-[0-9][a-z]$`), Noun: "an availability zone", Example: "eu-west-1a"},
		{Path: "network.natGateways", Min: 1, Max: 4},
		{Path: "network.interfaceEndpoints", MaxItems: len(endpointServices()), Unique: true},
		{Path: "network.interfaceEndpoints[]", OneOf: endpointServices(), Noun: "a service with an interface endpoint that is used here"},
	}
}

// endpointServices are the services that instances of any workload call.
// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
func endpointServices() []string {
	return []string{
		"autoscaling", "cloudformation", "codedeploy", "codedeploy-commands-secure", "ec2", "ec2messages", "ecr.api", "ecr.dkr",
		"elasticache", "elasticfilesystem", "elasticloadbalancing", "events", "git-codecommit", "inspector2", "kms", "logs",
		"monitoring", "rds", "secretsmanager", "sns", "sqs", "ssm", "ssmmessages", "sts", "xray",
	}
}

// cidrIsPrivate checks the range. Overlaps between clients are found where all
// clients are known, in package plan.
func cidrIsPrivate(f File) Problems {
	const path = "network.cidr"
	if !f.Stated(path) {
		return nil
	}
	cidr := f.Client.Network.CIDR
	prefix, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil:
		return Problems{f.Problem(path, fmt.Sprintf("%q is not a range of IPv4 addresses", cidr), "write for example 10.20.0.0/16")}
	case prefix.Bits() < minPrefix || prefix.Bits() > maxPrefix:
		return Problems{f.Problem(path, fmt.Sprintf("/%d is not a size of a client's network", prefix.Bits()), fmt.Sprintf("choose /%d to /%d", minPrefix, maxPrefix))}
	case prefix != prefix.Masked():
		return Problems{f.Problem(path, fmt.Sprintf("%s is not the first address of a /%d", prefix.Addr(), prefix.Bits()), "write "+prefix.Masked().String())}
	case !prefix.Addr().IsPrivate():
		return Problems{f.Problem(path, fmt.Sprintf("%s is public", cidr), "choose a range in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")}
	}
	return nil
}

func zonesOfRegion(f File) Problems {
	region, known := FindRegion(f.Client.Region)
	if !known {
		return nil
	}
	if !f.Stated("network.zones") {
		if region.ZonesDiffer {
			return Problems{f.Problem("network.zones", fmt.Sprintf("%s shows each account other zones", region.Name),
				fmt.Sprintf("state two that `aws ec2 describe-availability-zones --region %s` lists", region.Name))}
		}
		return nil
	}
	var problems Problems
	for i, zone := range f.Client.Network.Zones {
		if !slices.Contains(region.Zones(), zone) && zone != "" {
			problems = append(problems, f.Problem(fmt.Sprintf("network.zones[%d]", i), fmt.Sprintf("%q is not a zone of %s", clip(zone), region.Name), "choose from "+strings.Join(region.Zones(), ", ")))
		}
	}
	return problems
}

func natGatewaysFitZones(f File) Problems {
	zones, gateways := len(f.Client.ZoneNames()), f.Client.Network.NatGateways
	if zones == 0 || gateways <= zones {
		return nil
	}
	return Problems{f.Problem("network.natGateways", fmt.Sprintf("%d gateways are more than the %d zones", gateways, zones), "there is at most one in each zone; remove the key to have that")}
}
