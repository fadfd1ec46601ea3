"""The ARN of any resource: its own attribute, or the form its service documents."""

from . import generic

# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_FORMS = {
    "AWS::AutoScaling::AutoScalingGroup": "autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/{id}",
    "AWS::EC2::EIP": "ec2:{region}:{account}:elastic-ip/{allocation}",
    "AWS::EC2::FlowLog": "ec2:{region}:{account}:vpc-flow-log/{id}",
    "AWS::EC2::InternetGateway": "ec2:{region}:{account}:internet-gateway/{id}",
    "AWS::EC2::LaunchTemplate": "ec2:{region}:{account}:launch-template/{id}",
    "AWS::EC2::NatGateway": "ec2:{region}:{account}:natgateway/{id}",
    "AWS::EC2::RouteTable": "ec2:{region}:{account}:route-table/{id}",
    "AWS::EC2::SecurityGroup": "ec2:{region}:{account}:security-group/{id}",
    "AWS::EC2::SecurityGroupEgress": "ec2:{region}:{account}:security-group-rule/{id}",
    "AWS::EC2::SecurityGroupIngress": "ec2:{region}:{account}:security-group-rule/{id}",
    "AWS::EC2::Subnet": "ec2:{region}:{account}:subnet/{id}",
    "AWS::EC2::VPC": "ec2:{region}:{account}:vpc/{id}",
    "AWS::EC2::VPCEndpoint": "ec2:{region}:{account}:vpc-endpoint/{id}",
    "AWS::EFS::AccessPoint": "elasticfilesystem:{region}:{account}:access-point/{id}",
    "AWS::EFS::FileSystem": "elasticfilesystem:{region}:{account}:file-system/{id}",
    "AWS::ElastiCache::CacheCluster": "elasticache:{region}:{account}:cluster:{id}",
    "AWS::ElastiCache::ParameterGroup": "elasticache:{region}:{account}:parametergroup:{id}",
    "AWS::ElastiCache::ReplicationGroup": "elasticache:{region}:{account}:replicationgroup:{id}",
    "AWS::ElastiCache::SubnetGroup": "elasticache:{region}:{account}:subnetgroup:{id}",
    "AWS::IAM::InstanceProfile": "iam::{account}:instance-profile/{id}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{id}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{id}",
    "AWS::RDS::DBCluster": "rds:{region}:{account}:cluster:{id}",
    "AWS::RDS::DBClusterParameterGroup": "rds:{region}:{account}:cluster-pg:{id}",
    "AWS::RDS::DBInstance": "rds:{region}:{account}:db:{id}",
    "AWS::RDS::DBParameterGroup": "rds:{region}:{account}:pg:{id}",
    "AWS::RDS::DBSubnetGroup": "rds:{region}:{account}:subgrp:{id}",
    "AWS::S3::Bucket": "s3:::{id}",
    "AWS::SSM::Parameter": "ssm:{region}:{account}:parameter/{id}",
}


def of(resource):
    if str(resource.physical_id).startswith("arn:"):
        return resource.physical_id
    form = _FORMS.get(resource.type)
    if form:
        allocation = getattr(resource.handle, "allocation_id", None)
        values = {"region": resource.region, "account": resource.account, "allocation": allocation}
        return "arn:aws:" + form.format(id=str(resource.physical_id).lstrip("/"), **values)
    for name in ("Arn", "ARN"):
        if resource.schema.has_attribute(name):
            return resource.attribute(name)
    return generic.arn(resource)
