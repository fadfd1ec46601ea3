package main

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Tags that CloudFormation puts on what it makes; they stay on what it leaves behind.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
const (
	tagStackID   = "aws:cloudformation:stack-id"
	tagStackName = "aws:cloudformation:stack-name"
	tagLogicalID = "aws:cloudformation:logical-id"
)

// leftovers are the tagged resources that no stack of any region has: left by a roll-back or a
// replacement, or kept when their stack went.
func leftovers(stacks []heldStack, resources []heldResource, tagged []taggedResource) []heldResource {
	var ids []string            // the physical ids of all stacks
	filled := map[string]bool{} // the places that a stack has filled
	for _, r := range resources {
		ids = append(ids, r.ID)
		filled[place(stackID(stacks, r), r.LogicalID)] = true
	}
	sharing := map[string]int{} // how many tagged resources name the same place
	for _, one := range tagged {
		sharing[placeOf(one)]++
	}
	var left []heldResource
	for _, one := range tagged {
		arn := aws.ToString(one.ResourceARN)
		named := func(id string) bool { return arnNames(arn, id) }
		// An ARN does not always hold the physical id (elastic IP addresses, key value stores).
		// One that alone claims a place which a stack has filled is what fills it.
		alone := sharing[placeOf(one)] == 1 && filled[placeOf(one)] && !movable(arn)
		if slices.ContainsFunc(ids, named) || alone {
			continue
		}
		r := heldResource{Type: kindOf(arn), ID: arn, Region: one.region, Stack: tagOf(one, tagStackName),
			LogicalID: tagOf(one, tagLogicalID), Left: true}
		r.Data, r.Bills = natureOf(r.Type)
		left = append(left, r)
	}
	return left
}

// movable is whether the ARNs of a kind always hold the physical id, so that one which names
// another id is another resource.
func movable(arn string) bool { data, _ := natureOf(kindOf(arn)); return data }

// arnNames is whether an ARN is that of a physical id: the ARN itself, a URL with the same
// last part (queues), or a name, also as one of the parts that CloudFormation joins by "|".
func arnNames(arn, id string) bool {
	if arn == id {
		return true
	}
	if strings.HasPrefix(id, "https://") {
		id = id[strings.LastIndex(id, "/")+1:]
	}
	for part := range strings.SplitSeq(id, "|") {
		if part = strings.TrimPrefix(part, "/"); part != "" && (strings.HasSuffix(arn, "/"+part) || strings.HasSuffix(arn, ":"+part)) {
			return true
		}
	}
	return false
}

// kindOf is the service and the kind of resource of an ARN, as in "rds:db"; the service alone
// where ARNs have no kind (s3, sqs, sns).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func kindOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return arn
	}
	end := strings.IndexAny(parts[5], ":/")
	if end < 0 {
		return parts[2]
	}
	return parts[2] + ":" + parts[5][:end]
}

// accountOf is the account of an ARN, empty where it has none (buckets).
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}

func firstAccount(tagged []taggedResource) string {
	for _, one := range tagged {
		if account := accountOf(aws.ToString(one.ResourceARN)); account != "" {
			return account
		}
	}
	return ""
}

// stackID is the id of the stack that a resource is in.
func stackID(stacks []heldStack, r heldResource) string {
	for _, s := range stacks {
		if s.Name == r.Stack && s.Region == r.Region {
			return s.id
		}
	}
	return ""
}

func place(stackID, logicalID string) string { return stackID + " " + logicalID }

func placeOf(one taggedResource) string {
	return place(tagOf(one, tagStackID), tagOf(one, tagLogicalID))
}

func tagOf(one taggedResource, key string) string {
	for _, tag := range one.Tags {
		if aws.ToString(tag.Key) == key {
			return aws.ToString(tag.Value)
		}
	}
	return ""
}
