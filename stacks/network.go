package stacks

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/network"
)

type networkStack struct {
	*network.Network
	groups *network.DataGroups
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

	return networkStack{n, network.NewDataGroups(stack, "SecurityGroups", network.DataGroupsProps{
		VpcID: n.VpcID(), Database: p.Database.Enabled, Files: p.Files.Enabled,
	})}
}
