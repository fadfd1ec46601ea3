// Package execution says what CloudFormation's execution role needs to deploy every
// resource type that a client's templates hold, and holds docs/execution-policy.json to it.
//
// What the handlers of a type call is in CloudFormation's registry and in no file that
// can be had offline, so a service's own actions are granted whole. What a type needs of
// another service is named here with its source.
package execution

// service is the IAM prefix of the services that resource types belong to, by the
// second part of the type.
var service = map[string]string{
	"AutoScaling":            "autoscaling",
	"CertificateManager":     "acm",
	"CloudFront":             "cloudfront",
	"CodeDeploy":             "codedeploy",
	"EC2":                    "ec2",
	"EFS":                    "elasticfilesystem",
	"ElastiCache":            "elasticache",
	"ElasticLoadBalancingV2": "elasticloadbalancing",
	"IAM":                    "iam",
	"KMS":                    "kms",
	"Logs":                   "logs",
	"RDS":                    "rds",
	"Route53":                "route53",
	"S3":                     "s3",
	"SQS":                    "sqs",
	"SSM":                    "ssm",
	"SecretsManager":         "secretsmanager",
	"Shield":                 "shield",
	"WAFv2":                  "wafv2",
}

// roleActions are all that is needed of IAM for roles, their inline policies and instance profiles.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
var roleActions = map[string][]string{
	"AWS::IAM::Role": {
		"iam:CreateRole", "iam:GetRole", "iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole",
		"iam:TagRole", "iam:UntagRole", "iam:ListRoleTags", "iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy",
		"iam:ListRolePolicies", "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
	},
	"AWS::IAM::Policy": {"iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy"},
	"AWS::IAM::InstanceProfile": {
		"iam:CreateInstanceProfile", "iam:GetInstanceProfile", "iam:DeleteInstanceProfile", "iam:AddRoleToInstanceProfile",
		"iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile", "iam:UntagInstanceProfile", "iam:ListInstanceProfileTags",
	},
}

// need is what a resource type needs of a service that is not its own.
type need struct {
	action string
	source string
}

// further needs by type. A type that is not listed needs its own service only.
var further = map[string][]need{
	"AWS::AutoScaling::ScalingPolicy": {
		{"cloudwatch:PutMetricAlarm", scalingDoc}, {"cloudwatch:DescribeAlarms", scalingDoc}, {"cloudwatch:DeleteAlarms", scalingDoc},
	},
	"AWS::AutoScaling::AutoScalingGroup": {
		{"ec2:RunInstances", "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html"},
	},
	"AWS::CertificateManager::Certificate": {
		{"route53:ChangeResourceRecordSets", "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html"},
	},
	"AWS::CloudFront::Distribution": {
		{"s3:GetBucketAcl", cloudFrontLogsDoc}, {"s3:PutBucketAcl", cloudFrontLogsDoc}, {"wafv2:GetWebACL", wafDoc},
	},
	"AWS::EC2::FlowLog":     {{"logs:CreateLogDelivery", logsDoc}, {"logs:DeleteLogDelivery", logsDoc}},
	"AWS::EFS::FileSystem":  {{"kms:CreateGrant", "https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html"}, {"kms:DescribeKey", "https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html"}},
	"AWS::EFS::MountTarget": {{"ec2:CreateNetworkInterface", "https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html"}},
	"AWS::ElastiCache::ReplicationGroup": {
		{"kms:CreateGrant", "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html"},
		{"secretsmanager:GetSecretValue", "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html"},
	},
	"AWS::RDS::DBCluster":                       {{"kms:CreateGrant", rdsKeysDoc}, {"kms:DescribeKey", rdsKeysDoc}, {"secretsmanager:CreateSecret", rdsSecretsDoc}, {"secretsmanager:TagResource", rdsSecretsDoc}},
	"AWS::RDS::DBInstance":                      {{"kms:CreateGrant", rdsKeysDoc}, {"kms:DescribeKey", rdsKeysDoc}, {"secretsmanager:CreateSecret", rdsSecretsDoc}, {"secretsmanager:TagResource", rdsSecretsDoc}},
	"AWS::WAFv2::LoggingConfiguration":          {{"logs:CreateLogDelivery", logsDoc}, {"logs:PutResourcePolicy", logsDoc}, {"logs:DescribeResourcePolicies", logsDoc}, {"logs:DescribeLogGroups", logsDoc}},
	"AWS::WAFv2::WebACLAssociation":             {{"elasticloadbalancing:SetWebAcl", wafDoc}},
	"AWS::ElasticLoadBalancingV2::LoadBalancer": {{"ec2:DescribeSubnets", "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/load-balancer-authentication-access-control.html"}},
	"AWS::SecretsManager::Secret":               {{"kms:GenerateDataKey", "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"}, {"kms:Decrypt", "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"}},
	"AWS::EC2::LaunchTemplate":                  {{"ssm:GetParameters", "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html"}},
}

const (
	scalingDoc        = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html"
	cloudFrontLogsDoc = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html"
	logsDoc           = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html"
	wafDoc            = "https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_id-based-policy-examples.html"
	rdsKeysDoc        = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html"
	rdsSecretsDoc     = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html"
)

// anyStack is what every stack needs that reads outputs of another.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
const anyStack = "cloudformation:DescribeStacks"

// linkedRoles are the service-linked roles that creating the first resource of a type in an account makes.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
var linkedRoles = map[string]string{
	"AWS::AutoScaling::AutoScalingGroup":        "autoscaling.amazonaws.com",
	"AWS::CloudFront::VpcOrigin":                "vpcorigin.cloudfront.amazonaws.com",
	"AWS::EFS::FileSystem":                      "elasticfilesystem.amazonaws.com",
	"AWS::ElastiCache::CacheCluster":            "elasticache.amazonaws.com",
	"AWS::ElastiCache::ReplicationGroup":        "elasticache.amazonaws.com",
	"AWS::ElasticLoadBalancingV2::LoadBalancer": "elasticloadbalancing.amazonaws.com",
	"AWS::RDS::DBCluster":                       "rds.amazonaws.com",
	"AWS::RDS::DBInstance":                      "rds.amazonaws.com",
	"AWS::RDS::DBProxy":                         "rds.amazonaws.com",
	"AWS::WAFv2::LoggingConfiguration":          "wafv2.amazonaws.com",
}
