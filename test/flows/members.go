package flows

import (
	"slices"
	"strings"
)

// Role is what somebody in a flow is to the environment.
type Role string

// Roles inside the VPC.
const (
	LoadBalancer  Role = "load balancer"
	Web           Role = "web instances"
	Workers       Role = "workers"
	DatabaseProxy Role = "database proxy"
	Database      Role = "database"
	Cache         Role = "cache"
	Locks         Role = "locks"
	Files         Role = "files"
	Endpoints     Role = "interface endpoints"
	NAT           Role = "NAT gateway"
)

// Roles outside of the VPC.
const (
	Internet   Role = "internet"
	CloudFront Role = "CloudFront"
)

// member is a resource with network interfaces in the VPC.
type member struct {
	node
	role    Role
	groups  []node
	subnets []node
	listens []int
	// groupless members have no security groups at all.
	groupless bool
}

// reader reads a member out of a resource; false where the resource has no network
// interfaces of its own.
type reader func(t Templates, n node) (member, bool)

// readers are the types of resources that stand in a VPC, by what AWS documents of
// their properties.
var readers = map[string]reader{
	"AWS::ElasticLoadBalancingV2::LoadBalancer": readLoadBalancer,
	"AWS::AutoScaling::AutoScalingGroup":        readFleet,
	"AWS::RDS::DBInstance":                      readDatabase("VPCSecurityGroups"),
	"AWS::RDS::DBCluster":                       readDatabase("VpcSecurityGroupIds"),
	"AWS::RDS::DBProxy":                         readProxy,
	"AWS::RDS::DBProxyEndpoint":                 readProxy,
	"AWS::ElastiCache::ReplicationGroup":        readCache("SecurityGroupIds"),
	"AWS::ElastiCache::CacheCluster":            readCache("VpcSecurityGroupIds"),
	"AWS::ElastiCache::ServerlessCache":         readCache("SecurityGroupIds"),
	"AWS::EFS::MountTarget":                     readMountTarget,
	"AWS::EC2::VPCEndpoint":                     readEndpoint,
	"AWS::EC2::NatGateway":                      readNAT,
}

// parts are types that name a VPC, a subnet or a group without standing there
// themselves: their content is read where it is used.
var parts = []string{
	"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::RouteTable", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::Route",
	"AWS::EC2::VPCGatewayAttachment", "AWS::EC2::FlowLog", "AWS::EC2::LaunchTemplate",
	"AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress",
	"AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::RDS::DBSubnetGroup", "AWS::ElastiCache::SubnetGroup",
}

// places are the types of which naming one means standing in a VPC.
var placeTypes = []string{"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup"}

// members are all that stand in the VPC. What names one of its parts and is of an unknown type is a finding.
func (e *Environment) members(t Templates) []member {
	var found []member
	for _, n := range t.nodes() {
		r := t.at(n)
		if read, known := readers[r.Type]; known {
			if m, ok := read(t, n); ok {
				found = append(found, m)
			}
			continue
		}
		if slices.Contains(parts, r.Type) {
			continue
		}
		for _, named := range t.everything(n.stack, r.Properties) {
			if slices.Contains(placeTypes, t.at(named).Type) {
				e.find("%s is a %s and names %s: the flows of that type are not known", n, r.Type, named)
			}
		}
	}
	return found
}

func readLoadBalancer(t Templates, n node) (member, bool) {
	r := t.at(n)
	m := member{node: n, role: LoadBalancer, groups: t.targets(n.stack, r.Properties["SecurityGroups"]), subnets: t.targets(n.stack, r.Properties["Subnets"])}
	for _, l := range t.nodes("AWS::ElasticLoadBalancingV2::Listener") {
		if balancer, ok := t.target(l.stack, t.at(l).Properties["LoadBalancerArn"]); ok && balancer == n {
			m.listens = append(m.listens, t.at(l).number("Port", 0))
		}
	}
	return m, true
}

