package change

const (
	updatePolicy   = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html"
	launchTemplate = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-launch-template-versions.html"
)

func computeRules() []rule {
	const group, template = "AWS::AutoScaling::AutoScalingGroup", "AWS::EC2::LaunchTemplate"
	var list []rule
	// What an update policy reacts to.
	for _, property := range []string{"LaunchTemplate", "MixedInstancesPolicy", "VPCZoneIdentifier"} {
		list = append(list,
			rule{on: group, property: property, when: policy("AutoScalingReplacingUpdate"), then: Replacement, say: "the update policy makes another group with other instances", page: updatePolicy},
			rule{on: group, property: property, when: policy("AutoScalingInstanceRefresh", "AutoScalingRollingUpdate"), then: Rolling, say: "all instances are replaced, as the update policy says", page: updatePolicy},
			rule{on: group, property: property, then: None, say: "only new instances follow: the group has no update policy", page: updatePolicy},
		)
	}
	return append(list,
		rule{on: template, property: "LaunchTemplateData", then: None, say: "it gets another version; running instances follow by their group", page: launchTemplate},
	)
}

// policy says whether the group has one of those update policies afterwards.
func policy(names ...string) func(asked) bool {
	return func(a asked) bool {
		for _, name := range names {
			if _, ok := a.state.after.UpdatePolicy[name]; ok {
				return true
			}
		}
		return false
	}
}
