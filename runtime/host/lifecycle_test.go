package host_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/host/awstest"
)

const targetState = "autoscaling/target-lifecycle-state"

// leaver is an instance in its group.
type leaver struct {
	aws    *awstest.AWS
	log    safeBuffer
	stop   context.CancelFunc // SIGTERM
	served chan struct{}      // closed when serving was told to stop
	finish chan error         // what serving returns
	ended  chan error         // what Run returned
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newLeaver(t *testing.T) *leaver {
	t.Helper()
	l := &leaver{aws: awstest.Start(t), served: make(chan struct{}), finish: make(chan error, 1), ended: make(chan error, 1)}
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRetryMaxAttempts(1))
	require.NoError(t, err)
	life := &host.Lifecycle{AWS: cfg, Hook: contract.TerminateHook, Log: slog.New(slog.NewTextHandler(&l.log, nil)), Every: time.Millisecond, Pause: time.Millisecond}
	var ctx context.Context
	ctx, l.stop = context.WithCancel(t.Context())
	go func() {
		l.ended <- life.Run(ctx, func(serving context.Context) error {
			<-serving.Done()
			close(l.served)
			return <-l.finish
		})
	}()
	return l
}

func (l *leaver) completed() []awstest.Call { return l.aws.Calls("CompleteLifecycleAction") }

// stays fails the test if Run returns though nobody stopped it.
func (l *leaver) stays(t *testing.T) {
	t.Helper()
	select {
	case err := <-l.ended:
		t.Fatalf("it ended, and systemd would start it again: %v", err)
	case <-time.After(30 * time.Millisecond):
	}
}

func TestTheHookIsCompletedWhenTheDrainIsOver(t *testing.T) {
	l := newLeaver(t)
	l.stays(t) // 404: the group has said nothing yet
	l.aws.SetMetadata(targetState, "InService\n")
	l.stays(t)
	l.aws.SetMetadata(targetState, "Terminated")
	<-l.served
	l.stays(t)
	require.Empty(t, l.completed(), "requests are still in flight")
	l.finish <- nil
	require.Eventually(t, func() bool { return len(l.completed()) == 1 }, 5*time.Second, time.Millisecond)
	require.Subset(t, l.completed()[0].Params, map[string]string{
		"AutoScalingGroupName": awstest.Group, "InstanceId": awstest.InstanceID, "LifecycleHookName": contract.TerminateHook, "LifecycleActionResult": "CONTINUE",
	})
	l.stays(t)
	l.stop()
	require.NoError(t, <-l.ended)
	require.Len(t, l.completed(), 1)
	require.NotContains(t, l.log.String(), "unknown", "404 is no trouble")
}

func TestAStoppedServiceCompletesNoHook(t *testing.T) {
	l := newLeaver(t)
	l.aws.SetMetadata(targetState, "InService")
	l.stop()
	<-l.served
	l.finish <- errors.New("still in flight")
	require.ErrorContains(t, <-l.ended, "still in flight")
	require.Empty(t, l.completed(), "the instance is not leaving its group")
}

func TestAServiceThatFailsEnds(t *testing.T) {
	a := awstest.Start(t)
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	life := &host.Lifecycle{AWS: cfg, Hook: contract.TerminateHook, Log: quiet()}
	require.ErrorContains(t, life.Run(t.Context(), func(context.Context) error { return errors.New("address in use") }), "address in use")
	require.Empty(t, a.Calls("CompleteLifecycleAction"))
}

func TestADrainThatRanOutOfTimeLetsGoToo(t *testing.T) {
	l := newLeaver(t)
	l.aws.SetMetadata(targetState, "Terminated")
	<-l.served
	l.finish <- errors.New("still in flight")
	require.Eventually(t, func() bool { return len(l.completed()) == 1 }, 5*time.Second, time.Millisecond)
	l.stop()
	require.ErrorContains(t, <-l.ended, "still in flight")
}

func TestAStopWhileLeavingStillCompletesTheHook(t *testing.T) {
	l := newLeaver(t)
	l.aws.SetMetadata(targetState, "Terminated")
	<-l.served
	l.stop()
	l.finish <- nil
	require.NoError(t, <-l.ended)
	require.Len(t, l.completed(), 1)
}

func TestTroubleWithTheHook(t *testing.T) {
	for name, tc := range map[string]struct {
		action  string
		refusal awstest.Refusal
		passes  bool
		want    string
	}{
		"not waiting":  {"CompleteLifecycleAction", awstest.Refusal{Status: 400, Code: "ValidationError", Message: "No active Lifecycle Action found with instance ID"}, false, "lifecycle hook is not waiting"},
		"refused":      {"CompleteLifecycleAction", awstest.Refusal{Status: 403, Code: "AccessDenied", Message: "not authorized"}, false, "the group will wait for the timeout of its hook"},
		"refused once": {"DescribeAutoScalingInstances", awstest.Refusal{Status: 400, Code: "Throttling", Message: "slow down"}, true, "lifecycle hook completed"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLeaver(t)
			l.aws.Refuse(tc.action, tc.refusal)
			l.aws.SetMetadata(targetState, "Terminated")
			<-l.served
			l.finish <- nil
			if tc.passes {
				require.Eventually(t, func() bool { return strings.Contains(l.log.String(), "trying again") }, 5*time.Second, time.Millisecond)
				l.aws.Allow(tc.action)
			}
			require.Eventually(t, func() bool { return strings.Contains(l.log.String(), tc.want) }, 5*time.Second, time.Millisecond, "%s", &l.log)
			l.stays(t)
			l.stop()
			require.NoError(t, <-l.ended)
		})
	}
}

func TestMetadataThatIsAwayIsToldOnceAndChangesNothing(t *testing.T) {
	l := newLeaver(t)
	l.aws.Refuse("IMDS", awstest.Refusal{Status: 403, Message: "metadata is off"})
	require.Eventually(t, func() bool { return strings.Contains(l.log.String(), "target lifecycle state is unknown") }, 5*time.Second, time.Millisecond)
	l.stays(t)
	require.Equal(t, 1, strings.Count(l.log.String(), "unknown"))
	l.aws.Allow("IMDS")
	l.aws.SetMetadata(targetState, "Terminated")
	<-l.served
	l.finish <- nil
	require.Eventually(t, func() bool { return len(l.completed()) == 1 }, 5*time.Second, time.Millisecond)
	l.stop()
	require.NoError(t, <-l.ended)
}
