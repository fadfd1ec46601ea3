package change

const (
	vpcOrigins    = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html"
	aliases       = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html"
	behaviours    = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html"
	distributions = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToUpdateDistribution.html"
)

func edgeRules() []rule {
	const distribution = "AWS::CloudFront::Distribution"
	return []rule{
		{
			on: "AWS::CloudFront::VpcOrigin", property: "*", then: Refused,
			when: func(a asked) bool {
				return len(a.comparison.referrers(a.state.key, distribution)) > 0
			},
			say: "CloudFront refuses every change of a VPC origin that a distribution uses, of its tags too",
			way: "give it another logical id, so that the distribution goes over to a new one", page: vpcOrigins,
		},
		{on: distribution, property: "DistributionConfig.Aliases", when: loses, then: Interruption, say: "names that leave are not answered any more", page: aliases},
		{
			on: distribution, property: "DistributionConfig.CacheBehaviors", when: losesPaths, then: Interruption,
			say: "paths that leave are asked of the default origin; pages that are open lose what they had from there", page: behaviours,
		},
		{on: distribution, property: "DistributionConfig", then: None, say: "it reaches all locations within minutes", page: distributions},
	}
}

// losesPaths says that a distribution's behaviours have a path pattern less than before.
func losesPaths(a asked) bool {
	patterns := func(value any) []any {
		list, _ := value.([]any)
		found := []any{}
		for _, behaviour := range list {
			found = append(found, at(fields(behaviour), "PathPattern"))
		}
		return found
	}
	a.old, a.new = patterns(a.old), patterns(a.new)
	return loses(a)
}

func fields(value any) map[string]any {
	object, _ := value.(map[string]any)
	return object
}
