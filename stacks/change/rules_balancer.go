package change

const (
	balancerSubnets = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-subnets.html"
	listenerPage    = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html"
)

func balancerRules() []rule {
	const balancer, listener = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::Listener"
	return []rule{
		{on: balancer, property: "Subnets", when: movesVpc, then: Refused, say: "a load balancer does not go over to another VPC", way: "make another environment", page: balancerSubnets},
		{on: balancer, property: "Subnets", when: all(loses, is("Type", "network")), then: Interruption, say: "connections by way of the zone that leaves break", page: balancerSubnets},
		{on: balancer, property: "Subnets", when: loses, then: Interruption, perhaps: true, say: "connections by way of the zone that leaves may break", page: balancerSubnets},
		{on: listener, property: "Certificates", then: None, say: "new connections get the other certificate", page: listenerPage},
	}
}
