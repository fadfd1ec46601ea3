package flows

import "strings"

// rule is one side of a connection: what a group lets in or out.
type rule struct {
	node     // where it is written
	group    node
	egress   bool
	protocol string
	from, to int
	// The far side: a group, or a range of addresses, or a prefix list.
	peer       node
	cidr       string
	prefixList string
}

// anywhere are all addresses of IPv4 and IPv6.
var anywhere = []string{"0.0.0.0/0", "::/0"}

// nobody is the limited broadcast address: no host has it. A group with a rule
// for it has an egress rule and lets nothing out.
const nobody = "255.255.255.255/32"

// rules of all groups. What AWS adds to a group without egress rules counts too.
func rules(t Templates) []rule {
	var all []rule
	for _, n := range t.nodes("AWS::EC2::SecurityGroup") {
		properties := t.at(n).Properties
		for _, v := range list(properties["SecurityGroupIngress"]) {
			all = append(all, readRule(t, n, n, false, v))
		}
		egress, stated := properties["SecurityGroupEgress"]
		if !stated {
			all = append(all, rule{node: n, group: n, egress: true, protocol: "-1", cidr: anywhere[0]})
		}
		for _, v := range list(egress) {
			all = append(all, readRule(t, n, n, true, v))
		}
	}
	for _, n := range t.nodes("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress") {
		r := t.at(n)
		group, _ := t.target(n.stack, r.Properties["GroupId"])
		all = append(all, readRule(t, n, group, strings.HasSuffix(r.Type, "Egress"), r.Properties))
	}
	return all
}

func readRule(t Templates, n, group node, egress bool, value any) rule {
	p, _ := value.(map[string]any)
	text := func(keys ...string) string {
		for _, key := range keys {
			if s, ok := p[key].(string); ok {
				return s
			}
		}
		return ""
	}
	r := rule{
		node: n, group: group, egress: egress, protocol: text("IpProtocol"),
		from: number(p["FromPort"], 0), to: number(p["ToPort"], 65535),
		cidr: text("CidrIp", "CidrIpv6"), prefixList: text("SourcePrefixListId", "DestinationPrefixListId"),
	}
	for _, key := range []string{"SourceSecurityGroupId", "DestinationSecurityGroupId"} {
		if peer, ok := t.target(n.stack, p[key]); ok {
			r.peer = peer
		}
	}
	return r
}

func list(value any) []any {
	l, _ := value.([]any)
	return l
}

// covers is true when r allows all that other does, the far sides left aside.
func (r rule) covers(other rule) bool {
	if r.protocol == "-1" {
		return true
	}
	return r.protocol == other.protocol && r.from <= other.from && r.to >= other.to
}
