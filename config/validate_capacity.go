package config

import (
	"fmt"
	"regexp"
)

func capacityKeys() []Key {
	return []Key{
		{Path: "capacity.peak", Unit: "instances", Min: 1, Max: 1000},
		{Path: "capacity.min", Unit: "instances", Min: 1, Max: 1000},
		{Path: "capacity.max", Unit: "instances", Min: 1, Max: 3000},
		{Path: "capacity.cpuTargetPercent", Unit: "percent", Min: 10, Max: 90},
		{Path: "capacity.requestsPerTargetPerMinute", Unit: "requests", Min: 1, Max: 1_000_000},
	}
}

func computeKeys() []Key {
	return []Key{
		{
			Path: "compute.instanceType", Noun: "an instance type", Example: "m7g.large",
			Pattern: regexp.MustCompile(`^[a-z][a-z0-9-]*[0-9][a-z0-9-]*\.(micro|small|medium|large|[0-9]*xlarge|metal|metal-[0-9]+xl)$`),
		},
		{Path: "compute.imageId", Pattern: regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`), Noun: "the id of a machine image", Example: "ami-0123456789abcdef0"},
		{Path: "compute.diskGiB", Unit: "GiB", Min: 8, Max: 1024},
	}
}

// capacityOrder checks min and max, stated or derived.
func capacityOrder(f File) Problems {
	c, zones := f.Client.Capacity, len(f.Client.ZoneNames())
	if !f.Stated("capacity.max") || zones == 0 {
		return nil
	}
	smallest, from := c.Min, "capacity.min"
	if !f.Stated("capacity.min") {
		smallest = StableMin(c.Peak, zones)
		from = fmt.Sprintf("the minimum that follows from a peak of %d in %d zones", c.Peak, zones)
	}
	if smallest <= c.Max {
		return nil
	}
	return Problems{f.Problem("capacity.max", fmt.Sprintf("%d is less than %s, %d", c.Max, from, smallest), fmt.Sprintf("choose %d or more, or lower the minimum", smallest))}
}
