"""Whether a resource is still in its service: people delete things by hand, too.

AWS takes the deletion of what is not there for a success, and a resource that is gone
holds nobody else. Only the types that the procedures of docs/procedures delete by hand,
or whose absence a client would feel, are asked for.
"""

from botocore.exceptions import ClientError

from .errors import is_gone


def _named(service, operation, parameter):
    """Asks for one by name; a service that knows none says so with an error or with an empty list."""

    def found(client, resource):
        answer = getattr(client(service, resource), operation)(**{parameter: resource.physical_id})
        return all(answer[key] for key in answer if isinstance(answer[key], list))

    return found


def _key(client, resource):
    """A key that is scheduled for deletion can no longer be used, and costs nothing."""
    state = client("kms", resource).describe_key(KeyId=resource.physical_id)["KeyMetadata"]["KeyState"]
    return state != "PendingDeletion"


def _secret(client, resource):
    """A deleted secret can be restored for 7 days or more; until then its value is not to be had."""
    return "DeletedDate" not in client("secretsmanager", resource).describe_secret(SecretId=resource.physical_id)


def _balancer(client, resource):
    found = client("elbv2", resource).describe_load_balancers()["LoadBalancers"]
    return any(b["LoadBalancerArn"] == resource.physical_id for b in found)


def _queue(client, resource):
    return client("sqs", resource).get_queue_attributes(QueueUrl=resource.physical_id, AttributeNames=["QueueArn"])


PROBES = {
    "AWS::EC2::SecurityGroup": lambda client, r: client("ec2", r).describe_security_groups(GroupIds=[r.physical_id]),
    "AWS::EC2::Subnet": lambda client, r: client("ec2", r).describe_subnets(SubnetIds=[r.physical_id]),
    "AWS::EC2::VPC": lambda client, r: client("ec2", r).describe_vpcs(VpcIds=[r.physical_id]),
    "AWS::EFS::FileSystem": _named("efs", "describe_file_systems", "FileSystemId"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer,
    "AWS::KMS::Key": _key,
    "AWS::RDS::DBCluster": _named("rds", "describe_db_clusters", "DBClusterIdentifier"),
    "AWS::RDS::DBClusterParameterGroup": _named(
        "rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroupName"
    ),
    "AWS::RDS::DBInstance": _named("rds", "describe_db_instances", "DBInstanceIdentifier"),
    "AWS::RDS::DBParameterGroup": _named("rds", "describe_db_parameter_groups", "DBParameterGroupName"),
    "AWS::RDS::DBSubnetGroup": _named("rds", "describe_db_subnet_groups", "DBSubnetGroupName"),
    "AWS::S3::BucketPolicy": _named("s3", "get_bucket_policy", "Bucket"),
    "AWS::S3::Bucket": _named("s3", "head_bucket", "Bucket"),
    "AWS::SQS::Queue": _queue,
    "AWS::SecretsManager::Secret": _secret,
}


def is_there(client, resource):
    probe = PROBES.get(resource.type)
    if probe is None:
        return True
    try:
        return bool(probe(client, resource))
    except ClientError as error:
        if is_gone(error):
            return False
        raise
