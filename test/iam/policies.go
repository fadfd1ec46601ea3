package iam

import (
	"fmt"
	"strings"
)

// resourcePolicies are the policies on resources, by ARN.
func (e *Environment) resourcePolicies() (map[string]Policy, error) {
	found := map[string]Policy{}
	add := func(t thing, property, arn string) error {
		document, err := t.property(property)
		if err != nil || document == nil {
			return err
		}
		if _, twice := found[arn]; twice {
			return fmt.Errorf("%s is the second policy of %s", t, arn)
		}
		found[arn] = Policy{t.id, document.(map[string]any)}
		return nil
	}
	for _, t := range e.all("") {
		var err error
		switch t.Type {
		case "AWS::KMS::Key":
			err = e.own(t, func(arn string) error { return add(t, "KeyPolicy", arn) })
		case "AWS::EFS::FileSystem":
			err = e.own(t, func(arn string) error { return add(t, "FileSystemPolicy", arn) })
		case "AWS::S3::BucketPolicy":
			var bucket string
			if bucket, err = t.text("Bucket"); err == nil {
				err = add(t, "PolicyDocument", "arn:aws:s3:::"+bucket)
			}
		case "AWS::SQS::QueuePolicy":
			var queues any
			queues, err = t.property("Queues")
			for _, url := range texts(queues) {
				if err == nil {
					err = add(t, "PolicyDocument", fmt.Sprintf("arn:aws:sqs:%s:%s:%s", e.Region, e.Account, url[strings.LastIndexByte(url, '/')+1:]))
				}
			}
		case "AWS::SecretsManager::ResourcePolicy", "AWS::SNS::TopicPolicy", "AWS::Logs::ResourcePolicy":
			err = fmt.Errorf("%s is a %s, which test/iam does not evaluate yet", t, t.Type)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (e *Environment) own(t thing, use func(arn string) error) error {
	arn, err := t.stack.attribute(t.id, "Arn")
	if err != nil {
		return err
	}
	return use(arn)
}

// policyOf is the policy of the resource that an ARN names; that of the bucket for an object.
func policyOf(policies map[string]Policy, arn string) (Policy, bool) {
	if rest, isS3 := strings.CutPrefix(arn, "arn:aws:s3:::"); isS3 {
		bucket, _, _ := strings.Cut(rest, "/")
		arn = "arn:aws:s3:::" + bucket
	}
	p, known := policies[arn]
	return p, known
}

// keys are the KMS keys that encrypt the resources which have one of the client's, by the resource's ARN.
func (e *Environment) keys() (map[string]string, error) {
	found := map[string]string{}
	for _, t := range e.all("") {
		attribute := "Arn"
		var path []string
		switch t.Type {
		case "AWS::SQS::Queue":
			path = []string{"KmsMasterKeyId"}
		case "AWS::SecretsManager::Secret":
			attribute, path = "Id", []string{"KmsKeyId"}
		case "AWS::RDS::DBInstance", "AWS::RDS::DBCluster":
			attribute, path = "MasterUserSecret.SecretArn", []string{"MasterUserSecret", "KmsKeyId"}
		case "AWS::S3::Bucket":
			path = []string{"BucketEncryption"}
		default:
			continue
		}
		value, err := t.property(path...)
		if err != nil {
			return nil, err
		}
		key := keyIn(value)
		if key == "" {
			continue
		}
		arn, err := t.stack.attribute(t.id, attribute)
		if err != nil {
			return nil, err
		}
		found[arn] = key
	}
	return found, nil
}

// keyIn is the first ARN of a KMS key in a value.
func keyIn(value any) string {
	switch v := value.(type) {
	case string:
		if strings.HasPrefix(v, "arn:aws:kms:") {
			return v
		}
	case []any:
		for _, child := range v {
			if key := keyIn(child); key != "" {
				return key
			}
		}
	case map[string]any:
		for _, name := range sorted(v) {
			if key := keyIn(v[name]); key != "" {
				return key
			}
		}
	}
	return ""
}
