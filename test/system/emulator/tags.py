"""Changing tags: every service has a call of its own for it."""


# EFS calls its tags by the thing they are on.
_PROPERTIES = {"AWS::EFS::AccessPoint": "AccessPointTags", "AWS::EFS::FileSystem": "FileSystemTags"}


def _property(resource):
    return _PROPERTIES.get(resource.type, "Tags")


def _list(resource):
    return [{"Key": t["Key"], "Value": t["Value"]} for t in resource.properties.get(_property(resource), [])]


def _map(resource):
    tags = resource.properties.get("Tags", {})
    return tags if isinstance(tags, dict) else {t["Key"]: t["Value"] for t in tags}


def _group(resource):
    name = resource.physical_id
    return [{**t, "ResourceId": name, "ResourceType": "auto-scaling-group"} for t in resource.properties.get("Tags", [])]


def _rds_arn(kind):
    return lambda r: f"arn:aws:rds:{r.region}:{r.account}:{kind}:{r.physical_id}"


def _ec2(resource):
    return {"Resources": [getattr(resource.handle, "allocation_id", None) or resource.physical_id], "Tags": _list(resource)}


def _rds(kind):
    return ("rds", "add_tags_to_resource", lambda r: {"ResourceName": _rds_arn(kind)(r), "Tags": _list(r)})


_EC2 = ("ec2", "create_tags", _ec2)
_ELB = ("elbv2", "add_tags", lambda r: {"ResourceArns": [r.physical_id], "Tags": _list(r)})

_EFS = ("efs", "tag_resource", lambda r: {"ResourceId": r.physical_id, "Tags": _list(r)})

# type → service, operation, its parameters
TAGGERS = {
    "AWS::AutoScaling::AutoScalingGroup": ("autoscaling", "create_or_update_tags", lambda r: {"Tags": _group(r)}),
    "AWS::CertificateManager::Certificate": (
        "acm",
        "add_tags_to_certificate",
        lambda r: {"CertificateArn": r.physical_id, "Tags": _list(r)},
    ),
    "AWS::EC2::EIP": _EC2,
    "AWS::EC2::FlowLog": _EC2,
    "AWS::EC2::InternetGateway": _EC2,
    "AWS::EC2::NatGateway": _EC2,
    "AWS::EC2::RouteTable": _EC2,
    "AWS::EC2::SecurityGroup": _EC2,
    "AWS::EC2::Subnet": _EC2,
    "AWS::EC2::VPC": _EC2,
    "AWS::EC2::VPCEndpoint": _EC2,
    "AWS::EFS::AccessPoint": _EFS,
    "AWS::EFS::FileSystem": _EFS,
    "AWS::ElasticLoadBalancingV2::Listener": _ELB,
    "AWS::ElasticLoadBalancingV2::ListenerRule": _ELB,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _ELB,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _ELB,
    "AWS::IAM::Role": ("iam", "tag_role", lambda r: {"RoleName": r.physical_id, "Tags": _list(r)}),
    "AWS::Logs::LogGroup": (
        "logs",
        "tag_log_group",
        lambda r: {"logGroupName": r.physical_id, "tags": _map(r)},
    ),
    "AWS::RDS::DBCluster": _rds("cluster"),
    "AWS::RDS::DBClusterParameterGroup": _rds("cluster-pg"),
    "AWS::RDS::DBInstance": _rds("db"),
    "AWS::RDS::DBParameterGroup": _rds("pg"),
    "AWS::RDS::DBSubnetGroup": _rds("subgrp"),
    "AWS::S3::Bucket": (
        "s3",
        "put_bucket_tagging",
        lambda r: {"Bucket": r.physical_id, "Tagging": {"TagSet": _list(r)}},
    ),
    "AWS::SNS::Topic": ("sns", "tag_resource", lambda r: {"ResourceArn": r.physical_id, "Tags": _list(r)}),
    "AWS::SQS::Queue": ("sqs", "tag_queue", lambda r: {"QueueUrl": r.physical_id, "Tags": _map(r)}),
    "AWS::SSM::Parameter": (
        "ssm",
        "add_tags_to_resource",
        lambda r: {
            "ResourceType": "Parameter",
            "ResourceId": r.physical_id,
            "Tags": [{"Key": k, "Value": v} for k, v in _map(r).items()],
        },
    ),
    "AWS::SecretsManager::Secret": (
        "secretsmanager",
        "tag_resource",
        lambda r: {"SecretId": r.physical_id, "Tags": _list(r)},
    ),
}


def carry(client, resource, left):
    """Carries changed tags into the service; returns what of left is still left."""
    if _property(resource) not in left:
        return left
    if resource.type in TAGGERS:
        service, operation, arguments = TAGGERS[resource.type]
        getattr(client(service, resource), operation)(**arguments(resource))
    else:
        return left
    return [name for name in left if name != _property(resource)]
