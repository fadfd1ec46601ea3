package plan

// edgeRegion is where CloudFront wants its web ACL and its certificate.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
const edgeRegion = "us-east-1"

// stackID is the construct id and the name of a client's stack. It is a contract:
// a changed name is a new stack.
func stackID(client, kind string) string { return "lectern-" + client + "-" + kind }

// stacks are what lives and dies together, in the order of deployment. The
// network is stateful beside the data: its VPC, isolated subnets and the
// security groups of the data are retained with the data that stands in them.
func stacks(p Plan) []Stack {
	list := []Stack{}
	add := func(kind, region string, stateful bool, purpose string) {
		list = append(list, Stack{Kind: kind, ID: stackID(p.Client, kind), Region: region, Stateful: stateful, Purpose: purpose})
	}
	if p.Edge.CDN && (p.Edge.WAF || p.Domain.ZoneID != "") {
		add("edge", edgeRegion, false, "what CloudFront wants in "+edgeRegion+": web ACL, certificate")
	}
	add("network", p.Region, true, "VPC, subnets, NAT, security groups of data, flow logs")
	add("data", p.Region, true, "key, database, object store, files, queue, secrets")
	add("app", p.Region, false, "instances, caches, load balancer, distribution, DNS")
	return list
}
