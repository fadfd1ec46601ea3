package change_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/change"
)

// A target group belongs to one load balancer, which is still there when the new one
// wants it.
func TestATargetGroupBelongsToOneLoadBalancer(t *testing.T) {
	template := func(scheme, group string) object {
		return object{
			"Balancer": is("AWS::ElasticLoadBalancingV2::LoadBalancer", "", object{"Type": "application", "Scheme": scheme}),
			"Listener": is("AWS::ElasticLoadBalancingV2::Listener", "", object{"LoadBalancerArn": ref("Balancer"), "Port": 80, "DefaultActions": []any{object{"TargetGroupArn": ref(group)}}}),
			group:      is("AWS::ElasticLoadBalancingV2::TargetGroup", "", object{"Port": 8080}),
		}
	}
	r := compareOne(t, template("internal", "Targets"), template("internet-facing", "Targets"))
	require.Equal(t, change.Refused, find(t, r, "Targets").Worst)
	require.Equal(t, "replaced", find(t, r, "Listener").Kind)
	require.Equal(t, change.Replacement, find(t, r, "Listener").Worst, "its port is free at the new load balancer")
	require.Len(t, r.Grave(), 1)

	require.Empty(t, compareOne(t, template("internal", "Targets"), template("internet-facing", "OtherTargets")).Grave())
	require.Empty(t, compareOne(t, template("internal", "Targets"), template("internal", "Targets")).Stacks)
}

// A rule binds a target group as well as a listener does.
func TestARuleBindsATargetGroup(t *testing.T) {
	template := func(balancer string) object {
		return object{
			balancer:   is("AWS::ElasticLoadBalancingV2::LoadBalancer", "", object{"Type": "application"}),
			"Listener": is("AWS::ElasticLoadBalancingV2::Listener", "", object{"LoadBalancerArn": ref(balancer), "Port": 80}),
			"Rule":     is("AWS::ElasticLoadBalancingV2::ListenerRule", "", object{"ListenerArn": ref("Listener"), "Priority": 1, "Actions": []any{object{"TargetGroupArn": ref("Targets")}}}),
			"Targets":  is("AWS::ElasticLoadBalancingV2::TargetGroup", "", object{"Port": 8080}),
		}
	}
	require.Equal(t, change.Refused, find(t, compareOne(t, template("A"), template("B")), "Targets").Worst)
}

// What protects itself against deletion stays behind.
func TestDeletionProtectionLeavesBehind(t *testing.T) {
	balancer := func(protected string) object {
		return object{"Balancer": is("AWS::ElasticLoadBalancingV2::LoadBalancer", "", object{"LoadBalancerAttributes": []any{object{"Key": "deletion_protection.enabled", "Value": protected}}})}
	}
	got := find(t, compareOne(t, balancer("true"), object{}), "Balancer")
	require.Contains(t, got.Findings[len(got.Findings)-1].Text+got.Findings[0].Text, "protected against deletion")
	got = find(t, compareOne(t, balancer("false"), object{}), "Balancer")
	require.Len(t, got.Findings, 1)
}

// CloudFront refuses every change of a VPC origin in use, and takes another one.
func TestAVpcOriginInUseCannotChange(t *testing.T) {
	template := func(port int, users object) object {
		users["Origin"] = is("AWS::CloudFront::VpcOrigin", "", object{"VpcOriginEndpointConfig": object{"HTTPPort": port}})
		return users
	}
	distribution := func() object {
		return object{"Distribution": is("AWS::CloudFront::Distribution", "", object{"DistributionConfig": object{"Origins": []any{ref("Origin")}}})}
	}
	require.Equal(t, change.Refused, find(t, compareOne(t, template(80, distribution()), template(81, distribution())), "Origin").Worst)
	require.Equal(t, change.None, find(t, compareOne(t, template(80, object{}), template(81, object{})), "Origin").Worst)
}

// A new resource is made before the old one goes, so it needs another name.
func TestANameIsTakenUntilItsOwnerIsGone(t *testing.T) {
	proxy := func(name, family string) object {
		return object{"Proxy": is("AWS::RDS::DBProxy", "", object{"DBProxyName": name, "EngineFamily": family})}
	}
	require.Equal(t, change.Refused, find(t, compareOne(t, proxy("a", "POSTGRESQL"), proxy("a", "MYSQL")), "Proxy").Worst)
	require.Equal(t, change.Replacement, find(t, compareOne(t, proxy("a", "POSTGRESQL"), proxy("b", "MYSQL")), "Proxy").Worst)

	parameter := func(id string) object {
		return object{id: is("AWS::SSM::Parameter", "", object{"Name": "/a", "Type": "String", "Value": id})}
	}
	require.Equal(t, change.Refused, find(t, compareOne(t, parameter("Old"), parameter("New")), "New").Worst, "another logical id is another resource")
}

