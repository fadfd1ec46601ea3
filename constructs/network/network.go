// Package network declares a client's VPC (AWS::EC2): an internet gateway, and
// in each availability zone a public subnet (load balancer, NAT), a private one
// (instances, with egress) and an isolated one (databases, caches, files).
//
// What retained data stands on is retained with it: the VPC, the isolated
// subnets and the security groups of the data. CloudFormation cannot delete a
// subnet with a database in it, so without this an environment could not be
// taken down around its data.
package network

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/internal/lint"
	"github.com/lectern/lectern/constructs/internal/retention"
)

// Props of a Network. All CIDRs are decided by the caller.
type Props struct {
	CIDR  string
	Zones []Zone
	// Region is part of the endpoints' service names.
	Region string
	// FlowLogRetentionDays keeps a record of all connections for so long; 0 keeps none.
	FlowLogRetentionDays int
	// InterfaceEndpoints are services by the last part of their name, reached from
	// the private subnets without NAT.
	InterfaceEndpoints []string
}

// Zone is one availability zone.
type Zone struct {
	// Name such as eu-west-1a, and its Letter, which is the construct id.
	Name, Letter string
	// CIDRs of the subnets.
	Public, Private, Isolated string
	// NAT gives the zone a NAT gateway; NATZone is the letter of the zone whose
	// gateway the private subnet sends through.
	NAT     bool
	NATZone string
}

// Network is a VPC with its subnets, routes, endpoints and flow log.
type Network struct {
	constructs.Construct
	stackName      string
	vpcID          *string
	public         []*string
	private        []*string
	isolated       []*string
	privateTables  []*string
	isolatedTables []*string
	endpointGroup  awsec2.CfnSecurityGroup
}

// New declares the network.
func New(scope constructs.Construct, id string, p Props) *Network {
	n := &Network{Construct: constructs.NewConstruct(scope, &id), stackName: *cdk.Stack_Of(scope).StackName()}

	// 1. The VPC and its door to the internet.
	vpc := awsec2.NewCfnVPC(n.Construct, new("Vpc"), &awsec2.CfnVPCProps{
		CidrBlock:          &p.CIDR,
		EnableDnsHostnames: new(true),
		EnableDnsSupport:   new(true),
		Tags:               n.nameTag(""),
	})
	retention.Keep(vpc)
	n.vpcID = vpc.Ref()
	gateway := awsec2.NewCfnInternetGateway(n.Construct, new("InternetGateway"), &awsec2.CfnInternetGatewayProps{Tags: n.nameTag("")})
	attachment := awsec2.NewCfnVPCGatewayAttachment(n.Construct, new("InternetGatewayAttachment"), &awsec2.CfnVPCGatewayAttachmentProps{
		VpcId:             n.vpcID,
		InternetGatewayId: gateway.Ref(),
	})

	// 2. Public subnets, and the NAT gateways in them.
	nats := map[string]awsec2.CfnNatGateway{}
	for _, z := range p.Zones {
		subnet := n.subnet("Public", z, z.Public)
		table := n.routeTable("Public", z, subnet)
		route := awsec2.NewCfnRoute(n.Construct, new("PublicDefaultRoute-"+z.Letter), &awsec2.CfnRouteProps{
			RouteTableId:         table.Ref(),
			DestinationCidrBlock: new("0.0.0.0/0"),
			GatewayId:            gateway.Ref(),
		})
		route.AddResourceDependency(attachment, nil)
		n.public = append(n.public, subnet.Ref())
		if z.NAT {
			nats[z.Letter] = n.natGateway(z, subnet, route, attachment)
		}
	}

	// 3. Private subnets, whose egress is a NAT gateway.
	for _, z := range p.Zones {
		subnet := n.subnet("Private", z, z.Private)
		table := n.routeTable("Private", z, subnet)
		nat, ok := nats[z.NATZone]
		if !ok {
			panic("network: zone " + z.Name + " sends through the NAT gateway of zone " + z.NATZone + ", which has none")
		}
		awsec2.NewCfnRoute(n.Construct, new("PrivateDefaultRoute-"+z.Letter), &awsec2.CfnRouteProps{
			RouteTableId:         table.Ref(),
			DestinationCidrBlock: new("0.0.0.0/0"),
			NatGatewayId:         nat.Ref(),
		})
		n.private = append(n.private, subnet.Ref())
		n.privateTables = append(n.privateTables, table.Ref())
	}

	// 4. Isolated subnets: no route but the VPC's own. Retained.
	for _, z := range p.Zones {
		subnet := n.subnet("Isolated", z, z.Isolated)
		retention.Keep(subnet)
		table := n.routeTable("Isolated", z, subnet)
		n.isolated = append(n.isolated, subnet.Ref())
		n.isolatedTables = append(n.isolatedTables, table.Ref())
	}

	// 5. Endpoints and the record of connections.
	n.endpoints(p)
	if p.FlowLogRetentionDays > 0 {
		n.flowLog(p.FlowLogRetentionDays)
	}
	return n
}

