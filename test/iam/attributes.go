package iam

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// attributes are what Ref and Fn::GetAtt return, by type, in AWS's forms. {name} is a name as CloudFormation makes it up
// (STACK-LOGICALID-SUFFIX), {hex} an id of hexadecimal digits.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
var attributes = map[string]string{
	"AWS::AutoScaling::AutoScalingGroup Ref":                       "{name}",
	"AWS::CloudFront::Distribution DomainName":                     "d{hex}.cloudfront.net",
	"AWS::CloudFront::Distribution Ref":                            "E{HEX}",
	"AWS::CloudFront::KeyValueStore Arn":                           "arn:aws:cloudfront::{account}:key-value-store/{hex}",
	"AWS::CodeDeploy::Application Ref":                             "{name}",
	"AWS::CodeDeploy::DeploymentGroup Ref":                         "{name}",
	"AWS::EC2::LaunchTemplate LatestVersionNumber":                 "1",
	"AWS::EC2::LaunchTemplate Ref":                                 "lt-{hex}",
	"AWS::EC2::SecurityGroup GroupId":                              "sg-{hex}",
	"AWS::EC2::Subnet Ref":                                         "subnet-{hex}",
	"AWS::EC2::VPC Ref":                                            "vpc-{hex}",
	"AWS::EFS::AccessPoint AccessPointId":                          "fsap-{hex}",
	"AWS::EFS::AccessPoint Arn":                                    "arn:aws:elasticfilesystem:{region}:{account}:access-point/fsap-{hex}",
	"AWS::EFS::FileSystem Arn":                                     "arn:aws:elasticfilesystem:{region}:{account}:file-system/fs-{hex}",
	"AWS::EFS::FileSystem FileSystemId":                            "fs-{hex}",
	"AWS::ElastiCache::CacheCluster ConfigurationEndpoint.Address": "{hex}.cfg.cache.amazonaws.com",
	"AWS::ElastiCache::ReplicationGroup PrimaryEndPoint.Address":   "master.{hex}.cache.amazonaws.com",
	"AWS::ElasticLoadBalancingV2::LoadBalancer DNSName":            "{hex}.elb.amazonaws.com",
	"AWS::ElasticLoadBalancingV2::LoadBalancer Ref":                "arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{hex}/{hex}",
	"AWS::ElasticLoadBalancingV2::TargetGroup Ref":                 "arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{hex}/{hex}",
	"AWS::ElasticLoadBalancingV2::TargetGroup TargetGroupName":     "{hex}",
	"AWS::IAM::InstanceProfile Arn":                                "arn:aws:iam::{account}:instance-profile/{name}",
	"AWS::IAM::InstanceProfile Ref":                                "{name}",
	"AWS::IAM::Role Arn":                                           "arn:aws:iam::{account}:role/{name}",
	"AWS::IAM::Role Ref":                                           "{name}",
	"AWS::KMS::Key Arn":                                            "arn:aws:kms:{region}:{account}:key/{hex}",
	"AWS::Logs::LogGroup Arn":                                      "arn:aws:logs:{region}:{account}:log-group:{name}:*",
	"AWS::Logs::LogGroup Ref":                                      "{name}",
	"AWS::RDS::DBCluster Endpoint.Address":                         "{hex}.cluster-{hex}.rds.amazonaws.com",
	"AWS::RDS::DBCluster MasterUserSecret.SecretArn":               "arn:aws:secretsmanager:{region}:{account}:secret:rds!cluster-{hex}-AbCdEf",
	"AWS::RDS::DBCluster ReadEndpoint.Address":                     "{hex}.cluster-ro-{hex}.rds.amazonaws.com",
	"AWS::RDS::DBInstance Endpoint.Address":                        "{hex}.{hex}.rds.amazonaws.com",
	"AWS::RDS::DBInstance MasterUserSecret.SecretArn":              "arn:aws:secretsmanager:{region}:{account}:secret:rds!db-{hex}-AbCdEf",
	"AWS::RDS::DBProxy Endpoint":                                   "{hex}.proxy-{hex}.rds.amazonaws.com",
	"AWS::RDS::DBProxyEndpoint Endpoint":                           "{hex}.endpoint.proxy-{hex}.rds.amazonaws.com",
	"AWS::S3::Bucket Arn":                                          "arn:aws:s3:::{lower}",
	"AWS::S3::Bucket Ref":                                          "{lower}",
	"AWS::SQS::Queue Arn":                                          "arn:aws:sqs:{region}:{account}:{name}",
	"AWS::SQS::Queue QueueUrl":                                     "https://sqs.{region}.amazonaws.com/{account}/{name}",
	"AWS::SecretsManager::Secret Id":                               "arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf",
	"AWS::SecretsManager::Secret Ref":                              "arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf",
}

func (s *stack) attribute(id, attribute string) (string, error) {
	r, declared := s.Resources[id]
	if !declared {
		return "", fmt.Errorf("stack %s has no resource %s", s.name, id)
	}
	form, known := attributes[r.Type+" "+attribute]
	if !known {
		return "", fmt.Errorf("%s of %s (%s) is not among the attributes of test/iam: add its form", attribute, id, r.Type)
	}
	sum := sha256.Sum256([]byte(s.env.Account + " " + s.region + " " + s.name + " " + id))
	digits := hex.EncodeToString(sum[:])[:12]
	name := s.name + "-" + id + "-" + strings.ToUpper(digits)
	return strings.NewReplacer(
		"{name}", name, "{lower}", strings.ToLower(name), "{hex}", digits, "{HEX}", strings.ToUpper(digits),
		"{region}", s.region, "{account}", s.env.Account,
	).Replace(form), nil
}
