package config

import "slices"

// Region is what is known about an AWS region without asking AWS.
type Region struct {
	Name string
	// Letters of the availability zones, those that a client gets by default first.
	Letters string
	// ZonesDiffer marks a region that shows each account only some of the letters, so
	// that the zones must be stated.
	ZonesDiffer bool
	// OptIn marks a region that an account must enable first. CloudFront delivers no
	// standard logs (legacy) to buckets there.
	OptIn bool
	// NoCodeDeployAgent marks a region for which AWS documents no bucket with the
	// installer of CodeDeploy's agent. In all others it is aws-codedeploy-REGION.
	NoCodeDeployAgent bool
	// PrefixList is the id of the managed prefix list
	// com.amazonaws.global.cloudfront.origin-facing, empty where it is not known. The
	// ids are the same for all accounts.
	PrefixList string
}

// Regions are the commercial regions, by name.
// Zones: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
// Prefix lists: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html
// names the list; AWS publishes no table of ids, these are the ones that public listings agree on.
// Opt-in: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
// CloudFront's logs: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
// CodeDeploy's buckets: https://docs.aws.amazon.com/codedeploy/latest/userguide/resource-kit.html and the policy in
// https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-iam-instance-profile.html
func Regions() []Region {
	return []Region{
		{Name: "af-south-1", Letters: "abc", OptIn: true},
		{Name: "ap-east-1", Letters: "abc", OptIn: true},
		{Name: "ap-northeast-1", Letters: "acd", PrefixList: "pl-58a04531"},
		{Name: "ap-northeast-2", Letters: "abcd", PrefixList: "pl-22a6434b"},
		{Name: "ap-northeast-3", Letters: "abc", PrefixList: "pl-31a14458"},
		{Name: "ap-south-1", Letters: "abc", PrefixList: "pl-9aa247f3"},
		{Name: "ap-south-2", Letters: "abc", OptIn: true},
		{Name: "ap-southeast-1", Letters: "abc", PrefixList: "pl-31a34658"},
		{Name: "ap-southeast-2", Letters: "abc", PrefixList: "pl-b8a742d1"},
		{Name: "ap-southeast-3", Letters: "abc", OptIn: true},
		{Name: "ap-southeast-4", Letters: "abc", OptIn: true},
		{Name: "ca-central-1", Letters: "abd", PrefixList: "pl-38a64351"},
		{Name: "ca-west-1", Letters: "abc", OptIn: true, NoCodeDeployAgent: true},
		{Name: "eu-central-1", Letters: "abc", PrefixList: "pl-a3a144ca"},
		{Name: "eu-central-2", Letters: "abc", OptIn: true},
		{Name: "eu-north-1", Letters: "abc", PrefixList: "pl-fab65393"},
		{Name: "eu-south-1", Letters: "abc", OptIn: true},
		{Name: "eu-south-2", Letters: "abc", OptIn: true},
		{Name: "eu-west-1", Letters: "abc", PrefixList: "pl-4fa04526"},
		{Name: "eu-west-2", Letters: "abc", PrefixList: "pl-93a247fa"},
		{Name: "eu-west-3", Letters: "abc", PrefixList: "pl-75b1541c"},
		{Name: "il-central-1", Letters: "abc", OptIn: true},
		{Name: "me-central-1", Letters: "abc", OptIn: true},
		{Name: "me-south-1", Letters: "abc", OptIn: true},
		{Name: "sa-east-1", Letters: "abc", PrefixList: "pl-5da64334"},
		{Name: "us-east-1", Letters: "abcdef", PrefixList: "pl-3b927c52"},
		{Name: "us-east-2", Letters: "abc", PrefixList: "pl-b6a144df"},
		// An account sees two of the three.
		{Name: "us-west-1", Letters: "abc", ZonesDiffer: true, PrefixList: "pl-4ea04527"},
		{Name: "us-west-2", Letters: "abcd", PrefixList: "pl-82a045eb"},
	}
}

// RegionNames are the names of Regions.
func RegionNames() []string {
	var names []string
	for _, region := range Regions() {
		names = append(names, region.Name)
	}
	return names
}

// FindRegion is the region of that name; false when it is not known.
func FindRegion(name string) (Region, bool) {
	regions := Regions()
	i := slices.IndexFunc(regions, func(r Region) bool { return r.Name == name })
	if i < 0 {
		return Region{}, false
	}
	return regions[i], true
}

// Zones are the names of all zones of the region.
func (r Region) Zones() []string {
	var zones []string
	for _, letter := range r.Letters {
		zones = append(zones, r.Name+string(letter))
	}
	return zones
}

// DefaultZones are the zones of a client that states none: the first three.
// None where they differ by account.
func (r Region) DefaultZones() []string {
	if r.ZonesDiffer {
		return nil
	}
	zones := r.Zones()
	return zones[:min(3, len(zones))]
}
