// Package flows derives from synthesized CloudFormation templates who may open a
// connection to whom inside a client's VPC, and compares that with the table of
// what is meant (meant.go), both ways.
//
//	templates ─► members  what stands in the VPC: its role, groups, subnets, ports it listens on
//	          ─► rules    security group rules, inline and as resources of their own
//	          ─► flows    what the egress of one group and the ingress of the other both allow
//	          ─► wanted   connections that the templates ask for: listener → target, configuration → host and port
//	          ─► places   kind of subnet, by its routes, and zones
//
// References are followed through all stacks of the environment, so it does not
// matter which stack holds a group, its rules or its members. Whatever does not
// fit together is a Finding: a rule that only one side has, a resource with the
// VPC's default group, a port that is open and nothing listens on, a port that is
// listened on and nobody reaches, a type of resource that this package does not know.
package flows
