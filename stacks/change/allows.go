package change

import (
	"reflect"
	"slices"
)

// policies are the properties that say who may use a resource.
var policies = map[string]string{
	"AWS::EFS::FileSystem":  "FileSystemPolicy",
	"AWS::KMS::Key":         "KeyPolicy",
	"AWS::S3::BucketPolicy": "PolicyDocument",
	"AWS::SQS::QueuePolicy": "PolicyDocument",
}

// judgeAllowances makes a stack that allows less come after the stacks that remove what used what it allowed: until
// those are deployed it is used.
func (c *comparison) judgeAllowances(needs edges) {
	for _, key := range c.keys {
		s := c.states[key]
		if s.before == nil || s.after == nil || !allowsLess(s) {
			continue
		}
		for _, user := range c.removesUsersOf(s.stack) {
			if needs.reaches(s.stack, user) {
				s.find(Finding{
					Effect: Downtime, Perhaps: true, Text: "it allows less before " + user + ", which also needs something new of its stack, is deployed",
					Way: "make the change in two deployments: first what is added, then what is taken away",
				})
				continue
			}
			needs.add(user, s.stack)
			s.find(Finding{Effect: None, Text: "what it allowed is used until " + user + " has been deployed, which therefore comes first"})
		}
	}
}

// allowsLess says whether a policy loses a statement, or a bucket its ACLs.
func allowsLess(s *state) bool {
	if s.before.Type == "AWS::S3::Bucket" {
		return !aclsDisabled(s.before) && aclsDisabled(s.after)
	}
	property, ok := policies[s.before.Type]
	if !ok {
		return false
	}
	after := statements(s.after.Properties[property])
	return slices.ContainsFunc(statements(s.before.Properties[property]), func(statement any) bool {
		return !slices.ContainsFunc(after, func(other any) bool { return reflect.DeepEqual(statement, other) })
	})
}

// statements of a policy that allow something.
func statements(policy any) []any {
	document, _ := policy.(map[string]any)
	list, _ := document["Statement"].([]any)
	return slices.DeleteFunc(slices.Clone(list), func(s any) bool {
		statement, _ := s.(map[string]any)
		return statement["Effect"] != "Allow"
	})
}

func aclsDisabled(bucket *Resource) bool {
	rules, _ := at(bucket.Properties, "OwnershipControls.Rules").([]any)
	return slices.ContainsFunc(rules, func(r any) bool {
		rule, _ := r.(map[string]any)
		return rule["ObjectOwnership"] == "BucketOwnerEnforced"
	})
}

// removesUsersOf are the other stacks in which something goes, or is changed, that uses the stack before.
func (c *comparison) removesUsersOf(stack string) []string {
	var users []string
	for _, key := range c.keys {
		user := c.states[key]
		if user.stack == stack || user.before == nil || slices.Contains(users, user.stack) || c.after.position(user.stack) < 0 {
			continue
		}
		if !user.goes() && len(user.changes) == 0 {
			continue
		}
		for _, r := range references(user.before.Properties) {
			if producer := c.states[r.key]; producer != nil && producer.stack == stack {
				users = append(users, user.stack)
				break
			}
		}
	}
	return users
}
