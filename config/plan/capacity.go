package plan

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/runtime/contract"
)

// growth is how far a fleet may grow above its minimum unless the file says
// otherwise.
const growth = 3

// bootSeconds is how long an instance may take from launch to health before it is given
// up, unless the workload says otherwise: time for a large build and a database that
// fails over meanwhile.
const bootSeconds = 900

// web is the fleet behind the load balancer.
func (r *resolver) web(zones int) Fleet {
	c := r.c.Capacity
	fleet := r.fleet()
	fleet.Peak = c.Peak
	fleet.Min = c.Min
	if fleet.Min == 0 {
		fleet.Min = config.StableMin(c.Peak, zones)
	}
	fleet.Max = c.Max
	if fleet.Max == 0 {
		fleet.Max = growth * fleet.Min
	}
	// Not even equal: instances are replaced by launching the new one first, and
	// CloudFormation refuses an update that would have no room for it.
	if fleet.Max <= fleet.Min {
		r.problem("capacity.max", fmt.Sprintf("%d leaves no room above the minimum of %d", fleet.Max, fleet.Min),
			fmt.Sprintf("choose at least %d: a replaced instance leaves only after the new one serves", fleet.Min+1))
	}
	fleet.CPUTargetPercent = c.CPUTargetPercent
	if r.c.LoadBalancer.Type != "network" { // which counts connections, not requests
		fleet.RequestsPerTargetPerMinute = c.RequestsPerTargetPerMinute
		if fleet.RequestsPerTargetPerMinute == 0 {
			fleet.RequestsPerTargetPerMinute = r.tier.RequestsPerMinute
		}
	}
	return fleet
}

// workers is the fleet that works off the queue. A lost zone delays work but
// loses none, so there is no spare capacity: the peak is the minimum.
func (r *resolver) workers() Fleet {
	w := r.needs.Workers
	if !w.Dedicated {
		return Fleet{OutboundPorts: []int{}}
	}
	fleet := r.fleet()
	fleet.Peak, fleet.Min, fleet.Max = w.Min, w.Min, w.Max
	if fleet.Max == 0 {
		fleet.Max = growth * max(fleet.Min, 1)
	}
	fleet.BacklogPerWorker = w.BacklogPerWorker
	return fleet
}

// fleet is what web instances and workers have in common.
func (r *resolver) fleet() Fleet {
	instanceType := r.c.Compute.InstanceType
	if instanceType == "" {
		instanceType = r.tier.InstanceType
	}
	return Fleet{
		Enabled:       true,
		InstanceType:  instanceType,
		Architecture:  architecture(instanceType),
		ImageID:       r.c.Compute.ImageID,
		DiskGiB:       r.c.Compute.DiskGiB,
		BootSeconds:   cmp.Or(r.needs.BootSeconds, bootSeconds),
		DrainSeconds:  r.drainSeconds(),
		OutboundPorts: list(r.needs.OutboundPorts),
	}
}

// graviton matches the families whose options, after the generation, have a "g".
// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
var graviton = regexp.MustCompile(`^[a-z]+[0-9]+[a-z]*g`)

// architecture of an instance type: arm64 for Graviton, else amd64.
func architecture(instanceType string) string {
	family, _, _ := strings.Cut(instanceType, ".")
	if family == "a1" || graviton.MatchString(family) {
		return "arm64"
	}
	return "amd64"
}

// drainSeconds is how long requests and jobs may still take when an instance leaves.
func (r *resolver) drainSeconds() int {
	return cmp.Or(r.needs.DrainSeconds, contract.ShutdownLimitSeconds)
}
