package record

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// question says which action on which resources an operation needs. Resources have placeholders already.
type question func(q request, n Names) (action string, resources []string, err error)

// operations are those that instances use, by "SERVICE:Operation". The actions and the forms of the ARNs are those of the
// Service Authorization Reference: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var operations = map[string]question{
	"autoscaling:DescribeAutoScalingInstances": anyResource,
	"autoscaling:CompleteLifecycleAction":      onGroup,
	"cloudformation:SignalResource":            onStack,
	"ssm:GetParameter":                         onParameter,
	"secretsmanager:GetSecretValue":            onSecret,
	"logs:CreateLogStream":                     onLogStream,
	"logs:PutLogEvents":                        onLogStream,
	"sqs:SendMessage":                          onQueue,
	"sqs:ReceiveMessage":                       onQueue,
	"sqs:DeleteMessage":                        onQueue,
	"sqs:ChangeMessageVisibility":              onQueue,
	"sqs:GetQueueAttributes":                   onQueue,
	"s3:HeadBucket":                            onBucket("s3:ListBucket"),
	"s3:ListObjectsV2":                         onBucket("s3:ListBucket"),
	"s3:GetObject":                             onObject("s3:GetObject"),
	"s3:HeadObject":                            onObject("s3:GetObject"),
	"s3:PutObject":                             onObject("s3:PutObject"),
	"s3:DeleteObject":                          onObject("s3:DeleteObject"),
	"s3:DeleteObjects":                         onObjects("s3:DeleteObject"),
	"s3:CreateMultipartUpload":                 onObject("s3:PutObject"),
	"s3:UploadPart":                            onObject("s3:PutObject"),
	"s3:CompleteMultipartUpload":               onObject("s3:PutObject"),
	"s3:AbortMultipartUpload":                  onObject("s3:AbortMultipartUpload"),
	"s3:ListParts":                             onObject("s3:ListMultipartUploadParts"),

	"cloudfront-keyvaluestore:DescribeKeyValueStore": onKeyValueStore,
	"cloudfront-keyvaluestore:ListKeys":              onKeyValueStore,
	"cloudfront-keyvaluestore:UpdateKeys":            onKeyValueStore,
}

// calls are the questions that a request asks.
func (n Names) calls(q request) ([]Call, error) {
	operation := q.service + ":" + q.operation
	ask, known := operations[operation]
	if !known {
		return nil, fmt.Errorf("%s is an operation that test/iam/record does not know: add it to operations", operation)
	}
	action, resources, err := ask(q, n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	var list []Call
	for _, resource := range resources {
		list = append(list, Call{Operation: operation, Action: action, Resource: resource})
	}
	return list, nil
}

func (q request) sameAction() string { return q.service + ":" + q.operation }

func anyResource(q request, _ Names) (string, []string, error) {
	return q.sameAction(), []string{"*"}, nil
}

// one is the ARN that begins so and ends with the placeholder of a physical name.
func (q request) one(n Names, prefix, physical string, candidates ...string) (string, []string, error) {
	name, err := n.placeholder(physical, candidates...)
	return q.sameAction(), []string{prefix + name}, err
}

func onGroup(q request, n Names) (string, []string, error) {
	return q.one(n, "arn:aws:autoscaling:${region}:${account}:autoScalingGroup:${rest}:autoScalingGroupName/", q.form.Get("AutoScalingGroupName"), Group)
}

func onStack(q request, n Names) (string, []string, error) {
	action, resources, err := q.one(n, "arn:aws:cloudformation:${region}:${account}:stack/", q.form.Get("StackName"), Stack)
	return action, []string{resources[0] + "/${rest}"}, err
}

func onParameter(q request, n Names) (string, []string, error) {
	return q.one(n, "arn:aws:ssm:${region}:${account}:parameter", q.text("Name"), Configuration)
}

func onSecret(q request, n Names) (string, []string, error) {
	names := n.ending(".secretArn")
	for name := range n {
		if strings.HasPrefix(name, "secrets.") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return q.one(n, "", q.text("SecretId"), names...)
}

// onLogStream: both actions are authorized on the stream.
func onLogStream(q request, n Names) (string, []string, error) {
	action, resources, err := q.one(n, "arn:aws:logs:${region}:${account}:log-group:", q.text("logGroupName"), "logs.group")
	return action, []string{resources[0] + ":log-stream:${rest}"}, err
}

func onQueue(q request, n Names) (string, []string, error) {
	address := q.text("QueueUrl")
	return q.one(n, "arn:aws:sqs:${region}:${account}:", address[strings.LastIndexByte(address, '/')+1:], QueueName, DeadLetters)
}

func onKeyValueStore(q request, n Names) (string, []string, error) {
	return q.one(n, "", q.arn, "edge.keyValueStoreArn")
}

func onBucket(action string) question {
	return func(q request, n Names) (string, []string, error) {
		bucket, err := q.bucketARN(n)
		return action, []string{bucket}, err
	}
}

func onObject(action string) question {
	return func(q request, n Names) (string, []string, error) {
		needed := action
		if q.versioned {
			needed += "Version"
		}
		resource, err := q.objectARN(n, q.object)
		return needed, []string{resource}, err
	}
}

func onObjects(action string) question {
	return func(q request, n Names) (string, []string, error) {
		var list struct {
			Keys []string `xml:"Object>Key"`
		}
		if err := xml.Unmarshal(q.body, &list); err != nil {
			return "", nil, err
		}
		var resources []string
		for _, key := range list.Keys {
			resource, err := q.objectARN(n, key)
			if err != nil {
				return "", nil, err
			}
			resources = append(resources, resource)
		}
		return action, resources, nil
	}
}

// bucketARN: the bucket of artifacts is often the recipe's too.
func (q request) bucketARN(n Names) (string, error) {
	bucket, err := n.placeholder(q.bucket, "objectStore.bucket", Revisions, Artifact, "recipe.bucket")
	return "arn:aws:s3:::" + bucket, err
}

// objectARN keeps the first part of a key; what follows is made up of ids.
func (q request) objectARN(n Names, key string) (string, error) {
	bucket, err := q.bucketARN(n)
	if err != nil {
		return "", err
	}
	if name, err := n.placeholder(key, ArtifactKey, "recipe.key"); err == nil {
		return bucket + "/" + name, nil
	}
	if first, _, deeper := strings.Cut(key, "/"); deeper {
		return bucket + "/" + first + "/${rest}", nil
	}
	return bucket + "/${rest}", nil
}