// readFleet is a fleet that serves, if it has target groups, or one that works.
func readFleet(t Templates, n node) (member, bool) {
	r := t.at(n)
	m := member{node: n, role: Workers, subnets: t.targets(n.stack, r.Properties["VPCZoneIdentifier"])}
	if list, _ := r.Properties["TargetGroupARNs"].([]any); len(list) > 0 {
		m.role = Web
	}
	launch, _ := r.Properties["LaunchTemplate"].(map[string]any)
	template, ok := t.target(n.stack, launch["LaunchTemplateId"])
	if !ok {
		return m, true
	}
	data, _ := t.at(template).Properties["LaunchTemplateData"].(map[string]any)
	m.groups = t.targets(template.stack, data["SecurityGroupIds"])
	interfaces, _ := data["NetworkInterfaces"].([]any)
	for _, i := range interfaces {
		nic, _ := i.(map[string]any)
		m.groups = append(m.groups, t.targets(template.stack, nic["Groups"])...)
	}
	return m, true
}

// databasePorts are RDS's defaults, by engine without "aurora-", and by the proxy's engine family, which listens on nothing else.
var databasePorts = map[string]int{"postgres": 5432, "postgresql": 5432, "mysql": 3306, "mariadb": 3306}

func databasePort(engine string) int {
	return databasePorts[strings.TrimPrefix(strings.ToLower(engine), "aurora-")]
}

func readDatabase(groups string) reader {
	return func(t Templates, n node) (member, bool) {
		r := t.at(n)
		if r.Properties["DBClusterIdentifier"] != nil {
			return member{}, false // its groups and subnets are the cluster's
		}
		m := member{node: n, role: Database, groups: t.targets(n.stack, r.Properties[groups])}
		if g, ok := t.target(n.stack, r.Properties["DBSubnetGroupName"]); ok {
			m.subnets = t.targets(g.stack, t.at(g).Properties["SubnetIds"])
		}
		m.listens = []int{r.number("Port", databasePort(r.text("Engine")))}
		return m, true
	}
}

func readProxy(t Templates, n node) (member, bool) {
	r := t.at(n)
	m := member{node: n, role: DatabaseProxy, groups: t.targets(n.stack, r.Properties["VpcSecurityGroupIds"]), subnets: t.targets(n.stack, r.Properties["VpcSubnetIds"])}
	family := r.text("EngineFamily")
	if proxy, ok := t.target(n.stack, r.Properties["DBProxyName"]); ok && proxy != n {
		family = t.at(proxy).text("EngineFamily")
	}
	m.listens = []int{databasePort(family)}
	return m, true
}

// readCache takes any for the cache; what the configuration calls locks is told apart later.
func readCache(groups string) reader {
	return func(t Templates, n node) (member, bool) {
		r := t.at(n)
		m := member{node: n, role: Cache, groups: t.targets(n.stack, r.Properties[groups]), subnets: t.targets(n.stack, r.Properties["SubnetIds"])}
		if g, ok := t.target(n.stack, r.Properties["CacheSubnetGroupName"]); ok {
			m.subnets = t.targets(g.stack, t.at(g).Properties["SubnetIds"])
		}
		port := 6379
		if r.text("Engine") == "memcached" {
			port = 11211
		}
		m.listens = []int{r.number("Port", port)}
		return m, true
	}
}

func readMountTarget(t Templates, n node) (member, bool) {
	r := t.at(n)
	return member{
		node: n, role: Files, groups: t.targets(n.stack, r.Properties["SecurityGroups"]),
		subnets: t.targets(n.stack, r.Properties["SubnetId"]), listens: []int{2049},
	}, true
}

func readEndpoint(t Templates, n node) (member, bool) {
	r := t.at(n)
	if r.text("VpcEndpointType") != "Interface" {
		return member{}, false // a gateway is a route
	}
	return member{
		node: n, role: Endpoints, groups: t.targets(n.stack, r.Properties["SecurityGroupIds"]),
		subnets: t.targets(n.stack, r.Properties["SubnetIds"]), listens: []int{443},
	}, true
}

func readNAT(t Templates, n node) (member, bool) {
	return member{node: n, role: NAT, subnets: t.targets(n.stack, t.at(n).Properties["SubnetId"]), groupless: true}, true
}
