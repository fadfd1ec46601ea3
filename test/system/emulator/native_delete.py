"""Deleting native resources through their services' APIs, in AWS's way.

Each deleter takes (client, resource), where client(service, resource) is a boto3 client.
"""


def _call(service, operation, **arguments):
    """A deleter that calls one operation; arguments name where each parameter comes from:
    'ID' the physical id, '.Name' a property, '@Name' an attribute, anything else itself."""

    def delete(client, resource):
        resolved = {k: _argument(resource, v) for k, v in arguments.items()}
        getattr(client(service, resource), operation)(**resolved)

    return delete


def _argument(resource, source):
    if isinstance(source, list):
        return [_argument(resource, s) for s in source]
    if source == "ID":
        return resource.physical_id
    if isinstance(source, str) and source.startswith("."):
        return resource.properties[source[1:]]
    if isinstance(source, str) and source.startswith("@"):
        return resource.attribute(source[1:])
    return source


def _attachment(client, resource):
    client("ec2", resource).detach_internet_gateway(
        InternetGatewayId=resource.properties["InternetGatewayId"], VpcId=resource.properties["VpcId"]
    )


def _route(client, resource):
    p = resource.properties
    target = {k: p[k] for k in ("DestinationCidrBlock", "DestinationIpv6CidrBlock") if k in p}
    client("ec2", resource).delete_route(RouteTableId=p["RouteTableId"], **target)


def _role(client, resource):
    iam, name = client("iam", resource), resource.physical_id
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def _inline_policy(client, resource):
    iam, p = client("iam", resource), resource.properties
    for role in p.get("Roles", []):
        iam.delete_role_policy(RoleName=role, PolicyName=p["PolicyName"])


def _managed_policy(client, resource):
    iam, arn = client("iam", resource), resource.physical_id
    for role in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]:
        iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def _instance_profile(client, resource):
    iam, name = client("iam", resource), resource.physical_id
    for role in resource.properties.get("Roles", []):
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
    iam.delete_instance_profile(InstanceProfileName=name)


_elb = "elbv2"
DELETERS = {
    "AWS::AutoScaling::AutoScalingGroup": _call(
        "autoscaling", "delete_auto_scaling_group", AutoScalingGroupName="ID", ForceDelete=True
    ),
    "AWS::EC2::EIP": _call("ec2", "release_address", AllocationId="@AllocationId"),
    "AWS::EC2::FlowLog": _call("ec2", "delete_flow_logs", FlowLogIds=["ID"]),
    "AWS::EC2::InternetGateway": _call("ec2", "delete_internet_gateway", InternetGatewayId="ID"),
    "AWS::EC2::LaunchTemplate": _call("ec2", "delete_launch_template", LaunchTemplateId="ID"),
    "AWS::EC2::NatGateway": _call("ec2", "delete_nat_gateway", NatGatewayId="ID"),
    "AWS::EC2::Route": _route,
    "AWS::EC2::RouteTable": _call("ec2", "delete_route_table", RouteTableId="ID"),
    "AWS::EC2::SecurityGroup": _call("ec2", "delete_security_group", GroupId="ID"),
    "AWS::EC2::Subnet": _call("ec2", "delete_subnet", SubnetId="ID"),
    "AWS::EC2::VPC": _call("ec2", "delete_vpc", VpcId="ID"),
    "AWS::EC2::VPCEndpoint": _call("ec2", "delete_vpc_endpoints", VpcEndpointIds=["ID"]),
    "AWS::EC2::VPCGatewayAttachment": _attachment,
    "AWS::ECR::Repository": _call("ecr", "delete_repository", repositoryName="ID"),
    "AWS::EFS::AccessPoint": _call("efs", "delete_access_point", AccessPointId="ID"),
    "AWS::EFS::FileSystem": _call("efs", "delete_file_system", FileSystemId="ID"),
    "AWS::EFS::MountTarget": _call("efs", "delete_mount_target", MountTargetId="ID"),
    "AWS::ElasticLoadBalancingV2::Listener": _call(_elb, "delete_listener", ListenerArn="ID"),
    "AWS::ElasticLoadBalancingV2::ListenerRule": _call(_elb, "delete_rule", RuleArn="ID"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _call(_elb, "delete_load_balancer", LoadBalancerArn="ID"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": _call(_elb, "delete_target_group", TargetGroupArn="ID"),
    "AWS::IAM::InstanceProfile": _instance_profile,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Policy": _inline_policy,
    "AWS::IAM::Role": _role,
    "AWS::Logs::LogGroup": _call("logs", "delete_log_group", logGroupName="ID"),
    "AWS::S3::Bucket": _call("s3", "delete_bucket", Bucket="ID"),
    "AWS::SNS::Topic": _call("sns", "delete_topic", TopicArn="ID"),
    "AWS::SQS::Queue": _call("sqs", "delete_queue", QueueUrl="ID"),
}
