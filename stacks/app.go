package stacks

import (
	"slices"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/compute"
	"github.com/lectern/lectern/constructs/observe"
	"github.com/lectern/lectern/runtime/contract"
)

// newApp declares what may be thrown away and made again: the load balancer, the
// fleets with their caches and, in front of them, CloudFront or a regional web ACL.
func newApp(stack cdk.Stack, p plan.Plan, e edgeStack, n networkStack, d dataStack, runtime Runtime) {
	// 1. What instances use, and who may talk to whom.
	service := newService(stack, p, n, d)

	// 2. The way in.
	front := newFront(stack, p, e, n, d, service)

	// 3. What instances run, and where they say what they do.
	artifact := uploadRuntime(stack, runtime)
	logs := observe.NewLogGroup(stack, "Logs", observe.LogGroupProps{RetentionDays: p.LogRetentionDays})

	// 4. What the workload adds to them.
	w := newWorkload(stack, p, d, front)

	// 5. Instances that serve, sign grants and publish the keys of these to the edge.
	content := front.contentFunction()
	shared := slices.Concat(service.grants(), logs.Grants(), w.grants())
	grants := slices.Concat(d.grants(p, !p.Workers.Enabled), shared)
	if content != nil {
		grants = append(grants, content.Grants()...)
	}
	web := newFleet(stack, "Web", p.Web, configuration(p, d, service, front, w, content, logs, contract.RoleWeb), n, artifact, compute.Props{
		Grants:          grants,
		SecurityGroupID: service.groups.Web,
		TargetGroupArns: front.targetGroupArns,
		Scaling: compute.Scaling{
			CPUPercent:                 p.Web.CPUTargetPercent,
			RequestsPerTargetPerMinute: p.Web.RequestsPerTargetPerMinute,
			RequestCountLabel:          front.requestCountLabel,
		},
	})
	// A target group without a listener refuses the group's health checks, and a boot asks the database and the cache.
	web.DependOn(front.listener, service.groups.Construct)

	// 6. Instances that work off the queue.
	if p.Workers.Enabled {
		workers := newFleet(stack, "Workers", p.Workers, configuration(p, d, service, front, w, nil, logs, contract.RoleWorker), n, artifact, compute.Props{
			Grants:          slices.Concat(d.grants(p, true), shared),
			SecurityGroupID: service.groups.Workers,
			Scaling: compute.Scaling{
				CPUPercent:       p.Workers.CPUTargetPercent,
				BacklogPerWorker: p.Workers.BacklogPerWorker,
				QueueName:        d.queue.Name(),
			},
		})
		workers.DependOn(service.groups.Construct)
	}

	// 7. What ships code to those that serve.
	w.deploy(p, d, front, web)

	// 8. Names, and the address people are told.
	front.names(stack, p)
}

// newFleet fills in what both fleets have in common.
func newFleet(stack cdk.Stack, id string, f plan.Fleet, c contract.Config, n networkStack, artifact compute.Artifact, props compute.Props) *compute.Fleet {
	name, parameter, err := writeConfiguration(stack, id+"Configuration", c)
	if err != nil {
		panic("stacks: " + err.Error())
	}
	props.InstanceType, props.Architecture, props.ImageID = f.InstanceType, f.Architecture, f.ImageID
	props.DiskGiB, props.Min, props.Max = f.DiskGiB, f.Min, f.Max
	props.BootSeconds, props.DrainSeconds = f.BootSeconds, f.DrainSeconds
	props.SubnetIDs = n.PrivateSubnetIDs()
	props.Boot = compute.Boot{Artifact: artifact, ConfigParameter: name, Revision: revision(stack, c)}
	fleet := compute.NewFleet(stack, id, props)
	fleet.DependOn(parameter)
	return fleet
}

// uploadRuntime makes the binary an asset under its own hash, so that the same
// source gives the same template everywhere.
func uploadRuntime(stack cdk.Stack, r Runtime) compute.Artifact {
	asset := awss3assets.NewAsset(stack, new("Runtime"), &awss3assets.AssetProps{
		Path:          &r.Path,
		AssetHash:     &r.SHA256,
		AssetHashType: cdk.AssetHashType_CUSTOM,
		DisplayName:   new(contract.BinaryName),
	})
	return compute.Artifact{Bucket: asset.S3BucketName(), Key: asset.S3ObjectKey(), SHA256: r.SHA256}
}

// prefix of physical names that CloudFront and Shield demand: unique by client and
// region in an account.
func prefix(p plan.Plan) string { return "lectern-" + p.Client + "-" + p.Region }
