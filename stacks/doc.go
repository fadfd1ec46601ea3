// Package stacks composes constructs into CloudFormation stacks. What lives and
// dies together is one stack:
//
//	lectern-NAME-edge     us-east-1   web ACL and certificate of CloudFront, which AWS takes from
//	                                  us-east-1 only, whatever the client's region
//	lectern-NAME-network  region      VPC, subnets, NAT, security groups of data; what data stands on is retained
//	lectern-NAME-data     region      key, database, buckets, files, queue; retained
//	lectern-NAME-app      region      load balancer, fleets, caches, database proxy, rules of who may talk to whom,
//	                                  distribution, records; replaceable
//
// Arrows of dependency point up the list, never down. A reference from one stack
// to another is weak (Fn::GetStackOutput): no export holds a producer hostage and no
// custom resource carries values between regions. Each resource that reads one carries a
// fingerprint of what it reads, so that it is updated with it (package references). What keeps data safe is
// retention, deletion protection, termination protection and the stack policy
// written beside each stateful template.
package stacks
