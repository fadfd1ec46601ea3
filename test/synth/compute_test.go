package synth_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/compute"
	"github.com/lectern/lectern/constructs/grant"
)

func webFleet(mutate ...func(*compute.Props)) compute.Props {
	p := compute.Props{
		InstanceType: "c7g.large", Architecture: "arm64", DiskGiB: 20,
		Min: 3, Max: 9,
		SubnetIDs:       []*string{new("subnet-a"), new("subnet-b"), new("subnet-c")},
		SecurityGroupID: new("sg-web"),
		TargetGroupArns: []*string{new("arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef")},
		Boot: compute.Boot{
			Artifact:        compute.Artifact{Bucket: new("assets"), Key: new("runtime.elf"), SHA256: "aa11"},
			ConfigParameter: "/lectern/demo/web",
			Revision:        "r1",
		},
		BootSeconds: 900, DrainSeconds: 30,
		Scaling: compute.Scaling{
			CPUPercent: 50, RequestsPerTargetPerMinute: 500, RequestCountLabel: new("app/lb/1/targetgroup/web/1"),
		},
	}
	for _, m := range mutate {
		m(&p)
	}
	return p
}

func fleetTemplate(t *testing.T, mutate ...func(*compute.Props)) assertions.Template {
	t.Helper()
	_, stack := newStack(t)
	compute.NewFleet(stack, "Web", webFleet(mutate...))
	return template(stack)
}

