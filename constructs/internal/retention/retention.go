// Package retention keeps resources that hold data, or that such resources need.
package retention

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
)

// Keep retains a resource when it leaves its stack, when its stack is deleted and when it is replaced. A resource that
// the failed operation itself created is deleted: it holds nothing yet, and left behind it would be billed and get in the
// way of the next try.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
func Keep(r cdk.CfnResource) {
	r.ApplyRemovalPolicy(cdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
}

// KeepUntilReplaced is Keep for a resource that holds no data itself: its replacement does all that it did, so the old
// one is deleted.
func KeepUntilReplaced(r cdk.CfnResource) {
	Keep(r)
	r.CfnOptions().SetUpdateReplacePolicy(cdk.CfnDeletionPolicy_DELETE)
}
