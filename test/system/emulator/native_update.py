"""Updating native resources in place, for the changes later steps depend on.

Each updater takes (client, resource, changed property names), carries what it can into
the service and returns the names it left: those become gaps of kind 'update'.
"""

import json

from moto.core.types import Base64EncodedString

from . import dynamicref


def _launch_template(client, resource, changed):
    """A new version: its number is what makes the Auto Scaling group refresh."""
    if "LaunchTemplateData" not in changed:
        return changed
    data = dynamicref.reveal(resource.account, resource.region, resource.properties["LaunchTemplateData"])
    if "UserData" in data:
        data = {**data, "UserData": Base64EncodedString(data["UserData"])}  # as moto's own requests hand it over
    resource.handle.create_version(data, resource.properties.get("VersionDescription"))
    return [c for c in changed if c not in ("LaunchTemplateData", "VersionDescription")]


def _listener(client, resource, changed):
    _through_model(resource)
    return [c for c in changed if c == "Tags"]


def _group(client, resource, changed):
    """Size limits, zones and the template version; moto's own model would replace the group."""
    p = resource.properties
    arguments = {k: int(p[k]) for k in ("MinSize", "MaxSize", "DesiredCapacity") if k in changed and k in p}
    if "LaunchTemplate" in changed and "LaunchTemplate" in p:
        arguments["LaunchTemplate"] = p["LaunchTemplate"]
    if "VPCZoneIdentifier" in changed:
        arguments["VPCZoneIdentifier"] = ",".join(p["VPCZoneIdentifier"])
    if arguments:
        client("autoscaling", resource).update_auto_scaling_group(
            AutoScalingGroupName=resource.physical_id, **arguments
        )
    return [c for c in changed if c not in arguments]


def _inline_policy(client, resource, changed):
    p = resource.properties
    for role in p.get("Roles", []):
        client("iam", resource).put_role_policy(
            RoleName=role, PolicyName=p["PolicyName"], PolicyDocument=json.dumps(p["PolicyDocument"])
        )
    return [c for c in changed if c not in ("PolicyDocument", "Roles")]


def _through_model(resource):
    handle = type(resource.handle).update_from_cloudformation_json(
        original_resource=resource.handle,
        new_resource_name=resource.physical_id,
        cloudformation_json={"Type": resource.type, "Properties": resource.properties},
        account_id=resource.account,
        region_name=resource.region,
    )
    resource.handle = handle


def _balancer(client, resource, changed):
    settle(resource)
    return [c for c in changed if c != "LoadBalancerAttributes"]


def settle(resource):
    """What moto's model leaves out when it makes a load balancer: its attributes, and with them its protection."""
    if resource.type == "AWS::ElasticLoadBalancingV2::LoadBalancer":
        for attribute in resource.properties.get("LoadBalancerAttributes", []):
            resource.handle.attrs[attribute["Key"]] = str(attribute["Value"]).lower()


UPDATERS = {
    "AWS::AutoScaling::AutoScalingGroup": _group,
    "AWS::EC2::LaunchTemplate": _launch_template,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::ElasticLoadBalancingV2::ListenerRule": _listener,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer,
    "AWS::IAM::Policy": _inline_policy,
}