// VpcID is the VPC's id.
func (n *Network) VpcID() *string { return n.vpcID }

// PublicSubnetIDs are in the order of Props.Zones, as are the others.
func (n *Network) PublicSubnetIDs() []*string { return n.public }

// PrivateSubnetIDs have egress through NAT and no way in.
func (n *Network) PrivateSubnetIDs() []*string { return n.private }

// EndpointGroupID is the security group of interface endpoints.
func (n *Network) EndpointGroupID() *string { return n.endpointGroup.AttrGroupId() }

// IsolatedSubnetIDs have no route out of the VPC.
func (n *Network) IsolatedSubnetIDs() []*string { return n.isolated }

// subnet never gives instances a public address (N3), not even in the public
// subnets: the load balancer and the NAT gateways bring their own.
func (n *Network) subnet(kind string, z Zone, cidr string) awsec2.CfnSubnet {
	subnet := awsec2.NewCfnSubnet(n.Construct, new(kind+"Subnet-"+z.Letter), &awsec2.CfnSubnetProps{
		VpcId:               n.vpcID,
		AvailabilityZone:    &z.Name,
		CidrBlock:           &cidr,
		MapPublicIpOnLaunch: new(false),
		Tags:                n.nameTag(kind + "-" + z.Letter),
	})
	lint.Accept(subnet, "W3010", "zones are named in the client file, so that synthesis needs no account and subnets never move")
	return subnet
}

func (n *Network) routeTable(kind string, z Zone, subnet awsec2.CfnSubnet) awsec2.CfnRouteTable {
	table := awsec2.NewCfnRouteTable(n.Construct, new(kind+"RouteTable-"+z.Letter), &awsec2.CfnRouteTableProps{
		VpcId: n.vpcID,
		Tags:  n.nameTag(kind + "-" + z.Letter),
	})
	awsec2.NewCfnSubnetRouteTableAssociation(n.Construct, new(kind+"Routes-"+z.Letter), &awsec2.CfnSubnetRouteTableAssociationProps{
		RouteTableId: table.Ref(),
		SubnetId:     subnet.Ref(),
	})
	return table
}

// natGateway waits for the way to the internet: without it the first instances
// boot into a network that leads nowhere.
func (n *Network) natGateway(z Zone, subnet awsec2.CfnSubnet, needs ...cdk.CfnResource) awsec2.CfnNatGateway {
	address := awsec2.NewCfnEIP(n.Construct, new("NatAddress-"+z.Letter), &awsec2.CfnEIPProps{
		Domain: new("vpc"),
		Tags:   n.nameTag("nat-" + z.Letter),
	})
	nat := awsec2.NewCfnNatGateway(n.Construct, new("NatGateway-"+z.Letter), &awsec2.CfnNatGatewayProps{
		SubnetId:     subnet.Ref(),
		AllocationId: address.AttrAllocationId(),
		Tags:         n.nameTag(z.Letter),
	})
	for _, need := range needs {
		nat.AddResourceDependency(need, nil)
	}
	return nat
}

func (n *Network) nameTag(suffix string) *[]*cdk.CfnTag {
	name := n.stackName
	if suffix != "" {
		name += "-" + suffix
	}
	return &[]*cdk.CfnTag{{Key: new("Name"), Value: &name}}
}
