package stacks

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/config/plan"
)

// Environment is the stacks of one client.
type Environment struct {
	plan   plan.Plan
	stacks map[string]cdk.Stack
}

// Build declares every stack of a plan in app. runtimes are the runtime binaries by
// architecture.
func Build(app cdk.App, p plan.Plan, runtimes Runtimes) Environment {
	e := Environment{plan: p, stacks: map[string]cdk.Stack{}}
	for _, s := range p.Stacks {
		e.stacks[s.Kind] = newStack(app, p, s)
	}
	edge := newEdge(e.stacks["edge"], p)
	network := newNetwork(e.stacks["network"], p)
	data := newData(e.stacks["data"], p, network)
	newApp(e.stacks["app"], p, edge, network, data, runtimes.For(p))
	e.order()
	return e
}

// newStack names a stack by its id alone, so that no two clients collide in one
// account and region, and says in the template what is weakened and why.
func newStack(app cdk.App, p plan.Plan, s plan.Stack) cdk.Stack {
	stack := cdk.NewStack(app, &s.ID, &cdk.StackProps{
		StackName:             &s.ID,
		Description:           new("Lectern, client " + p.Client + ": " + s.Purpose),
		Env:                   &cdk.Environment{Account: &p.Account, Region: &s.Region},
		TerminationProtection: new(s.Stateful && p.TerminationProtection),
		AnalyticsReporting:    new(false),
	})
	cdk.Tags_Of(stack).Add(new("lectern:client"), &p.Client, nil)
	for key, value := range p.Tags {
		cdk.Tags_Of(stack).Add(&key, &value, &cdk.TagProps{ExcludeResourceTypes: tagsFixed()})
	}
	if len(p.Weakenings) > 0 {
		stack.AddMetadata(new("lectern:weakenings"), weakenings(p))
	}
	return stack
}

// tagsFixed are the types whose tags must not change once they exist: CloudFront
// answers 409 to an update of a VPC origin or its load balancer's tags (aws-cdk #35765).
func tagsFixed() *[]*string {
	return &[]*string{new("AWS::ElasticLoadBalancingV2::LoadBalancer"), new("AWS::CloudFront::VpcOrigin")}
}

func weakenings(p plan.Plan) []map[string]string {
	var list []map[string]string
	for _, w := range p.Weakenings {
		list = append(list, map[string]string{"path": w.Path, "found": w.Found, "safe": w.Safe, "reason": w.Reason})
	}
	return list
}

// order makes the CLI deploy the stacks one after the other as the plan lists them;
// weak references alone would not.
func (e Environment) order() {
	for i, s := range e.plan.Stacks {
		for _, before := range e.plan.Stacks[:i] {
			e.stacks[s.Kind].AddDependency(e.stacks[before.Kind], new("deployed in the order of the plan"))
		}
	}
}
