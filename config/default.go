package config

// Default returns the values of every key that is not in the file and does not
// follow from others. Zero values (an empty string, 0, no list) mean "follows
// from other keys"; plan.Resolve fills them.
func Default() Client {
	return Client{
		Network: Network{FlowLogs: true},
		Edge: Edge{
			CDN:        true,
			PriceClass: "100",
			WAF: WAF{
				Enabled:       true,
				RateLimit:     10_000,
				ManagedGroups: DefaultManagedGroups(),
			},
		},
		LoadBalancer: LoadBalancer{
			Type:                       "application",
			Algorithm:                  "least_outstanding_requests",
			IdleTimeoutSeconds:         60,
			DeregistrationDelaySeconds: 60,
		},
		Capacity: Capacity{Peak: 2, CPUTargetPercent: 50},
		Compute:  Compute{DiskGiB: 20},
		Database: Database{
			Deployment:         "instance",
			MultiAZ:            true,
			BackupDays:         14,
			DeletionProtection: true,
		},
		Cache:      Cache{Replicas: 1},
		Storage:    Storage{Kind: "s3", NoncurrentDays: 30},
		Logs:       Logs{RetentionDays: 90},
		Protection: Protection{Termination: true},
	}
}

// DefaultManagedGroups are the AWS managed rule groups every web ACL starts
// with: 700 + 200 + 200 + 200 + 25 = 1,325 of 1,500 WCU.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
func DefaultManagedGroups() []string {
	return []string{"CommonRuleSet", "KnownBadInputsRuleSet", "SQLiRuleSet", "LinuxRuleSet", "AmazonIpReputationList"}
}
