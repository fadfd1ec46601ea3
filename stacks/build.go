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
	tag(stack, plan.ClientTag, p.Client)
	for key, value := range p.Tags {
		if key != plan.ClientTag {
			tag(stack, key, value, "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::CloudFront::VpcOrigin")
		}
	}
	if len(p.Weakenings) > 0 {
		stack.AddMetadata(new("lectern:weakenings"), weakenings(p))
	}
	return stack
}

// tag puts a tag on everything but the types in except. Tags that a client file may
// change stay off VPC origins and their load balancers: CloudFront answers 409 to
// their update (aws-cdk #35765).
func tag(stack cdk.Stack, key, value string, except ...string) {
	types := make([]*string, len(except))
	for i := range except {
		types[i] = &except[i]
	}
	cdk.Tags_Of(stack).Add(&key, &value, &cdk.TagProps{ExcludeResourceTypes: &types})
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
			e.stacks[s.Kind].AddStackDependency(e.stacks[before.Kind], nil)
		}
	}
}
