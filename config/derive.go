package config

// ZoneNames are the availability zones of the client: those stated, else the
// default ones of the region. None when the region is not known.
func (c Client) ZoneNames() []string {
	if len(c.Network.Zones) > 0 {
		return c.Network.Zones
	}
	region, _ := FindRegion(c.Region)
	return region.DefaultZones()
}

// StableMin is the smallest number of instances, spread evenly over the zones,
// of which peak remain when one zone is lost: ceil(peak / (zones - 1)) x zones.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/static-stability.html
func StableMin(peak, zones int) int {
	if zones < 2 {
		return peak
	}
	others := zones - 1
	return (peak + others - 1) / others * zones
}
