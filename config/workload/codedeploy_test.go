package workload_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/workload"
)

// agentBuckets are the regions whose bucket aws-codedeploy-REGION AWS names: in the table of the resource kit, or in
// the policy for instances. Others are left out that no client can be in.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/resource-kit.html
// https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-iam-instance-profile.html
var agentBuckets = []string{
	"af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
	"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ca-central-1", "eu-central-1", "eu-central-2",
	"eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1",
	"me-south-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// A site is shipped by CodeDeploy only where its agent can be installed.
func TestRegionsOfTheAgent(t *testing.T) {
	known := 0
	for _, region := range config.Regions() {
		file := parse(t, "workload: {kind: codedeploy}\n")
		file.Client.Region = region.Name
		_, _, problems := workload.For(file)
		if slices.Contains(agentBuckets, region.Name) {
			known++
			require.Empty(t, problems, region.Name)
			continue
		}
		require.Contains(t, problems.String(), "AWS documents no bucket with CodeDeploy's agent in "+region.Name)

		file = parse(t, "workload: {kind: codedeploy, code: files}\n")
		file.Client.Region = region.Name
		_, _, problems = workload.For(file)
		require.Empty(t, problems, "%s: code on the shared file system needs no agent", region.Name)
	}
	require.Equal(t, len(agentBuckets), known, strings.Join(agentBuckets, " "))
}
