package flows

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lectern/lectern/runtime/contract"
)

// told is what the instances of each role read at boot, with the resources that its hosts are.
type told map[Role]instructions

type instructions struct {
	config contract.Config
	hosts  map[string]node // by the placeholder that stands in the document
}

// configurations reads the parameters that hold a contract.Config.
func (e *Environment) configurations(t Templates) told {
	found := told{}
	for _, n := range t.nodes("AWS::SSM::Parameter") {
		i := instructions{hosts: map[string]node{}}
		text := i.join(t, n.stack, t.at(n).Properties["Value"])
		if err := json.Unmarshal([]byte(text), &i.config); err != nil || i.config.Role == "" {
			continue // another parameter
		}
		switch i.config.Role {
		case contract.RoleWeb:
			found[Web] = i
		case contract.RoleWorker:
			found[Workers] = i
		default:
			e.find("%s: instances of the role %q are not known", n, i.config.Role)
		}
	}
	if _, ok := found[Web]; !ok {
		e.find("no parameter holds the configuration of the web instances")
	}
	return found
}

// join is a text with a placeholder for each reference.
func (i instructions) join(t Templates, stack string, value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	function, argument, _ := intrinsic(value)
	if parts, ok := argument.([]any); ok && function == "Fn::Join" && len(parts) == 2 {
		var out strings.Builder
		for _, part := range list(parts[1]) {
			out.WriteString(i.join(t, stack, part))
		}
		return out.String()
	}
	placeholder := fmt.Sprintf("reference-%d", len(i.hosts))
	i.hosts[placeholder], _ = t.target(stack, value)
	return placeholder
}

// apply says of a member what the configuration knows: which cache holds locks, and
// the port that web instances listen on.
func (t told) apply(m *member) {
	switch m.role {
	case Web:
		port := t[Web].config.Port
		if port == 0 {
			port = contract.DefaultPort
		}
		m.listens = []int{port}
	case Cache:
		for _, i := range t {
			if host, ok := i.hosts[i.config.Locks.Host]; ok && host == m.node {
				m.role = Locks
			}
		}
	}
}

// services are the hosts that a configuration names, with their ports.
func (i instructions) services() []service {
	var all []service
	add := func(what, host, port string) {
		if host != "" {
			all = append(all, service{what, i.hosts[host], port})
		}
	}
	c := i.config
	add("database", c.Database.Host, c.Database.Port)
	add("database's readers", c.Database.ReadHost, c.Database.Port)
	add("cache", c.Cache.Host, c.Cache.Port)
	for _, cluster := range c.Cache.Clusters {
		add("cache "+cluster.Name, cluster.Host, cluster.Port)
	}
	add("locks", c.Locks.Host, c.Locks.Port)
	return all
}

type service struct {
	what string
	node node
	port string
}

// wanted asks that every connection which the templates ask for is allowed.
func (e *Environment) wanted(t Templates, members []member, told told, allowed []connection) {
	need := func(why string, from, to node, port int) {
		if !slices.ContainsFunc(allowed, func(c connection) bool { return c.from == from && c.to == to && c.carries(port) }) {
			e.find("%s: %s cannot reach %s on port %d", why, name(from), to, port)
		}
	}
	for _, m := range members {
		switch m.role {
		case Web, Workers:
			e.instances(t, m, members, told[m.role], need)
		case DatabaseProxy:
			e.behindProxy(t, m, members, need)
		}
	}
	for _, n := range t.nodes("AWS::CloudFront::VpcOrigin") {
		config, _ := t.at(n).Properties["VpcOriginEndpointConfig"].(map[string]any)
		balancer, ok := t.target(n.stack, config["Arn"])
		if !ok {
			e.find("%s: its load balancer is not in the templates", n)
			continue
		}
		port := number(config["HTTPSPort"], 443)
		if config["OriginProtocolPolicy"] == "http-only" {
			port = number(config["HTTPPort"], 80)
		}
		need("origin "+n.String(), node{}, balancer, port)
		e.listening("origin "+n.String(), members, balancer, port)
	}
}

