package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// Results of a launching lifecycle hook.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
const (
	hookContinue = "CONTINUE"
	hookAbandon  = "ABANDON"
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

// completeHook needs autoscaling:DescribeAutoScalingInstances and autoscaling:CompleteLifecycleAction.
func (b *Boot) completeHook(ctx context.Context, instanceID, result string) error {
	hook := b.Args.LaunchHook
	if hook == "" {
		return nil
	}
	client := autoscaling.NewFromConfig(b.AWS)
	out, err := client.DescribeAutoScalingInstances(ctx, &autoscaling.DescribeAutoScalingInstancesInput{InstanceIds: []string{instanceID}})
	if err != nil {
		return fmt.Errorf("find the Auto Scaling group of %s: %w", instanceID, err)
	}
	if len(out.AutoScalingInstances) == 0 || out.AutoScalingInstances[0].AutoScalingGroupName == nil {
		return fmt.Errorf("instance %s is in no Auto Scaling group, so there is no launch hook %s to complete", instanceID, hook)
	}
	_, err = client.CompleteLifecycleAction(ctx, &autoscaling.CompleteLifecycleActionInput{
		AutoScalingGroupName:  out.AutoScalingInstances[0].AutoScalingGroupName,
		LifecycleHookName:     &hook,
		InstanceId:            &instanceID,
		LifecycleActionResult: &result,
	})
	if isValidation(err, "No active Lifecycle Action") {
		b.Log.Info("the launch hook is not waiting", "hook", hook, "answer", err.Error())
		return nil
	}
	if err != nil {
		return fmt.Errorf("complete launch hook %s with %s: %w", hook, result, err)
	}
	b.Log.Info("launch hook completed", "hook", hook, "result", result)
	return nil
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

func isValidation(err error, part string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), part)
}
