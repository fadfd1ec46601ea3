//go:build system

package system_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/references"
)

// TestEmulatorHonesty is the reason a green deploy means something: each case is a
// mistake that plain moto takes for a success.
func TestEmulatorHonesty(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "111122223333")
	t.Run("refused templates", func(t *testing.T) { refusedTemplates(t, e) })
	t.Run("failing resources", func(t *testing.T) { failingResources(t, e) })
	t.Run("stack outputs", func(t *testing.T) { stackOutputs(t, e) })
	t.Run("dynamic references", func(t *testing.T) { dynamicReferences(t, e) })
	t.Run("tokens of replication groups", func(t *testing.T) { replicationGroupTokens(t, e) })
	t.Run("updates", func(t *testing.T) { updates(t, e) })
	t.Run("retention", func(t *testing.T) { retention(t, e) })
	t.Run("termination protection", func(t *testing.T) { terminationProtection(t, e) })
	t.Run("gaps", func(t *testing.T) { gapsAreJournalled(t, e) })
}

func refusedTemplates(t *testing.T, e *emulator) {
	queue := of("AWS::SQS::Queue", object{})
	distribution := of("AWS::CloudFront::VpcOrigin", object{})
	for name, c := range map[string]struct{ template, reason string }{
		"unknown-type": {
			body(t, object{"A": of("AWS::SQS::Kew", object{})}), "Unrecognized resource types: [AWS::SQS::Kew]",
		},
		"custom-resource": {
			body(t, object{"A": of("Custom::Thing", object{"ServiceToken": "x"})}), "is a custom resource",
		},
		"unknown-attribute": {
			body(t, object{"Q": queue, "P": of("AWS::SSM::Parameter", object{"Type": "String", "Value": getAtt("Q", "Url")})}),
			"Q (AWS::SQS::Queue) does not support attribute type Url",
		},
		"unknown-attribute-of-a-generic-type": {
			body(t, object{"O": distribution, "P": of("AWS::SSM::Parameter", object{"Type": "String", "Value": getAtt("O", "Nope")})}),
			"does not support attribute type Nope",
		},
		"unknown-attribute-in-an-output": {
			body(t, object{"Q": queue}, object{"Outputs": object{"X": object{"Value": getAtt("Q", "Nope")}}}),
			"does not support attribute type Nope",
		},
		"unknown-attribute-in-sub": {
			body(t, object{"Q": queue, "P": of("AWS::SSM::Parameter", object{"Type": "String", "Value": object{"Fn::Sub": "${Q.Nope}"}})}),
			"does not support attribute type Nope",
		},
		"reference-to-nothing": {
			body(t, object{"P": of("AWS::SSM::Parameter", object{"Type": "String", "Value": ref("Nobody")})}),
			"Unresolved resource dependencies [Nobody]",
		},
		"circle": {
			body(t, object{
				"A": of("AWS::SSM::Parameter", object{"Type": "String", "Value": ref("B")}),
				"B": of("AWS::SSM::Parameter", object{"Type": "String", "Value": ref("A")}),
			}),
			"Circular dependency",
		},
		"output-in-sub": {
			body(t, object{"P": of("AWS::SSM::Parameter", object{"Type": "String",
				"Value": object{"Fn::Sub": []any{"${X}", object{"X": stackOutput("s", home, "o")}}}})}),
			"Fn::GetStackOutput is not allowed inside Fn::Sub",
		},
		"output-in-base64": {
			body(t, object{"P": of("AWS::SSM::Parameter", object{"Type": "String",
				"Value": object{"Fn::Base64": stackOutput("s", home, "o")}})}),
			"Fn::GetStackOutput is not allowed inside Fn::Base64",
		},
		"output-in-outputs": {
			body(t, object{"Q": queue}, object{"Outputs": object{"X": object{"Value": stackOutput("s", home, "o")}}}),
			"Fn::GetStackOutput is not allowed in Outputs",
		},
		"snapshot-of-a-queue": {
			body(t, object{"Q": of("AWS::SQS::Queue", object{}, object{"DeletionPolicy": "Snapshot"})}),
			"does not support DeletionPolicy Snapshot",
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, e.create(t, home, name, c.template), c.reason)
			require.NotContains(t, e.stacks(t, home), name)
		})
	}
}

// distributionOf is a distribution with a certificate and names.
func distributionOf(certificate object, aliases ...string) object {
	return of("AWS::CloudFront::Distribution", object{"DistributionConfig": object{
		"Enabled": true, "Aliases": aliases, "ViewerCertificate": object{"AcmCertificateArn": certificate, "SslSupportMethod": "sni-only"},
		"Origins":              []object{{"Id": "o", "DomainName": "origin.example.com", "CustomOriginConfig": object{"OriginProtocolPolicy": "https-only"}}},
		"DefaultCacheBehavior": object{"TargetOriginId": "o", "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"},
	}})
}

