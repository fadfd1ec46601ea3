package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/smithy-go"
)

// Results of a lifecycle hook. A terminating instance is terminated with either.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
const (
	hookContinue = "CONTINUE"
	hookAbandon  = "ABANDON"
)

// completeHook ends the wait of the instance's group. A hook that is not waiting is no error. It needs
// autoscaling:DescribeAutoScalingInstances and autoscaling:CompleteLifecycleAction.
func completeHook(ctx context.Context, client *autoscaling.Client, hook, instanceID, result string, log *slog.Logger) error {
	out, err := client.DescribeAutoScalingInstances(ctx, &autoscaling.DescribeAutoScalingInstancesInput{InstanceIds: []string{instanceID}})
	if err != nil {
		return fmt.Errorf("find the Auto Scaling group of %s: %w", instanceID, err)
	}
	if len(out.AutoScalingInstances) == 0 || out.AutoScalingInstances[0].AutoScalingGroupName == nil {
		return fmt.Errorf("instance %s is in no Auto Scaling group, so there is no lifecycle hook %s to complete", instanceID, hook)
	}
	_, err = client.CompleteLifecycleAction(ctx, &autoscaling.CompleteLifecycleActionInput{
		AutoScalingGroupName:  out.AutoScalingInstances[0].AutoScalingGroupName,
		LifecycleHookName:     &hook,
		InstanceId:            &instanceID,
		LifecycleActionResult: &result,
	})
	if isValidation(err, "No active Lifecycle Action") {
		log.Info("the lifecycle hook is not waiting", "hook", hook, "answer", err.Error())
		return nil
	}
	if err != nil {
		return fmt.Errorf("complete lifecycle hook %s with %s: %w", hook, result, err)
	}
	log.Info("lifecycle hook completed", "hook", hook, "result", result)
	return nil
}

func isValidation(err error, part string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), part)
}
