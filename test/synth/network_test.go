package synth_test

import (
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/network"
)

func threeZones() network.Props {
	return network.Props{
		CIDR:   "10.20.0.0/16",
		Region: testRegion,
		Zones: []network.Zone{
			{Name: "eu-west-1a", Letter: "a", Private: "10.20.0.0/19", Public: "10.20.32.0/20", Isolated: "10.20.48.0/20", NAT: true, NATZone: "a"},
			{Name: "eu-west-1b", Letter: "b", Private: "10.20.64.0/19", Public: "10.20.96.0/20", Isolated: "10.20.112.0/20", NAT: true, NATZone: "b"},
			{Name: "eu-west-1c", Letter: "c", Private: "10.20.128.0/19", Public: "10.20.160.0/20", Isolated: "10.20.176.0/20", NAT: true, NATZone: "c"},
		},
		FlowLogRetentionDays: 90,
	}
}

func TestNetworkHasThreeKindsOfSubnetAndANatGatewayInEachZone(t *testing.T) {
	_, stack := newStack(t)
	network.New(stack, "Network", threeZones())
	tpl := template(stack)

	tpl.ResourceCountIs(new("AWS::EC2::Subnet"), new(9.0))
	tpl.ResourceCountIs(new("AWS::EC2::NatGateway"), new(3.0))
	tpl.ResourceCountIs(new("AWS::EC2::EIP"), new(3.0))
	// N3: no instance gets a public address, in no subnet.
	tpl.AllResourcesProperties(new("AWS::EC2::Subnet"), map[string]any{"MapPublicIpOnLaunch": false})
	for _, zone := range []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"} {
		tpl.ResourcePropertiesCountIs(new("AWS::EC2::Subnet"), map[string]any{"AvailabilityZone": zone}, new(3.0))
	}
	// Default routes: three to the internet gateway, three to NAT, none in isolated subnets.
	tpl.ResourceCountIs(new("AWS::EC2::Route"), new(6.0))
	tpl.HasResourceProperties(new("AWS::EC2::VPCEndpoint"), map[string]any{
		"VpcEndpointType": "Gateway", "ServiceName": "com.amazonaws.eu-west-1.s3",
	})
	tpl.HasResourceProperties(new("AWS::EC2::FlowLog"), map[string]any{"TrafficType": "ALL", "ResourceType": "VPC"})
}

func TestNetworkRetainsWhatDataStandsOn(t *testing.T) {
	_, stack := newStack(t)
	network.New(stack, "Network", threeZones())
	kept := retained(stack)
	require.Equal(t, map[string]int{"AWS::EC2::VPC": 1, "AWS::EC2::Subnet": 3}, kept)
}

func TestNetworkSharesANatGatewayOnRequest(t *testing.T) {
	props := threeZones()
	props.Zones[1].NAT, props.Zones[1].NATZone = false, "a"
	props.Zones[2].NAT, props.Zones[2].NATZone = false, "a"
	_, stack := newStack(t)
	network.New(stack, "Network", props)
	tpl := template(stack)
	tpl.ResourceCountIs(new("AWS::EC2::NatGateway"), new(1.0))
	tpl.ResourcePropertiesCountIs(new("AWS::EC2::Route"), map[string]any{"NatGatewayId": assertions.Match_AnyValue()}, new(3.0))

	props.Zones[2].NATZone = "c"
	_, stack = newStack(t)
	require.PanicsWithValue(t,
		"network: zone eu-west-1c sends through the NAT gateway of zone c, which has none",
		func() { network.New(stack, "Network", props) })
}

func TestNetworkInterfaceEndpointsOnRequest(t *testing.T) {
	props := threeZones()
	props.InterfaceEndpoints = []string{"secretsmanager"}
	_, stack := newStack(t)
	n := network.New(stack, "Network", props)
	network.NewSecurityGroups(stack, "SecurityGroups", network.SecurityGroupsProps{
		VpcID: n.VpcID(), ListenerPorts: []int{443}, WebPort: 8080, Endpoints: n.EndpointGroupID(),
	})
	tpl := template(stack)
	tpl.HasResourceProperties(new("AWS::EC2::VPCEndpoint"), map[string]any{
		"VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.eu-west-1.secretsmanager", "PrivateDnsEnabled": true,
	})
	tpl.HasResourceProperties(new("AWS::EC2::SecurityGroupIngress"), map[string]any{"Description": "From Web", "FromPort": 443})
}

