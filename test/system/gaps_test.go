//go:build system

package system_test

import (
	"fmt"
	"os"
	"path"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// acceptedGap is an entry of accepted-gaps.yaml: gaps of a kind whose subject matches
// one of the patterns (path.Match), and why they may be.
type acceptedGap struct {
	Kind     string   `yaml:"kind"`
	Subjects []string `yaml:"subjects"`
	Why      string   `yaml:"why"`
}

// gapList is the accepted list, and which of its patterns were ever needed. Tests that run at the same time share one.
type gapList struct {
	accepted []acceptedGap
	mutex    sync.Mutex
	used     map[string]bool
}

func readAcceptedGaps(t *testing.T) *gapList {
	t.Helper()
	content, err := os.ReadFile("emulator/accepted-gaps.yaml")
	require.NoError(t, err)
	var accepted []acceptedGap
	require.NoError(t, yaml.Unmarshal(content, &accepted))
	for _, gap := range accepted {
		require.NotEmpty(t, gap.Subjects, "accepted-gaps.yaml: an entry of kind %q has no subjects", gap.Kind)
		require.Greater(t, len(gap.Why), 20, "accepted-gaps.yaml: %v needs an explanation", gap.Subjects)
	}
	return &gapList{accepted: accepted, used: map[string]bool{}}
}

// unaccepted are the gaps among entries that the list does not explain.
func (l *gapList) unaccepted(entries []entry) []string {
	seen := map[string]bool{}
	var found []string
	for _, one := range entries {
		if one.Event != "GAP" || l.accepts(one) {
			continue
		}
		text := fmt.Sprintf("%s %s: %s (%s, %s)", one.Kind, one.Subject, one.Reason, one.Stack, one.LogicalID)
		if !seen[one.Kind+one.Subject] {
			seen[one.Kind+one.Subject] = true
			found = append(found, text)
		}
	}
	return found
}

// unacceptedButUpdates leaves out which changed properties reach the services themselves: that is TestDeploy's matter, whose one
// change carries them all. Other changes take properties out again, which many services have no call for.
func (l *gapList) unacceptedButUpdates(entries []entry) []string {
	return l.unaccepted(slices.DeleteFunc(entries, func(e entry) bool { return e.Kind == "update" }))
}

func (l *gapList) accepts(gap entry) bool {
	for _, accepted := range l.accepted {
		if accepted.Kind != gap.Kind {
			continue
		}
		for _, pattern := range accepted.Subjects {
			if matched, _ := path.Match(pattern, gap.Subject); matched {
				l.mutex.Lock()
				l.used[accepted.Kind+" "+pattern] = true
				l.mutex.Unlock()
				return true
			}
		}
	}
	return false
}

// stale are the patterns nothing needed.
func (l *gapList) stale() []string {
	var found []string
	for _, accepted := range l.accepted {
		for _, pattern := range accepted.Subjects {
			if !l.used[accepted.Kind+" "+pattern] {
				found = append(found, accepted.Kind+" "+pattern)
			}
		}
	}
	return found
}
