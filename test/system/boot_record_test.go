//go:build system && linux

package system_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/test/iam/record"
)

// recorder keeps the calls to AWS of an instance with this user data, for test/iam to evaluate.
func (s *bootSite) recorder(t *testing.T, userData string) *record.Recorder {
	t.Helper()
	config := s.config
	if s.workerData != "" && strings.HasPrefix(userData, strings.TrimSpace(s.workerData)) {
		config = s.workerConfig
	}
	names, err := record.FromConfig(config)
	require.NoError(t, err)
	names[record.Artifact], names[record.ArtifactKey], _ = strings.Cut(s.asset, "/")
	names[record.Configuration] = flagOf(t, userData, contract.FlagConfigParameter)
	names[record.Stack] = flagOf(t, userData, contract.FlagStack)
	names[record.Group] = s.group(t, userData)
	if len(s.buckets) > 0 {
		names[record.Revisions] = s.buckets[0]
	}
	return record.New(t, config.Client+"-"+string(config.Role), record.Who{Client: config.Client, Role: string(config.Role)}, names)
}

// flagOf is the value of a flag of `lectern-runtime boot` in user data.
func flagOf(t *testing.T, userData, flag string) string {
	t.Helper()
	found := regexp.MustCompile("--" + flag + ` '([^']+)'`).FindStringSubmatch(userData)
	require.NotNil(t, found, "no --%s in the user data:\n%s", flag, userData)
	return found[1]
}

// group is the name of the Auto Scaling group whose instances have this user data.
func (s *bootSite) group(t *testing.T, userData string) string {
	t.Helper()
	logical := flagOf(t, userData, contract.FlagResource)
	for _, r := range s.emulator.resources(t) {
		if r.Type == "AWS::AutoScaling::AutoScalingGroup" && r.LogicalID == logical {
			return r.PhysicalID
		}
	}
	require.Fail(t, "no group is called "+logical)
	return ""
}

// requireShipped waits until the instance's log is in CloudWatch.
func (b *booted) requireShipped(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return b.aws.recorder.Seen("logs:PutLogEvents") }, time.Minute, 200*time.Millisecond, "no log was shipped")
}
