package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Lifecycle follows what the Auto Scaling group wants of this instance. Zero durations are the defaults.
//
// The group says that it will terminate the instance by changing the target lifecycle state in the metadata, then waits
// until the terminating hook is completed, or its heartbeat timeout is over.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
type Lifecycle struct {
	AWS  aws.Config
	Hook string // contract.TerminateHook
	Log  *slog.Logger

	Every  time.Duration // between two looks; 5 s
	Remind time.Duration // trouble with looking is logged again after this; 10 min
	Pause  time.Duration // before completing the hook is tried a second time, doubled each time; 1 s
}

const (
	targetStatePath  = "autoscaling/target-lifecycle-state"
	targetTerminated = "Terminated"
	// lookLimit bounds one look, retries of the SDK included.
	lookLimit = 5 * time.Second
	// completeTries end well after any throttling; the hook has its own timeout.
	completeTries = 8
)

// Run serves until ctx is done or the group wants the instance gone. In the second case it completes the hook as soon
// as serve has returned, and then waits for ctx: it must not return, since systemd would restart it
// (Restart=always) and a fresh process would ask for traffic again on an instance that is about to go. Exiting with a
// status of RestartPreventExitStatus would do the same, but only under a unit that says so; waiting needs none, and what is
// asked meanwhile is refused, because serve has closed its listener. The end comes with the shutdown of the machine
// (SIGTERM).
func (l *Lifecycle) Run(ctx context.Context, serve func(context.Context) error) error {
	serving, leave := context.WithCancel(ctx)
	defer leave()
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	var leaving atomic.Bool
	go func() {
		if l.wait(watching) {
			l.Log.Info("the Auto Scaling group terminates this instance: leaving")
			leaving.Store(true)
			leave()
		}
	}()
	err := serve(serving)
	if !leaving.Load() {
		return err
	}
	if err != nil {
		l.Log.Error("leaving was not clean", "reason", err)
	}
	if failed := l.complete(ctx); failed != nil {
		l.Log.Error("the group will wait for the timeout of its hook", "hook", l.Hook, "reason", failed)
	}
	<-ctx.Done()
	return err
}

// wait returns true when the group wants the instance gone, false when ctx is done.
func (l *Lifecycle) wait(ctx context.Context) bool {
	client := imds.NewFromConfig(l.AWS)
	var told time.Time
	for {
		target, err := l.target(ctx, client)
		switch {
		case ctx.Err() != nil:
			return false
		case err != nil && time.Since(told) >= cmp.Or(l.Remind, 10*time.Minute):
			l.Log.Warn("the target lifecycle state is unknown; looking again", "reason", err)
			told = time.Now()
		case target == targetTerminated:
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(cmp.Or(l.Every, 5*time.Second)):
		}
	}
}

// target is the target lifecycle state, or "" before the group has said any.
func (l *Lifecycle) target(ctx context.Context, client *imds.Client) (string, error) {
	limited, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	out, err := client.GetMetadata(limited, &imds.GetMetadataInput{Path: targetStatePath})
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusNotFound {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask the instance metadata service for %s: %w", targetStatePath, err)
	}
	defer out.Content.Close()
	text, err := io.ReadAll(io.LimitReader(out.Content, 64))
	return strings.TrimSpace(string(text)), err
}

// complete completes the hook even when ctx ends meanwhile, but then tries once only.
func (l *Lifecycle) complete(ctx context.Context) error {
	client := autoscaling.NewFromConfig(l.AWS)
	try := func() error {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
		defer cancel()
		id, err := InstanceID(limited, imds.NewFromConfig(l.AWS))
		if err != nil {
			return err
		}
		return completeHook(limited, client, l.Hook, id, hookContinue, l.Log)
	}
	pause := cmp.Or(l.Pause, time.Second)
	for tries := 1; ; tries++ {
		err := try()
		if err == nil || tries == completeTries || ctx.Err() != nil {
			return err
		}
		l.Log.Warn("the lifecycle hook is not completed; trying again", "hook", l.Hook, "reason", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause *= 2
	}
}
