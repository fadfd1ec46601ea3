package network

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/internal/retention"
)

// DataGroupsProps say which retained pieces need a security group.
type DataGroupsProps struct {
	VpcID           *string
	Database, Files bool
}

// DataGroups are the security groups of what is retained: they are retained with it. A group is nil where the client
// has no such piece. Who may reach them is said by SecurityGroups.
type DataGroups struct {
	constructs.Construct
	Database, Files *string
}

// NewDataGroups declares the groups, without a rule.
func NewDataGroups(scope constructs.Construct, id string, p DataGroupsProps) *DataGroups {
	d := &DataGroups{Construct: constructs.NewConstruct(scope, &id)}
	retained := func(id, description string) *string {
		g := newSecurityGroup(d.Construct, id, p.VpcID, description, nil)
		retention.Keep(g)
		return g.AttrGroupId()
	}
	if p.Database {
		d.Database = retained("Database", "Database")
	}
	if p.Files {
		d.Files = retained("Files", "Shared file system")
	}
	return d
}

// SecurityGroupsProps say which pieces there are and on which ports they talk. A
// port of 0 is a piece the client does not have.
type SecurityGroupsProps struct {
	VpcID *string
	// OriginPrefixList is the id of CloudFront's origin-facing managed prefix list. With
	// it only CloudFront reaches the load balancer; without it everyone does.
	OriginPrefixList string
	// ListenerPorts of the load balancer. With a prefix list there may be one only: the
	// list counts as some 55 of the 60 rules a security group has by default.
	// https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
	ListenerPorts []int
	WebPort       int
	// Database is the group of the database; nil without one.
	Database     *string
	DatabasePort int
	// DatabaseProxy puts the proxy between the instances and the database: nothing
	// else then reaches the database.
	DatabaseProxy bool
	CachePort     int
	// LocksPort is that of a Valkey for locks beside the cache.
	LocksPort int
	// Files is the group of the file system; nil without one.
	Files *string
	// Endpoints is the group of the interface endpoints; nil without any.
	Endpoints *string
	Workers   bool
	// OutboundPorts are TCP ports beside 443 that instances reach on the internet.
	OutboundPorts []int
}

// SecurityGroups is who may talk to whom: edge → load balancer → instances →
// database, cache, locks, files. Every rule inside the VPC names a group, never a CIDR
// (N1), on both sides of the connection.
//
// They belong in the stack of the instances. CloudFormation removes what a change makes needless at the end of the update
// of a stack: a rule that the instances of today use then goes when those of tomorrow have replaced them.
type SecurityGroups struct {
	constructs.Construct
	LoadBalancer, Web, Workers, DatabaseProxy, Cache, Locks *string
}

// outbound is how instances reach AWS's APIs and package repositories, and what else
// the workload needs, through NAT or endpoints. There is no group to name on the far side.
func (p SecurityGroupsProps) outbound() []any {
	rules := []any{internet(443, "HTTPS to AWS APIs and repositories")}
	for _, port := range p.OutboundPorts {
		rules = append(rules, internet(port, "What the workload reaches on the internet"))
	}
	return rules
}

func internet(port int, description string) *awsec2.CfnSecurityGroup_EgressProperty {
	number := float64(port)
	return &awsec2.CfnSecurityGroup_EgressProperty{
		IpProtocol: new("tcp"), FromPort: &number, ToPort: &number, CidrIp: new("0.0.0.0/0"), Description: &description,
	}
}

// NewSecurityGroups declares the chain.
func NewSecurityGroups(scope constructs.Construct, id string, p SecurityGroupsProps) *SecurityGroups {
	s := &SecurityGroups{Construct: constructs.NewConstruct(scope, &id)}

	// 1. The load balancer: from CloudFront or from everyone.
	s.LoadBalancer = newSecurityGroup(s.Construct, p.loadBalancerID(), p.VpcID, "Load balancer", nil).AttrGroupId()
	s.listenerRules(p)

	// 2. Instances: web only from the load balancer, workers from nobody.
	s.Web = newSecurityGroup(s.Construct, "Web", p.VpcID, "Instances that serve requests", p.outbound()).AttrGroupId()
	s.allow("LoadBalancer", s.LoadBalancer, "Web", s.Web, p.WebPort)
	clients := []group{{"Web", s.Web}}
	if p.Workers {
		s.Workers = newSecurityGroup(s.Construct, "Workers", p.VpcID, "Instances that work off the queue", p.outbound()).AttrGroupId()
		clients = append(clients, group{"Workers", s.Workers})
	}

	// 3. What instances use.
	if p.Database != nil {
		s.database(p, clients)
	}
	if p.CachePort > 0 {
		s.Cache = newSecurityGroup(s.Construct, "Cache", p.VpcID, "Cache", nil).AttrGroupId()
		s.allowAll(clients, "Cache", s.Cache, p.CachePort)
	}
	if p.LocksPort > 0 {
		s.Locks = newSecurityGroup(s.Construct, "Locks", p.VpcID, "Locks", nil).AttrGroupId()
		s.allowAll(clients, "Locks", s.Locks, p.LocksPort)
	}
	if p.Files != nil {
		s.allowAll(clients, "Files", p.Files, 2049)
	}
	if p.Endpoints != nil {
		s.allowAll(clients, "Endpoints", p.Endpoints, 443)
	}
	return s
}

