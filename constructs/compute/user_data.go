package compute

import (
	_ "embed"
	"strings"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/runtime/contract"
)

// userDataTemplate is what an instance runs first; {names} are filled in by userData. It
// needs nothing that Amazon Linux 2023 does not bring: bash, curl, the AWS CLI.
//
//go:embed user_data.sh
var userDataTemplate string

// userData is the same for every workload. A wrong hash or a failed download ends it: then
// CloudFormation gets FAILURE and the launch hook ABANDON, and nothing of what was
// downloaded has run.
func userData(f *Fleet, b Boot) string {
	stack := cdk.Stack_Of(f.Construct)
	args := contract.BootArgs{
		ConfigParameter: b.ConfigParameter,
		Region:          *stack.Region(),
		StackName:       *stack.StackName(),
		LogicalID:       *stack.GetLogicalId(f.group),
		LaunchHook:      launchHook,
		Revision:        b.Revision,
	}
	return strings.NewReplacer(
		"{region}", args.Region,
		"{stack}", args.StackName,
		"{resource}", args.LogicalID,
		"{hook}", args.LaunchHook,
		"{folder}", contract.InstallDir,
		"{binary}", contract.BinaryPath,
		"{artifact}", *b.Artifact.Bucket+"/"+*b.Artifact.Key,
		"{sha256}", b.Artifact.SHA256,
		"{boot}", args.Command(),
	).Replace(userDataTemplate)
}