// C1: IMDSv2, an encrypted disk, no key, an instance profile, zone-spanning group with
// the load balancer's health checks.
func TestComputeLaunchTemplate(t *testing.T) {
	tpl := fleetTemplate(t)
	tpl.HasResourceProperties(new("AWS::EC2::LaunchTemplate"), map[string]any{
		"LaunchTemplateData": map[string]any{
			"InstanceType":       "c7g.large",
			"KeyName":            assertions.Match_Absent(),
			"MetadataOptions":    map[string]any{"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
			"IamInstanceProfile": assertions.Match_AnyValue(),
			"BlockDeviceMappings": []any{map[string]any{
				"DeviceName": "/dev/xvda",
				"Ebs":        map[string]any{"Encrypted": true, "VolumeType": "gp3", "VolumeSize": 20},
			}},
		},
	})
	tpl.HasResourceProperties(new("AWS::AutoScaling::AutoScalingGroup"), map[string]any{
		"MinSize": "3", "MaxSize": "9",
		"HealthCheckType":       "ELB",
		"DesiredCapacity":       assertions.Match_Absent(),
		"VPCZoneIdentifier":     []any{"subnet-a", "subnet-b", "subnet-c"},
		"DefaultInstanceWarmup": 60,
	})
	tpl.HasParameter(new("*"), map[string]any{
		"Default": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64",
	})
}

func TestComputeUserDataVerifiesTheBinary(t *testing.T) {
	tpl := fleetTemplate(t)
	capture := assertions.NewCapture(nil)
	tpl.HasResourceProperties(new("AWS::EC2::LaunchTemplate"), map[string]any{
		"LaunchTemplateData": map[string]any{"UserData": map[string]any{"Fn::Base64": capture}},
	})
	onFailure, main, found := strings.Cut(*capture.AsString(), "trap failed EXIT\n")
	require.True(t, found)
	require.Equal(t, `
install -d -m 0755 /opt/lectern
# The role may be so new that not all of AWS knows it yet.
for pause in 1 2 4 8 16 0; do
  aws s3 cp --only-show-errors --region eu-west-1 s3://assets/runtime.elf /opt/lectern/lectern-runtime && break
  sleep $pause
done
echo 'aa11  /opt/lectern/lectern-runtime' | sha256sum --check --quiet
chmod 0755 /opt/lectern/lectern-runtime
/opt/lectern/lectern-runtime version # one that this machine cannot run fails here, and not in exec, which no trap sees
exec /opt/lectern/lectern-runtime boot --config-parameter '/lectern/demo/web' --region 'eu-west-1' --stack 'test' --resource 'WebGroup78E9E3F4' --launch-hook 'lectern-launch' --revision 'r1'
`, main)
	require.NotContains(t, *capture.AsString(), "{region}")
	require.Contains(t, onFailure, `signal-resource --stack-name test --logical-resource-id WebGroup78E9E3F4 --unique-id "$id" --status FAILURE`)
	require.Contains(t, onFailure, `--lifecycle-hook-name lectern-launch --instance-id "$id" --lifecycle-action-result ABANDON`)
}

// A creation succeeds, and a refresh goes on, only with instances that said they are
// healthy; a refresh never goes below the capacity there is.
func TestComputeReplacesInstancesWithoutLossOfCapacity(t *testing.T) {
	fleetTemplate(t).HasResource(new("AWS::AutoScaling::AutoScalingGroup"), map[string]any{
		"CreationPolicy": map[string]any{"ResourceSignal": map[string]any{"Count": 3}},
		"UpdatePolicy": map[string]any{
			"AutoScalingRollingUpdate": assertions.Match_Absent(),
			"AutoScalingInstanceRefresh": map[string]any{
				"Strategy": "Rolling",
				"Preferences": map[string]any{
					"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150, "SkipMatching": false, "InstanceWarmup": 60,
				},
			},
			"AutoScalingScheduledAction": map[string]any{"IgnoreUnmodifiedGroupSizeProperties": true},
		},
		"Properties": map[string]any{
			"LifecycleHookSpecificationList": []any{
				map[string]any{
					"LifecycleHookName": "lectern-launch", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "DefaultResult": "ABANDON", "HeartbeatTimeout": 900,
				},
				map[string]any{
					"LifecycleHookName": "lectern-terminate", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "DefaultResult": "CONTINUE", "HeartbeatTimeout": 100,
				},
			},
		},
	})
}

// A workload that takes long gets the time it asks for; AWS waits two hours at most for a sign of
// life, which instances do not give.
func TestComputeWaitsAsLongAsTheWorkload(t *testing.T) {
	tpl := fleetTemplate(t, func(p *compute.Props) { p.BootSeconds, p.DrainSeconds = 1_800, 3_600 })
	tpl.HasResource(new("AWS::AutoScaling::AutoScalingGroup"), map[string]any{
		"CreationPolicy": map[string]any{"ResourceSignal": map[string]any{"Timeout": "PT60M"}},
		"Properties": map[string]any{"LifecycleHookSpecificationList": []any{
			map[string]any{"LifecycleHookName": "lectern-launch", "HeartbeatTimeout": 1_800},
			map[string]any{"LifecycleHookName": "lectern-terminate", "HeartbeatTimeout": 3_670},
		}},
	})
	_, stack := newStack(t)
	require.PanicsWithValue(t, "compute: 8000 s to boot; choose 60 to 7200", func() {
		compute.NewFleet(stack, "Web", webFleet(func(p *compute.Props) { p.BootSeconds = 8_000 }))
	})
	require.PanicsWithValue(t, "compute: 8000 s to drain; choose up to 7130", func() {
		compute.NewFleet(stack, "Web", webFleet(func(p *compute.Props) { p.DrainSeconds = 8_000 }))
	})
}

func TestComputeScalesOnCpuAndRequests(t *testing.T) {
	tpl := fleetTemplate(t)
	tpl.ResourceCountIs(new("AWS::AutoScaling::ScalingPolicy"), new(2.0))
	tpl.HasResourceProperties(new("AWS::AutoScaling::ScalingPolicy"), map[string]any{
		"TargetTrackingConfiguration": map[string]any{
			"TargetValue":                   50,
			"PredefinedMetricSpecification": map[string]any{"PredefinedMetricType": "ASGAverageCPUUtilization"},
		},
	})
	tpl.HasResourceProperties(new("AWS::AutoScaling::ScalingPolicy"), map[string]any{
		"TargetTrackingConfiguration": map[string]any{
			"TargetValue": 500,
			"PredefinedMetricSpecification": map[string]any{
				"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": "app/lb/1/targetgroup/web/1",
			},
		},
	})
}

func TestComputeScalesWorkersOnTheirBacklog(t *testing.T) {
	tpl := fleetTemplate(t, func(p *compute.Props) {
		p.TargetGroupArns = nil
		p.Scaling = compute.Scaling{BacklogPerWorker: 5, QueueName: new("jobs")}
	})
	tpl.HasResourceProperties(new("AWS::AutoScaling::AutoScalingGroup"), map[string]any{"HealthCheckType": "EC2"})
	tpl.ResourceCountIs(new("AWS::AutoScaling::ScalingPolicy"), new(1.0))
	tpl.HasResourceProperties(new("AWS::AutoScaling::ScalingPolicy"), map[string]any{
		"TargetTrackingConfiguration": map[string]any{
			"TargetValue": 5,
			"CustomizedMetricSpecification": map[string]any{"Metrics": assertions.Match_ArrayWith(&[]any{
				assertions.Match_ObjectLike(&map[string]any{"Expression": "waiting / workers", "ReturnData": true}),
			})},
		},
	})
}

// Least privilege: apart from two calls that take no resource, every permission names
// what it is for, and Grants are added and nothing else.
func TestComputeRole(t *testing.T) {
	_, stack := newStack(t)
	compute.NewFleet(stack, "Web", webFleet(func(p *compute.Props) {
		p.Grants = []grant.Statement{{Actions: []string{"s3:GetObject"}, Resources: []*string{new("arn:aws:s3:::content/*")}}}
	}))
	for _, role := range propertiesOf(stack, "AWS::IAM::Role") {
		require.NotContains(t, role, "ManagedPolicyArns")
	}
	everywhere := map[string]bool{}
	for _, policy := range propertiesOf(stack, "AWS::IAM::Policy") {
		for _, s := range policy["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			statement := s.(map[string]any)
			require.Equal(t, "Allow", statement["Effect"])
			if statement["Resource"] == "*" {
				for _, action := range statement["Action"].([]any) {
					everywhere[action.(string)] = true
				}
			}
		}
	}
	require.Equal(t, map[string]bool{
		"ssm:UpdateInstanceInformation":            true,
		"ssmmessages:CreateControlChannel":         true,
		"ssmmessages:CreateDataChannel":            true,
		"ssmmessages:OpenControlChannel":           true,
		"ssmmessages:OpenDataChannel":              true,
		"autoscaling:DescribeAutoScalingInstances": true,
	}, everywhere)
}

func TestComputeRefusesAnImpossibleFleet(t *testing.T) {
	_, stack := newStack(t)
	require.PanicsWithValue(t, "compute: a fleet of 5 to 3 instances is not possible", func() {
		compute.NewFleet(stack, "Web", webFleet(func(p *compute.Props) { p.Min, p.Max = 5, 3 }))
	})
	require.PanicsWithValue(t, "compute: architecture sparc is neither arm64 nor amd64", func() {
		compute.NewFleet(stack, "Other", webFleet(func(p *compute.Props) { p.Architecture = "sparc" }))
	})
}