type group struct {
	name string
	id   *string
}

// loadBalancerID names the load balancer's group by what it lets in, so that another listener port makes another group: two
// rules with CloudFront's prefix list do not fit into one, not even while the second replaces the first.
func (p SecurityGroupsProps) loadBalancerID() string {
	id := "LoadBalancer-Internet"
	if p.OriginPrefixList != "" {
		id = "LoadBalancer-CloudFront-" + p.OriginPrefixList
	}
	for _, port := range p.ListenerPorts {
		id += "-" + strconv.Itoa(port)
	}
	return id
}

func (s *SecurityGroups) database(p SecurityGroupsProps, clients []group) {
	if !p.DatabaseProxy {
		s.allowAll(clients, "Database", p.Database, p.DatabasePort)
		return
	}
	s.DatabaseProxy = newSecurityGroup(s.Construct, "DatabaseProxy", p.VpcID, "Database proxy", nil).AttrGroupId()
	s.allowAll(clients, "DatabaseProxy", s.DatabaseProxy, p.DatabasePort)
	s.allow("DatabaseProxy", s.DatabaseProxy, "Database", p.Database, p.DatabasePort)
}

func (s *SecurityGroups) listenerRules(p SecurityGroupsProps) {
	if p.OriginPrefixList != "" && len(p.ListenerPorts) != 1 {
		panic("network: behind CloudFront the load balancer has one listener port; a second would exceed the rules of a security group")
	}
	for _, port := range p.ListenerPorts {
		name, number := strconv.Itoa(port), float64(port)
		if p.OriginPrefixList != "" {
			awsec2.NewCfnSecurityGroupIngress(s.Construct, new("CloudFrontToLoadBalancer-"+name), &awsec2.CfnSecurityGroupIngressProps{
				GroupId: s.LoadBalancer, SourcePrefixListId: &p.OriginPrefixList,
				IpProtocol: new("tcp"), FromPort: &number, ToPort: &number,
				Description: new("From CloudFront"),
			})
			continue
		}
		awsec2.NewCfnSecurityGroupIngress(s.Construct, new("InternetToLoadBalancer-"+name), &awsec2.CfnSecurityGroupIngressProps{
			GroupId: s.LoadBalancer, CidrIp: new("0.0.0.0/0"),
			IpProtocol: new("tcp"), FromPort: &number, ToPort: &number,
			Description: new("From the internet"),
		})
	}
}

func (s *SecurityGroups) allowAll(from []group, toName string, to *string, port int) {
	for _, f := range from {
		s.allow(f.name, f.id, toName, to, port)
	}
}

// allow opens one connection on both sides: out of the one group, into the other.
func (s *SecurityGroups) allow(fromName string, from *string, toName string, to *string, port int) {
	number := float64(port)
	awsec2.NewCfnSecurityGroupEgress(s.Construct, new(fromName+"To"+toName+"Egress"), &awsec2.CfnSecurityGroupEgressProps{
		GroupId: from, DestinationSecurityGroupId: to,
		IpProtocol: new("tcp"), FromPort: &number, ToPort: &number,
		Description: new("To " + toName),
	})
	awsec2.NewCfnSecurityGroupIngress(s.Construct, new(fromName+"To"+toName+"Ingress"), &awsec2.CfnSecurityGroupIngressProps{
		GroupId: to, SourceSecurityGroupId: from,
		IpProtocol: new("tcp"), FromPort: &number, ToPort: &number,
		Description: new("From " + fromName),
	})
}

// newSecurityGroup makes a group whose only egress is what is given. Without an
// explicit rule EC2 adds one that allows everything, so a group with none gets
// one that matches nothing.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
func newSecurityGroup(scope constructs.Construct, id string, vpc *string, description string, egress []any) awsec2.CfnSecurityGroup {
	if egress == nil {
		egress = []any{&awsec2.CfnSecurityGroup_EgressProperty{
			IpProtocol: new("icmp"), FromPort: new(252.0), ToPort: new(86.0), CidrIp: new("255.255.255.255/32"),
			Description: new("Nothing: no such ICMP type, no such host"),
		}}
	}
	return awsec2.NewCfnSecurityGroup(scope, new(id), &awsec2.CfnSecurityGroupProps{
		VpcId:               vpc,
		GroupDescription:    &description,
		SecurityGroupEgress: &egress,
	})
}