func name(n node) string {
	if n == (node{}) {
		return "what is outside of the VPC"
	}
	return n.String()
}

func (e *Environment) instances(t Templates, m member, members []member, i instructions, need func(string, node, node, int)) {
	for _, s := range i.services() {
		port, err := strconv.Atoi(s.port)
		if err != nil {
			e.find("the configuration of the %s: the port of the %s is %q", m.role, s.what, s.port)
			continue
		}
		host := s.node
		if r := t.at(host); r.Type == "AWS::RDS::DBInstance" && r.Properties["DBClusterIdentifier"] != nil {
			host, _ = t.target(host.stack, r.Properties["DBClusterIdentifier"])
		}
		need("the "+s.what+" in the configuration", m.node, host, port)
		e.listening("the "+s.what+" in the configuration", members, host, port)
	}
	for _, o := range members {
		if o.role == Files && i.config.Files.FileSystemID != "" || o.role == Endpoints {
			need("shared with instances", m.node, o.node, o.listens[0])
		}
	}
	for _, group := range t.targets(m.stack, t.at(m.node).Properties["TargetGroupARNs"]) {
		for _, balancer := range balancers(t, group) {
			r := t.at(group)
			port := r.number("Port", 0)
			need("target group "+group.String(), balancer, m.node, port)
			health := r.number("HealthCheckPort", port) // traffic-port is the target's
			need("health check of "+group.String(), balancer, m.node, health)
			e.listening("target group "+group.String(), members, m.node, port)
			e.listening("health check of "+group.String(), members, m.node, health)
		}
	}
}

// balancers are those whose listeners or rules forward to a target group.
func balancers(t Templates, group node) []node {
	found := map[node]bool{}
	for _, l := range t.nodes("AWS::ElasticLoadBalancingV2::Listener") {
		balancer, ok := t.target(l.stack, t.at(l).Properties["LoadBalancerArn"])
		if ok && slices.Contains(t.everything(l.stack, t.at(l).Properties["DefaultActions"]), group) {
			found[balancer] = true
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b node) int { return strings.Compare(a.String(), b.String()) })
}

// behindProxy is what a database proxy's target group names.
func (e *Environment) behindProxy(t Templates, m member, members []member, need func(string, node, node, int)) {
	for _, n := range t.nodes("AWS::RDS::DBProxyTargetGroup") {
		r := t.at(n)
		if proxy, ok := t.target(n.stack, r.Properties["DBProxyName"]); !ok || proxy != m.node {
			continue
		}
		for _, database := range append(t.targets(n.stack, r.Properties["DBClusterIdentifiers"]), t.targets(n.stack, r.Properties["DBInstanceIdentifiers"])...) {
			for _, o := range members {
				if o.node == database {
					need("the proxy's database", m.node, database, o.listens[0])
				}
			}
		}
	}
}

func (e *Environment) listening(why string, members []member, n node, port int) {
	for _, m := range members {
		if m.node == n && !slices.Contains(m.listens, port) {
			e.find("%s: nothing listens on port %d of %s; it listens on %v", why, port, n, m.listens)
		}
	}
}

// ports asks that every port which is open is listened on, and every one that is listened on may be reached.
func (e *Environment) ports(members []member, allowed []connection) {
	for _, m := range members {
		for _, c := range allowed {
			if c.to != m.node {
				continue
			}
			if c.low != c.high || c.protocol != "tcp" || !slices.Contains(m.listens, c.low) {
				e.find("%s may be reached by %s on port %s, where nothing listens; it listens on %v", m.node, c.fromRole, c.flow().Port, m.listens)
			}
		}
		for _, port := range m.listens {
			if !slices.ContainsFunc(allowed, func(c connection) bool { return c.to == m.node && c.carries(port) }) {
				e.find("%s (%s) listens on port %d and nobody may reach it", m.node, m.role, port)
			}
		}
	}
}
