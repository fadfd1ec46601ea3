package main

// kinds are the resources that hold data, or that cost money for as long as they exist, by
// their type in CloudFormation and by service and kind of their ARN. What costs only by use
// (a queue, a bucket that is empty) is not billed in this sense.
// Prices: https://aws.amazon.com/pricing/, the page of each service.
var kinds = []struct {
	typeName, arnKind string
	data, bills       bool
}{
	{"AWS::CloudWatch::Alarm", "cloudwatch:alarm", false, true},
	{"AWS::EC2::EIP", "ec2:elastic-ip", false, true},
	{"AWS::EC2::Instance", "ec2:instance", false, true},
	{"AWS::EC2::NatGateway", "ec2:natgateway", false, true},
	{"AWS::EC2::VPCEndpoint", "ec2:vpc-endpoint", false, true}, // gateway endpoints are free
	{"AWS::EFS::FileSystem", "elasticfilesystem:file-system", true, true},
	{"AWS::ElastiCache::CacheCluster", "elasticache:cluster", false, true},
	{"AWS::ElastiCache::ReplicationGroup", "elasticache:replicationgroup", false, true},
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", "elasticloadbalancing:loadbalancer", false, true},
	{"AWS::KMS::Key", "kms:key", true, true}, // without it data cannot be read
	{"AWS::Logs::LogGroup", "logs:log-group", true, true},
	{"AWS::RDS::DBCluster", "rds:cluster", true, true},
	{"AWS::RDS::DBInstance", "rds:db", true, true},
	{"AWS::RDS::DBProxy", "rds:db-proxy", false, true},
	{"AWS::S3::Bucket", "s3", true, false},
	{"AWS::SQS::Queue", "sqs", true, false},
	{"AWS::SecretsManager::Secret", "secretsmanager:secret", true, true},
	{"AWS::WAFv2::WebACL", "wafv2:regional", false, true},
	{"AWS::WAFv2::WebACL", "wafv2:global", false, true},
}

// natureOf is what is known of a type or of an ARN's kind; nothing of most.
func natureOf(name string) (data, bills bool) {
	for _, kind := range kinds {
		if name == kind.typeName || name == kind.arnKind {
			return kind.data, kind.bills
		}
	}
	return false, false
}
