// Package compute declares a fleet: an Auto Scaling group across zones from a
// launch template (AWS::AutoScaling, AWS::EC2::LaunchTemplate).
//
// Instances are never patched, they are replaced: any change of image, binary or
// plan that an instance learns of changes the launch template, and CloudFormation then refreshes
// the group without going below its capacity. An instance counts only when it
// says so itself: it starts in a launching lifecycle hook that lectern-runtime
// completes when its health path answers, and that abandons the instance when it
// does not. So neither a creation nor a refresh takes a broken instance for a
// working one. An instance that leaves waits in a terminating hook until the runtime
// has let its requests and jobs finish. docs/adr/0003-instance-refresh.md weighs this against the rolling
// update.
package compute

import (
	"strconv"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/internal/lint"
	"github.com/lectern/lectern/constructs/internal/tokens"
	"github.com/lectern/lectern/runtime/contract"
)

const (
	// launchHook is completed by lectern-runtime boot.
	launchHook = "lectern-launch"
	// warmupSeconds is how long a new instance's metrics are left out of scaling.
	warmupSeconds = 60
	// graceSeconds after the hook before failed load balancer checks count.
	graceSeconds = 60
	// drainMarginSeconds is what the terminating hook waits beyond the time to drain: the
	// instance hears of its end only some seconds after it.
	drainMarginSeconds = 60
	// maxHeartbeatSeconds is the longest that a hook waits without a sign of life, which instances do not give.
	// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
	maxHeartbeatSeconds = 7_200
)

// Props of a Fleet.
type Props struct {
	// InstanceType such as c7g.large, and its Architecture: arm64 or amd64.
	InstanceType, Architecture string
	// ImageID pins a machine image; empty takes the newest Amazon Linux 2023 at each deployment.
	ImageID string
	// DiskGiB of the encrypted gp3 root volume.
	DiskGiB int
	// Min and Max number of instances. There is no desired capacity: a deployment
	// would reset what scaling has decided (aws-cdk #5215).
	Min, Max int
	// SubnetIDs are private subnets, one a zone.
	SubnetIDs []*string
	// SecurityGroupID of the instances.
	SecurityGroupID *string
	// TargetGroupArns that instances are registered with. With any, the load balancer's
	// health checks decide whether an instance is replaced.
	TargetGroupArns []*string
	// Boot is what runs first on an instance.
	Boot Boot
	// BootSeconds is how long an instance may take from launch to health before it is given
	// up, 60 to 7,200.
	BootSeconds int
	// DrainSeconds is how long requests and jobs that have begun may still take when an
	// instance leaves.
	DrainSeconds int
	// Grants are what instances may do beyond booting.
	Grants []grant.Statement
	// Scaling targets.
	Scaling Scaling
}

// Fleet is an Auto Scaling group with its launch template, role and scaling policies.
type Fleet struct {
	constructs.Construct
	group awsautoscaling.CfnAutoScalingGroup
	role  awsiam.Role
}

// NewFleet declares the fleet.
func NewFleet(scope constructs.Construct, id string, p Props) *Fleet {
	if p.Min < 1 || p.Max < p.Min {
		panic("compute: a fleet of " + strconv.Itoa(p.Min) + " to " + strconv.Itoa(p.Max) + " instances is not possible")
	}
	if p.BootSeconds < 60 || p.BootSeconds > maxHeartbeatSeconds {
		panic("compute: " + strconv.Itoa(p.BootSeconds) + " s to boot; choose 60 to " + strconv.Itoa(maxHeartbeatSeconds))
	}
	if longest := maxHeartbeatSeconds - contract.DrainDelaySeconds - drainMarginSeconds; p.DrainSeconds > longest {
		panic("compute: " + strconv.Itoa(p.DrainSeconds) + " s to drain; choose up to " + strconv.Itoa(longest))
	}
	f := &Fleet{Construct: constructs.NewConstruct(scope, &id)}

	// 1. The group, which exists before the launch template so that the template can
	//    name it: boot signals CloudFormation for this logical id.
	f.group = awsautoscaling.NewCfnAutoScalingGroup(f.Construct, new("Group"), &awsautoscaling.CfnAutoScalingGroupProps{
		MinSize:                        new(strconv.Itoa(p.Min)),
		MaxSize:                        new(strconv.Itoa(p.Max)),
		VpcZoneIdentifier:              tokens.List(p.SubnetIDs...),
		TargetGroupArns:                tokens.List(p.TargetGroupArns...),
		HealthCheckType:                new(healthCheckType(p)),
		HealthCheckGracePeriod:         new(float64(graceSeconds)),
		DefaultInstanceWarmup:          new(float64(warmupSeconds)),
		LifecycleHookSpecificationList: hooks(p),
		// When a zone is impaired it is shifted away from, and the group holds back from
		// replacing what only looks unhealthy there (C7).
		AvailabilityZoneImpairmentPolicy: &awsautoscaling.CfnAutoScalingGroup_AvailabilityZoneImpairmentPolicyProperty{
			ZonalShiftEnabled:               new(true),
			ImpairedZoneHealthCheckBehavior: new("IgnoreUnhealthy"),
		},
		AvailabilityZoneDistribution: &awsautoscaling.CfnAutoScalingGroup_AvailabilityZoneDistributionProperty{
			CapacityDistributionStrategy: new("balanced-best-effort"),
		},
		MetricsCollection: []any{&awsautoscaling.CfnAutoScalingGroup_MetricsCollectionProperty{Granularity: new("1Minute")}},
		Tags: &[]*awsautoscaling.CfnAutoScalingGroup_TagPropertyProperty{{
			Key: new("Name"), Value: new(*cdk.Stack_Of(f.Construct).StackName() + "-" + id), PropagateAtLaunch: new(true),
		}},
	})

	// 2. What instances may do, to their own group among others.
	f.role = newRole(f, p)

	// 3. How instances start, and how they are replaced.
	template := newLaunchTemplate(f, p)
	f.group.SetLaunchTemplate(&awsautoscaling.CfnAutoScalingGroup_LaunchTemplateSpecificationProperty{
		LaunchTemplateId: template.Ref(),
		Version:          template.AttrLatestVersionNumber(),
	})
	f.replacement(p)

	// 4. How many there are.
	f.scaling(p.Scaling)
	return f
}

