package host

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func (b *Boot) continueLaunch(ctx context.Context, s *booting) error {
	return b.patiently(ctx, func(ctx context.Context) (bool, error) { return false, b.completeHook(ctx, s.instanceID, hookContinue) })
}

func (b *Boot) signalSuccess(ctx context.Context, s *booting) error {
	return b.patiently(ctx, func(ctx context.Context) (bool, error) {
		return false, b.signal(ctx, s.instanceID, cfntypes.ResourceSignalStatusSuccess)
	})
}

// reportFailure tells everybody who waits for this instance. It does what it can within a minute.
func (b *Boot) reportFailure(ctx context.Context, s *booting) {
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	id := s.instanceID
	if id == "" {
		id, _ = os.Hostname() // CloudFormation only wants senders told apart
	}
	if err := b.signal(limited, id, cfntypes.ResourceSignalStatusFailure); err != nil {
		b.Log.Error("could not signal the failure to CloudFormation", "error", err)
	}
	if s.instanceID == "" {
		b.Log.Error("the launch hook cannot be abandoned without an instance id; it will time out")
		return
	}
	if err := b.completeHook(limited, s.instanceID, hookAbandon); err != nil {
		b.Log.Error("could not abandon the launch hook", "error", err)
	}
}

func (b *Boot) completeHook(ctx context.Context, instanceID, result string) error {
	if b.Args.LaunchHook == "" {
		return nil
	}
	return completeHook(ctx, autoscaling.NewFromConfig(b.AWS), b.Args.LaunchHook, instanceID, result, b.Log)
}

// signal needs cloudformation:SignalResource. A stack that is not creating or updating the group takes no signals:
// so it is for every instance that scaling launches later.
func (b *Boot) signal(ctx context.Context, uniqueID string, status cfntypes.ResourceSignalStatus) error {
	if b.Args.StackName == "" {
		return nil
	}
	_, err := cloudformation.NewFromConfig(b.AWS).SignalResource(ctx, &cloudformation.SignalResourceInput{
		StackName:         &b.Args.StackName,
		LogicalResourceId: &b.Args.LogicalID,
		UniqueId:          &uniqueID,
		Status:            status,
	})
	switch {
	case isValidation(err, "cannot be signaled"):
		b.Log.Info("CloudFormation is not waiting for a signal", "stack", b.Args.StackName, "answer", err.Error())
		return nil
	case isValidation(err, ""):
		// Repeating does not help, and the instance is as well as it is; if the stack does wait, it says so itself.
		b.Log.Warn("CloudFormation does not take the signal", "stack", b.Args.StackName, "resource", b.Args.LogicalID, "answer", err.Error())
		return nil
	case err != nil:
		return fmt.Errorf("signal %s for %s in stack %s: %w", status, b.Args.LogicalID, b.Args.StackName, err)
	}
	b.Log.Info("signalled CloudFormation", "stack", b.Args.StackName, "resource", b.Args.LogicalID, "status", status)
	return nil
}
