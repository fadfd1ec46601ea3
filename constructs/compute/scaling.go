package compute

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
)

// Scaling holds the targets of a fleet; a zero target is no policy. There is no
// scaling on latency: the slowness of a learning platform mostly comes from its
// database, and more instances make that worse.
type Scaling struct {
	// CPUPercent is the average CPU to aim at.
	CPUPercent int
	// RequestsPerTargetPerMinute to aim at, counted by the load balancer under
	// RequestCountLabel (app/name/id/targetgroup/name/id).
	RequestsPerTargetPerMinute int
	RequestCountLabel          *string
	// BacklogPerWorker is the number of waiting messages of QueueName one instance
	// should have before it.
	BacklogPerWorker int
	QueueName        *string
}

func (f *Fleet) scaling(s Scaling) {
	if s.CPUPercent > 0 {
		f.track("ScaleOnCpu", &awsautoscaling.CfnScalingPolicy_TargetTrackingConfigurationProperty{
			TargetValue: new(float64(s.CPUPercent)),
			PredefinedMetricSpecification: &awsautoscaling.CfnScalingPolicy_PredefinedMetricSpecificationProperty{
				PredefinedMetricType: new("ASGAverageCPUUtilization"),
			},
		})
	}
	if s.RequestsPerTargetPerMinute > 0 {
		f.track("ScaleOnRequests", &awsautoscaling.CfnScalingPolicy_TargetTrackingConfigurationProperty{
			TargetValue: new(float64(s.RequestsPerTargetPerMinute)),
			PredefinedMetricSpecification: &awsautoscaling.CfnScalingPolicy_PredefinedMetricSpecificationProperty{
				PredefinedMetricType: new("ALBRequestCountPerTarget"),
				ResourceLabel:        s.RequestCountLabel,
			},
		})
	}
	if s.BacklogPerWorker > 0 {
		f.track("ScaleOnBacklog", f.backlog(s))
	}
}

func (f *Fleet) track(id string, target *awsautoscaling.CfnScalingPolicy_TargetTrackingConfigurationProperty) {
	awsautoscaling.NewCfnScalingPolicy(f.Construct, new(id), &awsautoscaling.CfnScalingPolicyProps{
		AutoScalingGroupName:        f.group.Ref(),
		PolicyType:                  new("TargetTrackingScaling"),
		TargetTrackingConfiguration: target,
	})
}

// backlog is waiting messages by instances in service, by metric math.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-target-tracking-metric-math.html
func (f *Fleet) backlog(s Scaling) *awsautoscaling.CfnScalingPolicy_TargetTrackingConfigurationProperty {
	return &awsautoscaling.CfnScalingPolicy_TargetTrackingConfigurationProperty{
		TargetValue: new(float64(s.BacklogPerWorker)),
		CustomizedMetricSpecification: &awsautoscaling.CfnScalingPolicy_CustomizedMetricSpecificationProperty{
			Metrics: []any{
				metric("waiting", "Sum", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", s.QueueName),
				metric("workers", "Average", "AWS/AutoScaling", "GroupInServiceInstances", "AutoScalingGroupName", f.group.Ref()),
				&awsautoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty{
					Id:         new("backlog"),
					Expression: new("waiting / workers"),
					Label:      new("Waiting messages per worker"),
					ReturnData: new(true),
				},
			},
		},
	}
}

func metric(id, statistic, namespace, name, dimension string, value *string) *awsautoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty {
	return &awsautoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty{
		Id: &id,
		MetricStat: &awsautoscaling.CfnScalingPolicy_TargetTrackingMetricStatProperty{
			Stat: &statistic,
			Metric: &awsautoscaling.CfnScalingPolicy_MetricProperty{
				Namespace:  &namespace,
				MetricName: &name,
				Dimensions: []any{&awsautoscaling.CfnScalingPolicy_MetricDimensionProperty{Name: &dimension, Value: value}},
			},
		},
		ReturnData: new(false),
	}
}
