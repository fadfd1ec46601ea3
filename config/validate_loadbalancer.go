package config

import (
	"fmt"
	"regexp"
)

// maxRuleValues is how many values all conditions of a rule may have together.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const maxRuleValues = 5

func loadBalancerKeys() []Key {
	const rule = "loadBalancer.rules[]."
	return []Key{
		{Path: "loadBalancer.type", OneOf: []string{"application", "network"}, Noun: "a type of load balancer"},
		{Path: "loadBalancer.algorithm", OneOf: []string{"least_outstanding_requests", "round_robin"}, Noun: "an algorithm"},
		{Path: "loadBalancer.idleTimeoutSeconds", Unit: "seconds", Min: 1, Max: 4000},
		{Path: "loadBalancer.deregistrationDelaySeconds", Unit: "seconds", Min: 0, Max: 3600},
		{Path: "loadBalancer.ports", MinItems: 1, MaxItems: 20, Unique: true},
		{Path: "loadBalancer.ports[]", Min: 1, Max: 65535},
		{Path: "loadBalancer.rules", MaxItems: 90, Why: "a listener has 100 rules by default, and some are the environment's own"},
		{Path: rule + "name", Required: true, Example: "no-admin", Pattern: regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`), Noun: `a name of a-z, 0-9 and "-"`},
		{Path: rule + "hosts", MinItems: 1, MaxItems: maxRuleValues, Unique: true},
		{Path: rule + "hosts[]", Pattern: regexp.MustCompile(`^[A-Za-z0-9.*?-]{1,128}$`), Noun: "a host name pattern", Example: "*.example.com"},
		{Path: rule + "paths", MinItems: 1, MaxItems: maxRuleValues, Unique: true},
		{Path: rule + "paths[]", Pattern: regexp.MustCompile(`^[/*][A-Za-z0-9_.$/~"'@:+&*?-]{0,127}$`), Noun: "a path pattern", Example: "/admin/*"},
		{Path: rule + "methods", MinItems: 1, MaxItems: maxRuleValues, Unique: true},
		{Path: rule + "methods[]", Pattern: regexp.MustCompile(`^[A-Z_-]{1,40}$`), Noun: "an HTTP method", Example: "POST"},
		{Path: rule + "action", Required: true, Example: "deny", OneOf: []string{"forward", "deny", "redirect"}, Noun: "an action"},
		{Path: rule + "redirectTo", Pattern: hostName, Noun: "a host name in lower case", Example: "learn.example.com"},
	}
}

// networkLoadBalancer checks the keys that only one type has.
func networkLoadBalancer(f File) Problems {
	var problems Problems
	refuse := func(path, found, fix string) { problems = append(problems, f.Problem(path, found, fix)) }
	if f.Client.LoadBalancer.Type != "network" {
		if f.Stated("loadBalancer.ports") {
			refuse("loadBalancer.ports", "an application load balancer listens on 443 and 80", "remove it, or set loadBalancer.type: network")
		}
		return problems
	}
	if f.Client.Edge.CDN {
		refuse("loadBalancer.type", "a network load balancer stands by itself, without CloudFront", "set edge.cdn: false, or type: application")
	}
	if f.Client.Edge.WAF.Enabled {
		refuse("edge.waf.enabled", "a web ACL cannot protect a network load balancer", "set edge.waf.enabled: false and say why under reasons")
	}
	if f.Client.Edge.Shield.Advanced {
		refuse("edge.shield.advanced", "Shield Advanced cannot protect a network load balancer without elastic IPs", "remove it")
	}
	for _, key := range []string{"algorithm", "sticky", "idleTimeoutSeconds", "rules"} {
		if path := "loadBalancer." + key; f.Stated(path) {
			refuse(path, "a network load balancer does not look into connections", "remove it, or set loadBalancer.type: application")
		}
	}
	if f.Stated("domain.moreCertificateArns") {
		refuse("domain.moreCertificateArns", "a network load balancer passes TLS on and holds no certificate", "remove it")
	}
	return problems
}

func listenerRules(f File) Problems {
	var problems Problems
	first := map[string]int{}
	for i, r := range f.Client.LoadBalancer.Rules {
		path := fmt.Sprintf("loadBalancer.rules[%d]", i)
		refuse := func(key, found, fix string) {
			problems = append(problems, f.Problem(path+key, found, fix))
		}
		if j, ok := first[r.Name]; ok && r.Name != "" {
			refuse(".name", fmt.Sprintf("%q is also the name of rule %d", r.Name, j+1), "every rule has its own name")
		} else {
			first[r.Name] = i
		}
		switch n := len(r.Hosts) + len(r.Paths) + len(r.Methods); {
		case n == 0:
			refuse("", "the rule has no condition", "add hosts, paths or methods")
		case n > maxRuleValues:
			refuse("", fmt.Sprintf("the rule has %d hosts, paths and methods together", n), fmt.Sprintf("AWS takes %d; make two rules", maxRuleValues))
		}
		switch {
		case r.Action == "redirect" && r.RedirectTo == "":
			refuse(".redirectTo", "a redirect goes to a host name, and none is given", "add redirectTo: learn.example.com")
		case r.Action != "redirect" && r.RedirectTo != "":
			refuse(".redirectTo", "only a redirect has it", "remove it, or set action: redirect")
		case r.RedirectTo != "" && r.RedirectTo == f.Client.Domain.Name && len(r.Hosts) == 0:
			refuse(".redirectTo", fmt.Sprintf("%s would be redirected to itself for ever", r.RedirectTo), "add the hosts that are to be redirected")
		}
	}
	return problems
}