// DependOn makes the group wait, so that instances do not boot before what they
// ask for exists.
func (f *Fleet) DependOn(needs ...constructs.IDependable) {
	f.group.Node().AddDependency(needs...)
}

// GroupName of the Auto Scaling group.
func (f *Fleet) GroupName() *string { return f.group.Ref() }

// RoleArn is the role of the instances.
func (f *Fleet) RoleArn() *string { return f.role.RoleArn() }

// hooks hold an instance back until it is healthy, and again until it has drained. One
// that says nothing is not healthy, and has drained.
func hooks(p Props) []any {
	return []any{
		&awsautoscaling.CfnAutoScalingGroup_LifecycleHookSpecificationProperty{
			LifecycleHookName:   new(launchHook),
			LifecycleTransition: new("autoscaling:EC2_INSTANCE_LAUNCHING"),
			DefaultResult:       new("ABANDON"),
			HeartbeatTimeout:    new(float64(p.BootSeconds)),
		},
		&awsautoscaling.CfnAutoScalingGroup_LifecycleHookSpecificationProperty{
			LifecycleHookName:   new(contract.TerminateHook),
			LifecycleTransition: new("autoscaling:EC2_INSTANCE_TERMINATING"),
			DefaultResult:       new("CONTINUE"),
			HeartbeatTimeout:    new(float64(contract.DrainDelaySeconds + p.DrainSeconds + drainMarginSeconds)),
		},
	}
}

func healthCheckType(p Props) string {
	if len(p.TargetGroupArns) > 0 {
		return "ELB"
	}
	return "EC2"
}

// replacement refreshes the group when its launch template changes, starting new
// instances before it ends old ones, and lets a creation succeed only when the
// smallest number of instances has signalled.
func (f *Fleet) replacement(p Props) {
	options := f.group.CfnOptions()
	options.SetCreationPolicy(&cdk.CfnCreationPolicy{ResourceSignal: &cdk.CfnResourceSignal{
		Count:   new(float64(p.Min)),
		Timeout: new("PT" + strconv.Itoa(2*p.BootSeconds/60) + "M"),
	}})
	options.SetUpdatePolicy(&cdk.CfnUpdatePolicy{
		AutoScalingInstanceRefresh: &cdk.CfnAutoScalingInstanceRefresh{
			Strategy: new("Rolling"),
			Preferences: &cdk.CfnAutoScalingInstanceRefreshPreferences{
				MinHealthyPercentage: new(100.0),
				MaxHealthyPercentage: new(150.0),
				InstanceWarmup:       new(float64(warmupSeconds)),
				// Matching compares less than the whole template and would leave instances with old
				// user data in place.
				SkipMatching: new(false),
			},
		},
		AutoScalingScheduledAction: &cdk.CfnAutoScalingScheduledAction{IgnoreUnmodifiedGroupSizeProperties: new(true)},
	})
	lint.Accept(f.group, "E3016", "cfn-lint does not know UpdatePolicy.AutoScalingInstanceRefresh yet")
}