func failingResources(t *testing.T, e *emulator) {
	network := of("AWS::EC2::VPC", object{"CidrBlock": "10.1.0.0/16"})
	for name, c := range map[string]struct {
		resources object
		reason    string
	}{
		"unknown-property": {
			object{"Q": of("AWS::SQS::Queue", object{"Colour": "red"})}, "'Colour' was unexpected",
		},
		"missing-property": {
			object{"P": of("AWS::SSM::Parameter", object{"Type": "String"})}, "'Value' is a required property",
		},
		"wrong-enum": {
			object{"B": of("AWS::S3::Bucket", object{"VersioningConfiguration": object{"Status": "On"}})}, "'On' is not one of",
		},
		"wrong-type": {
			object{"C": of("AWS::ElastiCache::CacheCluster", object{"CacheNodeType": "cache.t4g.small", "Engine": "memcached", "NumCacheNodes": "two"})},
			"is not of type 'integer'",
		},
		"refused-by-the-service": {
			object{"V": network, "S": of("AWS::EC2::Subnet", object{"VpcId": ref("V"), "CidrBlock": "10.9.0.0/24"})},
			"InvalidSubnet.Range",
		},
		"dangling-id": {
			object{"G": of("AWS::EC2::SecurityGroup", object{"GroupDescription": "d", "VpcId": "vpc-0123456789abcdef0"})},
			"'vpc-0123456789abcdef0' does not exist",
		},
		"alias-that-no-certificate-holds": {
			object{"C": of("AWS::CertificateManager::Certificate", object{"DomainName": "learn.example.com", "SubjectAlternativeNames": []string{"*.learn.example.com"}, "ValidationMethod": "DNS"}),
				"D": distributionOf(ref("C"), "learn.example.com", "x.learn.example.com", "*.play.learn.example.com")},
			"does not cover the alternate domain name *.play.learn.example.com",
		},
		"alias-twice": {
			object{"C": of("AWS::CertificateManager::Certificate", object{"DomainName": "*.play.example.com", "ValidationMethod": "DNS"}),
				"D": distributionOf(ref("C"), "*.play.example.com"), "E": distributionOf(ref("C"), "a.play.example.com", "*.play.example.com")},
			"CNAMEAlreadyExists: *.play.example.com",
		},
		"database-in-a-group-that-is-not-there": {
			object{"D": of("AWS::RDS::DBInstance", object{"Engine": "postgres", "DBInstanceClass": "db.t4g.medium",
				"AllocatedStorage": "20", "MasterUsername": "lectern", "ManageMasterUserPassword": true, "DBSubnetGroupName": "nobodys"})},
			"nobodys",
		},
	} {
		t.Run(name, func(t *testing.T) { e.requireRolledBack(t, name, body(t, c.resources), c.reason) })
	}
	t.Run("what was made before the failure is undone", func(t *testing.T) {
		e.requireRolledBack(t, "half", body(t, object{
			"V": network,
			"Q": of("AWS::SQS::Queue", object{"Colour": "red"}, object{"DependsOn": "V"}),
		}), "Colour")
		require.Equal(t, "AWS::EC2::VPC", e.event(t, "half", "CREATED").Type)
		require.Equal(t, "AWS::EC2::VPC", e.event(t, "half", "DELETED").Type)
	})
}

func stackOutputs(t *testing.T, e *emulator) {
	e.requireCreated(t, "us-east-1", "producer", body(t,
		object{"Q": of("AWS::SQS::Queue", object{})},
		object{"Outputs": object{"Arn": object{"Value": getAtt("Q", "Arn")}}}))
	reader := func(stackName, region, output string) string {
		return body(t,
			object{"P": of("AWS::SSM::Parameter", object{"Type": "String",
				"Value": object{"Fn::Join": []any{"", []any{"queue ", stackOutput(stackName, region, output)}}}})},
			object{"Outputs": object{"Read": object{"Value": getAtt("P", "Value")}}})
	}
	made := e.requireCreated(t, home, "consumer", reader("producer", "us-east-1", "Arn"))
	require.Contains(t, made.Outputs[0].Value, "queue arn:aws:sqs:us-east-1:111122223333:")
	e.requireRolledBack(t, "wrong-output", reader("producer", "us-east-1", "Nope"), "no such output")
	e.requireRolledBack(t, "wrong-region", reader("producer", home, "Arn"), "stack does not exist")
	e.requireRolledBack(t, "wrong-stack", reader("nobody", "us-east-1", "Arn"), "stack does not exist")

	// The producer's replacement is not seen by a consumer whose template is the same; a
	// change of its metadata alone reads the output again.
	require.Empty(t, e.updateIn(t, "us-east-1", "producer", body(t,
		object{"Q": of("AWS::SQS::Queue", object{"QueueName": "second"})},
		object{"Outputs": object{"Arn": object{"Value": getAtt("Q", "Arn")}}})))
	require.Contains(t, e.updateIn(t, home, "consumer", reader("producer", "us-east-1", "Arn")), "No updates are to be performed")
	require.Equal(t, made.Outputs, e.stacks(t, home)["consumer"].Outputs)
	var known object
	require.NoError(t, json.Unmarshal([]byte(reader("producer", "us-east-1", "Arn")), &known))
	known["Resources"].(map[string]any)["P"].(map[string]any)["Metadata"] = object{references.Key: object{"producer.Arn": "0123456789abcdef"}}
	marked, err := json.Marshal(known)
	require.NoError(t, err)
	require.Empty(t, e.updateIn(t, home, "consumer", string(marked)))
	require.Contains(t, e.stacks(t, home)["consumer"].Outputs[0].Value, ":second")

	// A weak reference holds nobody: the producer may go.
	require.Empty(t, e.cloudFormation(t, "us-east-1", "DeleteStack", map[string]string{"StackName": "producer"}))
	require.NotContains(t, e.stacks(t, "us-east-1"), "producer")
}

