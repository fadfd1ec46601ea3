package edge

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
)

// contentFunctionCode is the function as it is deployed. CloudFront takes 10 KB.
//
//go:embed content_function.js
var contentFunctionCode string

// contentRoot is the path pattern that the function's code is written for.
const contentRoot = "/content/*"

// ContentFunction lets a request for content through only with a grant: a segment of the path, signed by the service,
// which the function takes out so that learners share cached files. It finds the keys that grants are signed with in a
// key-value store of its own. The store is empty at first: instances publish their keys, so none is in a template.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions.html
type ContentFunction struct {
	constructs.Construct
	function awscloudfront.CfnFunction
	store    awscloudfront.CfnKeyValueStore
}

// NewContentFunction declares the function and its store. Both have physical names, unique in the account, that begin
// with namePrefix.
func NewContentFunction(scope constructs.Construct, id, namePrefix string) *ContentFunction {
	f := &ContentFunction{Construct: constructs.NewConstruct(scope, &id)}
	f.store = awscloudfront.NewCfnKeyValueStore(f.Construct, new("Keys"), &awscloudfront.CfnKeyValueStoreProps{
		Name:    new(namePrefix + "-grants"),
		Comment: new("Keys that content grants are signed with; written by instances"),
	})
	f.function = awscloudfront.NewCfnFunction(f.Construct, new("Function"), &awscloudfront.CfnFunctionProps{
		Name:         new(namePrefix + "-content"),
		AutoPublish:  true,
		FunctionCode: &contentFunctionCode,
		FunctionConfig: &awscloudfront.CfnFunction_FunctionConfigProperty{
			Comment: new("Content only with a grant"),
			Runtime: new("cloudfront-js-2.0"),
			KeyValueStoreAssociations: &[]*awscloudfront.CfnFunction_KeyValueStoreAssociationProperty{
				{KeyValueStoreArn: f.store.AttrArn()},
			},
		},
	})
	return f
}

// association puts the function before a behaviour's cache.
func (f *ContentFunction) association() *awscloudfront.CfnDistribution_FunctionAssociationProperty {
	return &awscloudfront.CfnDistribution_FunctionAssociationProperty{
		EventType: new("viewer-request"), FunctionArn: f.function.AttrFunctionArn(),
	}
}

// StoreArn is the store that keys of grants are published in.
func (f *ContentFunction) StoreArn() *string { return f.store.AttrArn() }

// Grants lets a role publish keys. UpdateKeys puts and deletes; it needs neither PutKey nor DeleteKey.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfrontkeyvaluestore.html
func (f *ContentFunction) Grants() []grant.Statement {
	return []grant.Statement{{
		Actions: []string{
			"cloudfront-keyvaluestore:DescribeKeyValueStore", "cloudfront-keyvaluestore:ListKeys", "cloudfront-keyvaluestore:UpdateKeys",
		},
		Resources: []*string{f.StoreArn()},
	}}
}
