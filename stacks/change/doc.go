// Package change says what a deployment would do, before it is deployed: it compares
// two cloud assemblies, as `cdk synth` writes them, and names per resource what
// happens, what that means for those who use it, and in which order to deploy.
//
// It asks AWS nothing. It knows, in this order of precedence:
//
//	rules      what the pages of the services say and CloudFormation's specification does
//	           not: which values AWS refuses, what restarts, how long a failover takes
//	relations  what only shows between resources: a target group that is bound to a load
//	           balancer, a name that is taken, what is removed while another stack uses it
//	spec.json  CloudFormation's own specification: which properties replace, from
//	           @aws-cdk/aws-service-spec (`go generate ./stacks/change` renews it)
//
// A replaced resource has another name and ARN, so what refers to it changes too, and
// is replaced too where that property cannot change in place. Compare follows such
// references until nothing changes any more, across stacks as well
// (Fn::GetStackOutput). What is known only during a deployment is "perhaps".
//
// A type that the specification does not have is reported as unknown, which counts as
// a fault: nobody has looked at it.
package change

//go:generate node generate/spec.mjs spec.json
