package stacks

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/network"
)

type networkStack struct {
	*network.Network
	groups *network.SecurityGroups
}

func newNetwork(stack cdk.Stack, p plan.Plan) networkStack {
	var zones []network.Zone
	for _, z := range p.Network.Zones {
		zones = append(zones, network.Zone{
			Name: z.Name, Letter: z.Letter,
			Public: z.Public, Private: z.Private, Isolated: z.Isolated,
			NAT: z.NAT, NATZone: z.NATZone,
		})
	}
	props := network.Props{
		CIDR:               p.Network.CIDR,
		Region:             p.Region,
		Zones:              zones,
		InterfaceEndpoints: p.Network.InterfaceEndpoints,
	}
	if p.Network.FlowLogs {
		props.FlowLogRetentionDays = p.LogRetentionDays
	}
	n := network.New(stack, "Network", props)

	groups := network.SecurityGroupsProps{
		Network:       n,
		ListenerPorts: p.LoadBalancer.Ports,
		WebPort:       p.Needs.Port,
		DatabaseProxy: p.Database.Proxy,
		Files:         p.Files.Enabled,
		Workers:       p.Workers.Enabled,
		OutboundPorts: p.Web.OutboundPorts,
	}
	if p.Edge.CDN {
		groups.OriginPrefixList = p.Edge.OriginPrefixList
	}
	if p.Database.Enabled {
		groups.DatabasePort = p.Database.Port
	}
	if p.Cache.Enabled {
		groups.CachePort = p.Cache.Port
	}
	if p.Locks.Enabled {
		groups.LocksPort = p.Locks.Port
	}
	return networkStack{n, network.NewSecurityGroups(stack, "SecurityGroups", groups)}
}
