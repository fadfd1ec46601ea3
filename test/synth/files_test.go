package synth_test

import (
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/files"
	"github.com/lectern/lectern/constructs/grant"
)

func filesProps(stack cdk.Stack) files.Props {
	return files.Props{
		Zones: []files.Zone{
			{Letter: "a", SubnetID: new("subnet-0000000000000000a")},
			{Letter: "b", SubnetID: new("subnet-0000000000000000b")},
			{Letter: "c", SubnetID: new("subnet-0000000000000000c")},
		},
		SecurityGroupIDs: []*string{new("sg-0000000000000000f")},
		Path:             "/shared",
		UID:              1000, GID: 1000,
		KeyArn: dataKey(stack),
	}
}

func TestFiles(t *testing.T) {
	_, stack := newStack(t)
	shared := files.New(stack, "Files", filesProps(stack))
	grant.Attach(dataRole(stack), shared.Grants()...)
	tpl := template(stack)

	requireRetained(t, tpl, "AWS::EFS::FileSystem")
	tpl.HasResourceProperties(new("AWS::EFS::FileSystem"), map[string]any{
		"Encrypted":      true,
		"KmsKeyId":       assertions.Match_AnyValue(),
		"BackupPolicy":   map[string]any{"Status": "ENABLED"},
		"ThroughputMode": "elastic",
		// A single statement, and it denies: nobody is let in by the policy itself.
		"FileSystemPolicy": map[string]any{"Statement": []any{map[string]any{
			"Effect":    "Deny",
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		}}},
	})
	tpl.HasResourceProperties(new("AWS::EFS::AccessPoint"), map[string]any{
		"PosixUser":     map[string]any{"Uid": "1000", "Gid": "1000"},
		"RootDirectory": map[string]any{"Path": "/shared"},
	})
	tpl.HasResourceProperties(new("AWS::IAM::Policy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": []any{map[string]any{
			"Action":    []any{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"},
			"Condition": map[string]any{"StringEquals": map[string]any{"elasticfilesystem:AccessPointArn": assertions.Match_AnyValue()}},
		}}},
	})
}

func TestFilesMountTargetInEveryZone(t *testing.T) {
	_, stack := newStack(t)
	p := filesProps(stack)
	files.New(stack, "Files", p)
	tpl := template(stack)

	tpl.ResourceCountIs(new("AWS::EFS::MountTarget"), new(3.0))
	for _, z := range p.Zones {
		tpl.HasResourceProperties(new("AWS::EFS::MountTarget"), map[string]any{
			"SubnetId":       *z.SubnetID,
			"SecurityGroups": []any{"sg-0000000000000000f"},
		})
	}
	p.Zones = nil
	require.Panics(t, func() { files.New(stack, "None", p) })
}
