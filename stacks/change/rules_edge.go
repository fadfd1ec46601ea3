package change

const (
	vpcOrigins    = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html"
	distributions = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToUpdateDistribution.html"
)

func edgeRules() []rule {
	return []rule{
		{
			on: "AWS::CloudFront::VpcOrigin", property: "*", then: Refused,
			when: func(a asked) bool {
				return len(a.comparison.referrers(a.state.key, "AWS::CloudFront::Distribution")) > 0
			},
			say: "CloudFront refuses every change of a VPC origin that a distribution uses, of its tags too",
			way: "give it another logical id, so that the distribution goes over to a new one", page: vpcOrigins,
		},
		{on: "AWS::CloudFront::Distribution", property: "DistributionConfig", then: None, say: "it reaches all locations within minutes", page: distributions},
	}
}
