"""What Ref and Fn::GetAtt return for native resources, read from the emulated service."""


def physical_id(resource):
    if resource.type == "AWS::EFS::AccessPoint":
        return resource.handle.access_point_id
    return resource.handle.physical_resource_id


def value(resource, name):
    """The attribute's value, or None when the service has none to give."""
    known = _ATTRIBUTES.get(resource.type, {}).get(name)
    if known:
        return known(resource)
    try:
        return resource.handle.get_cfn_attribute(name)
    except Exception:
        return None  # moto has a different exception for it in every model


def _arn_tail(arn):
    """'loadbalancer/app/name/id' → 'app/name/id', as CloudWatch dimensions want it."""
    return arn.split(":", 5)[5].removeprefix("loadbalancer/")


_ATTRIBUTES = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "LoadBalancerArn": lambda r: r.handle.arn,
        "LoadBalancerFullName": lambda r: _arn_tail(r.handle.arn),
        "CanonicalHostedZoneID": lambda r: "Z35SXDOTRQ7X7K",
    },
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "TargetGroupArn": lambda r: r.handle.arn,
        "TargetGroupFullName": lambda r: r.handle.arn.split(":", 5)[5],
        "TargetGroupName": lambda r: r.handle.name,
    },
    "AWS::ElasticLoadBalancingV2::Listener": {"ListenerArn": lambda r: r.handle.arn},
    "AWS::ElasticLoadBalancingV2::ListenerRule": {"RuleArn": lambda r: r.handle.arn},
    "AWS::EC2::SecurityGroup": {
        "GroupId": lambda r: r.handle.id,
        "GroupName": lambda r: r.handle.name,
        "VpcId": lambda r: r.handle.vpc_id,
    },
    "AWS::EC2::Subnet": {
        "SubnetId": lambda r: r.handle.id,
        "VpcId": lambda r: r.handle.vpc_id,
        "CidrBlock": lambda r: r.handle.cidr_block,
        "AvailabilityZone": lambda r: r.handle.availability_zone,
    },
    "AWS::EC2::VPC": {
        "VpcId": lambda r: r.handle.id,
        "CidrBlock": lambda r: r.handle.cidr_block,
        "DefaultSecurityGroup": lambda r: _default_group(r),
    },
    "AWS::EC2::InternetGateway": {"InternetGatewayId": lambda r: r.handle.id},
    "AWS::EC2::NatGateway": {"NatGatewayId": lambda r: r.handle.id},
    "AWS::EC2::RouteTable": {"RouteTableId": lambda r: r.handle.id},
    "AWS::EC2::VPCEndpoint": {"Id": lambda r: r.handle.id},
    "AWS::EC2::LaunchTemplate": {
        "LaunchTemplateId": lambda r: r.handle.id,
        "LatestVersionNumber": lambda r: str(r.handle.latest_version_number),
        "DefaultVersionNumber": lambda r: str(r.handle.default_version_number),
    },
    "AWS::EFS::FileSystem": {
        "FileSystemId": lambda r: r.handle.file_system_id,
        "Arn": lambda r: r.handle.file_system_arn,
    },
    "AWS::EFS::AccessPoint": {
        "AccessPointId": lambda r: r.handle.access_point_id,
        "Arn": lambda r: r.handle.access_point_arn,
    },
    "AWS::SNS::Topic": {"TopicArn": lambda r: r.handle.arn, "TopicName": lambda r: r.handle.name},
    "AWS::SQS::Queue": {
        "Arn": lambda r: r.handle.queue_arn,
        "QueueName": lambda r: r.handle.name,
        "QueueUrl": lambda r: r.handle.physical_resource_id,
    },
    "AWS::Logs::LogGroup": {"Arn": lambda r: r.handle.arn + ":*"},
    "AWS::IAM::Role": {"Arn": lambda r: r.handle.arn, "RoleId": lambda r: r.handle.id},
    "AWS::IAM::InstanceProfile": {"Arn": lambda r: r.handle.arn},
    "AWS::IAM::ManagedPolicy": {"PolicyArn": lambda r: r.handle.arn},
    "AWS::AutoScaling::AutoScalingGroup": {"AutoScalingGroupARN": lambda r: r.handle.arn},
}


def _default_group(resource):
    groups = resource.handle.ec2_backend.groups[resource.handle.id]
    return next(g.id for g in groups.values() if g.name == "default")
