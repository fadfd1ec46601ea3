package web

import (
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
)

// AccessLogs sends a load balancer's access logs to S3. The bucket must exist
// in the same region, with a policy that lets Elastic Load Balancing write, and
// must be encrypted with SSE-S3 (KMS is refused).
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
type AccessLogs struct {
	Bucket *string // bucket name; nil: no access logs
	Prefix string  // key prefix without leading or trailing slash
}

// attribute is one key and value of a load balancer, in the order written so
// that templates are stable.
type attribute struct{ key, value string }

func (l AccessLogs) attributes() []*elb.CfnLoadBalancer_LoadBalancerAttributeProperty {
	if l.Bucket == nil {
		return nil
	}
	attributes := []*elb.CfnLoadBalancer_LoadBalancerAttributeProperty{
		{Key: new("access_logs.s3.enabled"), Value: new("true")},
		{Key: new("access_logs.s3.bucket"), Value: l.Bucket},
	}
	if l.Prefix != "" {
		attributes = append(attributes, &elb.CfnLoadBalancer_LoadBalancerAttributeProperty{
			Key: new("access_logs.s3.prefix"), Value: new(l.Prefix),
		})
	}
	return attributes
}

func loadBalancerAttributes(logs AccessLogs, list []attribute) *[]*elb.CfnLoadBalancer_LoadBalancerAttributeProperty {
	out := logs.attributes()
	for _, a := range list {
		out = append(out, &elb.CfnLoadBalancer_LoadBalancerAttributeProperty{Key: new(a.key), Value: new(a.value)})
	}
	return &out
}

func targetGroupAttributes(list []attribute) *[]*elb.CfnTargetGroup_TargetGroupAttributeProperty {
	var out []*elb.CfnTargetGroup_TargetGroupAttributeProperty
	for _, a := range list {
		out = append(out, &elb.CfnTargetGroup_TargetGroupAttributeProperty{Key: new(a.key), Value: new(a.value)})
	}
	return &out
}

func listenerAttributes(list []attribute) *[]*elb.CfnListener_ListenerAttributeProperty {
	var out []*elb.CfnListener_ListenerAttributeProperty
	for _, a := range list {
		out = append(out, &elb.CfnListener_ListenerAttributeProperty{Key: new(a.key), Value: new(a.value)})
	}
	return &out
}

func scheme(internal bool) *string {
	if internal {
		return new("internal")
	}
	return new("internet-facing")
}