// N1: inside the VPC every rule names a group; a CIDR appears only where there is
// no group to name.
func TestSecurityGroupsNameEachOther(t *testing.T) {
	_, stack := newStack(t)
	n := network.New(stack, "Network", threeZones())
	data := network.NewDataGroups(stack, "DataGroups", network.DataGroupsProps{VpcID: n.VpcID(), Database: true, Files: true})
	groups := network.NewSecurityGroups(stack, "SecurityGroups", network.SecurityGroupsProps{
		VpcID: n.VpcID(), OriginPrefixList: "pl-4fa04526", ListenerPorts: []int{443}, WebPort: 8080,
		Database: data.Database, DatabasePort: 5432, DatabaseProxy: true, CachePort: 11211, LocksPort: 6379, Files: data.Files,
		Workers: true, OutboundPorts: []int{22},
	})
	require.NotNil(t, groups.DatabaseProxy)

	ingress := propertiesOf(stack, "AWS::EC2::SecurityGroupIngress")
	var fromOutside []map[string]any
	for _, r := range ingress {
		if _, named := r["SourceSecurityGroupId"]; !named {
			fromOutside = append(fromOutside, r)
		}
	}
	require.Len(t, fromOutside, 1, "only the load balancer is reached from outside")
	require.Equal(t, "pl-4fa04526", fromOutside[0]["SourcePrefixListId"])
	require.NotContains(t, fromOutside[0], "CidrIp")

	// Each connection is opened on both sides: load balancer→web; web, workers→proxy,
	// cache, locks, files; proxy→database.
	require.Len(t, ingress, 1+1+2*4+1)
	require.Len(t, propertiesOf(stack, "AWS::EC2::SecurityGroupEgress"), len(ingress)-1)

	ports := map[any]int{}
	for _, r := range ingress {
		ports[r["FromPort"]]++
	}
	require.Equal(t, map[any]int{443.0: 1, 8080.0: 1, 5432.0: 3, 11211.0: 2, 6379.0: 2, 2049.0: 2}, ports)

	// Only instances reach the internet, and only where the workload asks.
	outside := map[any]int{}
	for _, r := range propertiesOf(stack, "AWS::EC2::SecurityGroup") {
		for _, rule := range r["SecurityGroupEgress"].([]any) {
			if rule := rule.(map[string]any); rule["CidrIp"] == "0.0.0.0/0" {
				outside[rule["FromPort"]]++
			}
		}
	}
	require.Equal(t, map[any]int{443.0: 2, 22.0: 2}, outside)

	// No group has EC2's default rule, which lets everything out.
	for id, r := range propertiesOf(stack, "AWS::EC2::SecurityGroup") {
		for _, rule := range r["SecurityGroupEgress"].([]any) {
			require.NotEqual(t, "-1", rule.(map[string]any)["IpProtocol"], id)
		}
	}
}

func TestSecurityGroupsOpenToTheInternetOnlyWithoutCloudFront(t *testing.T) {
	_, stack := newStack(t)
	n := network.New(stack, "Network", threeZones())
	network.NewSecurityGroups(stack, "SecurityGroups", network.SecurityGroupsProps{
		VpcID: n.VpcID(), ListenerPorts: []int{80, 443}, WebPort: 8080,
	})
	template(stack).ResourcePropertiesCountIs(new("AWS::EC2::SecurityGroupIngress"), map[string]any{"CidrIp": "0.0.0.0/0"}, new(2.0))
}

// propertiesOf are the properties of all resources of a type by logical id.
func propertiesOf(stack cdk.Stack, kind string) map[string]map[string]any {
	found := map[string]map[string]any{}
	for id, r := range *template(stack).FindResources(&kind, nil) {
		properties, _ := (*r)["Properties"].(map[string]any)
		found[id] = properties
	}
	return found
}

// retained counts the resources that a deletion of the stack leaves alive, by type.
func retained(stack cdk.Stack) map[string]int {
	count := map[string]int{}
	all := (*template(stack).ToJSON())["Resources"].(map[string]any)
	for _, r := range all {
		resource := r.(map[string]any)
		if resource["DeletionPolicy"] == "RetainExceptOnCreate" && resource["UpdateReplacePolicy"] == "Retain" {
			count[resource["Type"].(string)]++
		}
	}
	return count
}