// A place is taken like a name: a zone of a file system, a range of a VPC, a priority.
func TestAPlaceIsTakenUntilItsOwnerIsGone(t *testing.T) {
	template := func(subnetCidr string, first, second int) object {
		return object{
			"Vpc":    is("AWS::EC2::VPC", "", object{"CidrBlock": "10.0.0.0/16"}),
			"Subnet": is("AWS::EC2::Subnet", "", object{"VpcId": ref("Vpc"), "CidrBlock": subnetCidr, "AvailabilityZone": "eu-west-1a"}),
			"Files":  is("AWS::EFS::FileSystem", "Retain", object{}),
			"Mount":  is("AWS::EFS::MountTarget", "", object{"FileSystemId": ref("Files"), "SubnetId": ref("Subnet")}),
			"First":  is("AWS::ElasticLoadBalancingV2::ListenerRule", "", object{"ListenerArn": "arn", "Priority": first}),
			"Second": is("AWS::ElasticLoadBalancingV2::ListenerRule", "", object{"ListenerArn": "arn", "Priority": second}),
		}
	}
	r := compareOne(t, template("10.0.0.0/24", 1, 2), template("10.0.1.0/24", 2, 1))
	require.Equal(t, change.Replacement, find(t, r, "Subnet").Worst)
	require.Equal(t, "replaced", find(t, r, "Mount").Kind)
	require.Equal(t, change.Refused, find(t, r, "Mount").Worst, "a file system has one mount target in a zone")
	require.Equal(t, change.Refused, find(t, r, "First").Worst)
	require.True(t, find(t, r, "First").Perhaps, "CloudFormation may change the other one first")
}

// A resource that goes over to another stack collides only where the old one is there
// still: not where its stack is deployed before.
func TestAMoveIsMadeOfACreationAndARemoval(t *testing.T) {
	group := func() object {
		return with(is("AWS::Logs::LogGroup", "", object{"LogGroupName": "a"}), "Metadata", object{"aws:cdk:path": "any/Logs/Group"})
	}
	stacks := func(first, second object, order ...string) map[string]stack {
		return map[string]stack{"lectern-acme-a": {resources: first}, "lectern-acme-b": {resources: second, after: order}}
	}
	forward := change.Compare(
		assembly(t, stacks(object{"Old": group()}, object{}, "lectern-acme-a")), assembly(t, stacks(object{}, object{"New": group()}, "lectern-acme-a")))
	old := find(t, forward, "Old")
	require.Equal(t, "moved", old.Kind)
	require.Equal(t, "lectern-acme-b/New", old.To)
	require.Empty(t, forward.Grave())

	back := change.Compare(
		assembly(t, stacks(object{}, object{"Old": group()}, "lectern-acme-a")), assembly(t, stacks(object{"New": group()}, object{}, "lectern-acme-a")))
	require.Equal(t, change.Refused, find(t, back, "New").Worst)

	elsewhere := stacks(object{"New": group()}, object{}, "lectern-acme-a")
	moved := elsewhere["lectern-acme-a"]
	moved.region = "us-east-1"
	elsewhere["lectern-acme-a"] = moved
	require.NotEqual(t, change.Refused, find(t, change.Compare(
		assembly(t, stacks(object{}, object{"Old": group()}, "lectern-acme-a")), assembly(t, elsewhere)), "New").Worst, "the name is free in another region")
}

// Nothing that stands in subnets goes over to another VPC.
func TestNothingMovesToAnotherVpc(t *testing.T) {
	template := func(cidr string) object {
		return object{
			"Vpc":      is("AWS::EC2::VPC", "Retain", object{"CidrBlock": cidr}),
			"Subnet":   is("AWS::EC2::Subnet", "", object{"VpcId": ref("Vpc"), "CidrBlock": "10.1.0.0/24"}),
			"Group":    is("AWS::RDS::DBSubnetGroup", "", object{"SubnetIds": []any{ref("Subnet")}}),
			"Database": is("AWS::RDS::DBInstance", "Retain", object{"Engine": "postgres", "DBSubnetGroupName": ref("Group")}),
			"Balancer": is("AWS::ElasticLoadBalancingV2::LoadBalancer", "", object{"Subnets": []any{ref("Subnet")}}),
		}
	}
	r := compareOne(t, template("10.1.0.0/16"), template("10.1.0.0/17"))
	require.Equal(t, change.Refused, find(t, r, "Group").Worst)
	require.Equal(t, change.Refused, find(t, r, "Balancer").Worst)
	require.Equal(t, change.Replacement, find(t, r, "Subnet").Worst)
}