func dynamicReferences(t *testing.T, e *emulator) {
	secret := of("AWS::SecretsManager::Secret", object{"GenerateSecretString": object{
		"GenerateStringKey": "token", "SecretStringTemplate": "{}", "ExcludePunctuation": true, "PasswordLength": 32}})
	reader := func(key string) object {
		return of("AWS::SSM::Parameter", object{"Type": "String", "Value": object{"Fn::Join": []any{"",
			[]any{"{{resolve:secretsmanager:", ref("S"), ":SecretString:" + key + "::}}"}}}})
	}
	e.requireCreated(t, home, "secret", body(t, object{"S": secret, "P": reader("token")}))
	e.requireRolledBack(t, "no-key", body(t, object{"S": secret, "P": reader("nope")}), "Could not find a value for key nope")
	e.requireRolledBack(t, "no-secret", body(t, object{"P": of("AWS::SSM::Parameter", object{"Type": "String",
		"Value": "{{resolve:secretsmanager:nobodys:SecretString:x}}"})}), "can't find the specified secret")

	image := func(name string) string {
		return body(t,
			object{"P": of("AWS::SSM::Parameter", object{"Type": "String", "Value": ref("Image")})},
			object{
				"Parameters": object{"Image": object{"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": name}},
				"Outputs":    object{"Image": object{"Value": ref("Image")}},
			})
	}
	public := "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64"
	require.Contains(t, e.requireCreated(t, home, "image", image(public)).Outputs[0].Value, "ami-")
	require.Contains(t, e.create(t, home, "no-image", image(public+"-nope")), "Unable to fetch parameters")
}

func updates(t *testing.T, e *emulator) {
	queue := func(properties object) string { return body(t, object{"Q": of("AWS::SQS::Queue", properties, retain)}) }
	e.requireCreated(t, home, "queue", queue(object{"QueueName": "one", "VisibilityTimeout": 30}))

	t.Run("in place", func(t *testing.T) {
		require.Empty(t, e.update(t, "queue", queue(object{"QueueName": "one", "VisibilityTimeout": 60})))
		require.Equal(t, "UPDATE_COMPLETE", e.stacks(t, home)["queue"].Status)
		require.Equal(t, []string{"VisibilityTimeout"}, e.event(t, "queue", "UPDATED").Properties)
	})
	t.Run("nothing to do", func(t *testing.T) {
		require.Contains(t, e.update(t, "queue", queue(object{"QueueName": "one", "VisibilityTimeout": 60})), "No updates are to be performed")
	})
	t.Run("failed and rolled back", func(t *testing.T) {
		require.Empty(t, e.update(t, "queue", queue(object{"QueueName": "one", "VisibilityTimeout": 90, "Colour": "red"})))
		require.Equal(t, "UPDATE_ROLLBACK_COMPLETE", e.stacks(t, home)["queue"].Status)
		for _, r := range e.resources(t) {
			if r.Stack == "queue" {
				require.EqualValues(t, 60, r.Properties["VisibilityTimeout"])
			}
		}
	})
	t.Run("replacement keeps the old one when told to", func(t *testing.T) {
		require.Empty(t, e.update(t, "queue", queue(object{"QueueName": "two", "VisibilityTimeout": 60})))
		replaced := e.event(t, "queue", "REPLACEMENT")
		require.Equal(t, []string{"QueueName"}, replaced.Properties)
		require.Equal(t, "AWS::SQS::Queue", replaced.Type)
		states := map[string]string{}
		for _, r := range e.resources(t) {
			if r.Stack == "queue" {
				states[r.Properties["QueueName"].(string)] = r.State
			}
		}
		require.Equal(t, map[string]string{"one": "RETAINED", "two": "LIVE"}, states)
	})
	t.Run("what is taken out is deleted", func(t *testing.T) {
		one, two := of("AWS::SNS::Topic", object{}), of("AWS::SNS::Topic", object{})
		e.requireCreated(t, home, "topics", body(t, object{"One": one, "Two": two}))
		require.Empty(t, e.update(t, "topics", body(t, object{"One": one})))
		require.Equal(t, "Two", e.event(t, "topics", "DELETED").LogicalID)
	})
}

