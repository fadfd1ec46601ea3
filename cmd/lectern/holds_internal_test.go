package main

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/stretchr/testify/require"
)

func TestARNNames(t *testing.T) {
	for _, c := range []struct {
		arn, id string
		same    bool
	}{
		{"arn:aws:rds:eu-west-1:1:db:lectern-x", "lectern-x", true},
		{"arn:aws:rds:eu-west-1:1:db:lectern-x", "x", false},
		{"arn:aws:sqs:eu-west-1:1:queue", "https://sqs.eu-west-1.amazonaws.com/1/queue", true},
		{"arn:aws:s3:::bucket", "bucket", true},
		{"arn:aws:wafv2:us-east-1:1:global/webacl/acl/0f", "acl|0f|CLOUDFRONT", true},
		{"arn:aws:ssm:eu-west-1:1:parameter/lectern/demo/web", "/lectern/demo/web", true},
		{"arn:aws:ec2:eu-west-1:1:elastic-ip/eipalloc-1", "203.0.113.7", false},
	} {
		require.Equal(t, c.same, arnNames(c.arn, c.id), "%s and %s", c.arn, c.id)
	}
}

func TestKindOf(t *testing.T) {
	for arn, kind := range map[string]string{
		"arn:aws:rds:eu-west-1:1:db:x":                "rds:db",
		"arn:aws:s3:::bucket":                         "s3",
		"arn:aws:ec2:eu-west-1:1:natgateway/n":        "ec2:natgateway",
		"arn:aws:wafv2:eu-west-1:1:global/webacl/a/b": "wafv2:global",
	} {
		require.Equal(t, kind, kindOf(arn))
	}
	data, bills := natureOf("rds:db")
	require.True(t, data && bills)
}

// A place in a stack has one resource: what else came from there, a replaced database that was
// kept, is left over. Where an ARN does not hold the physical id, the only one that came from
// there is the one that is there.
func TestLeftovers(t *testing.T) {
	stacks := []heldStack{{Name: "lectern-a-data", Region: "eu-west-1", id: "stack-1"}}
	resources := []heldResource{
		{ID: "new", Stack: "lectern-a-data", Region: "eu-west-1", LogicalID: "Database"},
		{ID: "203.0.113.7", Stack: "lectern-a-data", Region: "eu-west-1", LogicalID: "Address"},
		{ID: "E1", Stack: "lectern-a-data", Region: "eu-west-1", LogicalID: "Distribution"},
	}
	tagged := func(arn, stack, logicalID string) taggedResource {
		tag := func(key, value string) taggingtypes.Tag {
			return taggingtypes.Tag{Key: aws.String(key), Value: aws.String(value)}
		}
		return taggedResource{taggingtypes.ResourceTagMapping{ResourceARN: aws.String(arn),
			Tags: []taggingtypes.Tag{tag(tagStackID, stack), tag(tagStackName, "lectern-a-data"), tag(tagLogicalID, logicalID)}}, "eu-west-1"}
	}
	left := leftovers(stacks, resources, []taggedResource{
		{tagged("arn:aws:cloudfront::1:distribution/E1", "stack-1", "Distribution").ResourceTagMapping, edgeRegion},
		tagged("arn:aws:rds:eu-west-1:1:db:new", "stack-1", "Database"),
		tagged("arn:aws:rds:eu-west-1:1:db:old", "stack-1", "Database"),
		tagged("arn:aws:ec2:eu-west-1:1:elastic-ip/eipalloc-1", "stack-1", "Address"),
		tagged("arn:aws:ec2:eu-west-1:1:elastic-ip/eipalloc-0", "stack-0", "Address"),
	})
	require.Equal(t, []heldResource{
		{Type: "rds:db", ID: "arn:aws:rds:eu-west-1:1:db:old", Region: "eu-west-1", Stack: "lectern-a-data", LogicalID: "Database",
			Left: true, Data: true, Bills: true},
		{Type: "ec2:elastic-ip", ID: "arn:aws:ec2:eu-west-1:1:elastic-ip/eipalloc-0", Region: "eu-west-1", Stack: "lectern-a-data",
			LogicalID: "Address", Left: true, Bills: true},
	}, left)
}
