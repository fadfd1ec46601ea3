"""Who refers to whom, by the ids in resolved properties.

AWS refuses to delete what is in use, and to create what refers to nothing. Both are
decided here for all types alike, since moto rarely does.
"""

import re

from .errors import ResourceFailed

# Types that AWS refuses to delete while another resource refers to them, with the
# referring types that do not count: they go along with it or hold it only by name.
IN_USE = {
    "AWS::EC2::VPC": {"AWS::EC2::FlowLog", "AWS::ElasticLoadBalancingV2::TargetGroup"},
    "AWS::EC2::Subnet": {
        "AWS::EC2::FlowLog",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::SubnetNetworkAclAssociation",
    },
    "AWS::EC2::SecurityGroup": {"AWS::EC2::LaunchTemplate"},
    "AWS::EC2::EIP": set(),
    "AWS::RDS::DBSubnetGroup": set(),
    "AWS::RDS::DBParameterGroup": set(),
    "AWS::RDS::DBClusterParameterGroup": set(),
    "AWS::RDS::DBCluster": {"AWS::CloudWatch::Alarm"},
    "AWS::ElastiCache::SubnetGroup": set(),
    "AWS::ElastiCache::ParameterGroup": set(),
    "AWS::EFS::FileSystem": {"AWS::EFS::AccessPoint"},
    "AWS::ElasticLoadBalancingV2::TargetGroup": {"AWS::AutoScaling::AutoScalingGroup"},
    "AWS::CertificateManager::Certificate": set(),
    "AWS::WAFv2::WebACL": {"AWS::WAFv2::LoggingConfiguration"},
    "AWS::CloudFront::VpcOrigin": set(),
    "AWS::CloudFront::OriginAccessControl": set(),
    "AWS::CloudFront::CachePolicy": set(),
    "AWS::CloudFront::OriginRequestPolicy": set(),
    "AWS::CloudFront::ResponseHeadersPolicy": set(),
    "AWS::CloudFront::Function": set(),
    "AWS::CloudFront::KeyGroup": set(),
    "AWS::CloudFront::PublicKey": set(),
    "AWS::IAM::InstanceProfile": {"AWS::EC2::LaunchTemplate"},
    # AWS itself would let a key in use be scheduled for deletion, and every disk and
    # database under it would be lost. Here it fails.
    "AWS::KMS::Key": {"AWS::KMS::Alias", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"},
}
# The children a service removes together with their parent.
OWNED = {
    "AWS::EC2::SecurityGroup": {
        "AWS::EC2::SecurityGroupIngress": "GroupId",
        "AWS::EC2::SecurityGroupEgress": "GroupId",
    }
}

_REGIONAL_ID = re.compile(
    r"^(?:vpc|subnet|sg|igw|eigw|nat|rtb|acl|eni|vpce|eipalloc|lt|fs|fsap)-[0-9a-f]{8,17}$"
)
# Global services may name regional things of any region.
_ANYWHERE = ("AWS::CloudFront::", "AWS::Route53::", "AWS::IAM::", "AWS::Shield::")


def texts(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def blockers(resource, alive):
    """Live or retained resources that keep this one from being deleted."""
    if resource.type not in IN_USE:
        return []
    own = resource.identifiers
    found = []
    for other in alive:
        if other is resource or other.type in IN_USE[resource.type]:
            continue
        parent = OWNED.get(resource.type, {}).get(other.type)
        if parent and other.properties.get(parent) in own:
            continue
        if any(text in own for text in texts(other.properties)):
            found.append(other)
    return found


def check_dangling(resource, alive):
    """Fails a resource that names a regional id which is not there, or is in another region."""
    here = set()
    elsewhere = {}
    for other in alive:
        for identifier in other.identifiers:
            if other.region == resource.region:
                here.add(identifier)
            else:
                elsewhere[identifier] = other.region
    anywhere = resource.type.startswith(_ANYWHERE)
    for text in texts(resource.properties):
        if not _REGIONAL_ID.match(text) or text in here:
            continue
        if text in elsewhere:
            if not anywhere:
                raise ResourceFailed(f"{text} is in {elsewhere[text]}, not in {resource.region}")
            continue
        raise ResourceFailed(f"The ID '{text}' does not exist")