func retention(t *testing.T, e *emulator) {
	e.requireCreated(t, home, "kept", body(t, object{
		"B": of("AWS::S3::Bucket", object{}, retain),
		"K": of("AWS::KMS::Key", object{"KeyPolicy": object{"Version": "2012-10-17", "Statement": []any{}}}, retain),
		"C": of("AWS::ElastiCache::ParameterGroup", object{"CacheParameterGroupFamily": "valkey8", "Description": "d"}, retain),
		"T": of("AWS::SNS::Topic", object{}),
	}))
	require.Empty(t, e.cloudFormation(t, home, "DeleteStack", map[string]string{"StackName": "kept"}))
	require.NotContains(t, e.stacks(t, home), "kept")
	states := map[string]string{}
	for _, r := range e.resources(t) {
		if r.Stack != "kept" {
			continue
		}
		states[r.LogicalID] = r.State
		exists, asked := e.existsInService(t, r)
		require.True(t, exists || !asked, "%s is gone from its service", r.Type)
	}
	require.Equal(t, map[string]string{"B": "RETAINED", "K": "RETAINED", "C": "RETAINED"}, states)

	t.Run("a subnet in use cannot be deleted", func(t *testing.T) {
		e.requireCreated(t, home, "subnet", body(t,
			object{
				"V": of("AWS::EC2::VPC", object{"CidrBlock": "10.2.0.0/16"}),
				"A": of("AWS::EC2::Subnet", object{"VpcId": ref("V"), "CidrBlock": "10.2.0.0/24", "AvailabilityZone": home + "a"}),
				"B": of("AWS::EC2::Subnet", object{"VpcId": ref("V"), "CidrBlock": "10.2.1.0/24", "AvailabilityZone": home + "b"}),
				"G": of("AWS::RDS::DBSubnetGroup", object{"DBSubnetGroupDescription": "d", "SubnetIds": []any{ref("A"), ref("B")}}, retain),
			}))
		require.Empty(t, e.cloudFormation(t, home, "DeleteStack", map[string]string{"StackName": "subnet"}))
		require.Equal(t, "DELETE_FAILED", e.stacks(t, home)["subnet"].Status)
		reasons := strings.Join(e.failures(t, home, "subnet"), "\n")
		require.Regexp(t, `A DELETE_FAILED: .* is still in use by G \(AWS::RDS::DBSubnetGroup, retained`, reasons)
		require.NotRegexp(t, `(?m)^V DELETE_FAILED`, reasons, "what a resource that failed depends on is not touched")
	})
}

func terminationProtection(t *testing.T, e *emulator) {
	e.requireCreated(t, home, "protected", body(t, object{"Q": of("AWS::SQS::Queue", object{})}))
	protect := func(on string) {
		require.Empty(t, e.cloudFormation(t, home, "UpdateTerminationProtection",
			map[string]string{"StackName": "protected", "EnableTerminationProtection": on}))
	}
	protect("true")
	require.True(t, e.stacks(t, home)["protected"].Protection)
	require.Equal(t, "ValidationError: Stack [protected] cannot be deleted while TerminationProtection is enabled",
		e.cloudFormation(t, home, "DeleteStack", map[string]string{"StackName": "protected"}))
	require.Equal(t, "CREATE_COMPLETE", e.stacks(t, home)["protected"].Status)
	protect("false")
	require.Empty(t, e.cloudFormation(t, home, "DeleteStack", map[string]string{"StackName": "protected"}))
	require.NotContains(t, e.stacks(t, home), "protected")
}

func gapsAreJournalled(t *testing.T, e *emulator) {
	e.requireCreated(t, home, "gap", body(t, object{
		"C": of("AWS::ElastiCache::CacheCluster", object{"CacheNodeType": "cache.t4g.small", "Engine": "memcached", "NumCacheNodes": 1})}))
	gap := e.event(t, "gap", "GAP")
	require.Equal(t, "generic", gap.Kind)
	require.Equal(t, "AWS::ElastiCache::CacheCluster", gap.Subject)

	list := &gapList{accepted: []acceptedGap{{Kind: "generic", Subjects: []string{"AWS::Backup::*"}}}, used: map[string]bool{}}
	require.Len(t, list.unaccepted([]entry{gap}), 1)
	require.Equal(t, []string{"generic AWS::Backup::*"}, list.stale())
}
