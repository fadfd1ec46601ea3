"""Creations and changes that AWS refuses although the provider schema allows them.

Each check takes the resource, its old properties (None for a creation), its new ones and all resources
that are alive, and raises ResourceFailed with what the service would say.
"""

from .errors import ResourceFailed

# Entries that CloudFront's origin-facing prefix list takes of a security group's rules.
# https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
_PREFIX_LIST_WEIGHT = 55
_RULES_PER_GROUP = 60


def check(resource, old, new, alive):
    for one in _CHECKS.get(resource.type, ()):
        one(resource, old, new, alive)


def _memcached(resource, old, new, alive):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-cachecluster.html"""
    if old is None or new.get("Engine") != "memcached":
        return
    for name in ("CacheNodeType", "NumCacheNodes", "AZMode"):
        if old.get(name) != new.get(name):
            raise ResourceFailed(f"{name} of a Memcached cluster cannot be changed; use a new logical id")


def _smaller(name):
    def check_size(resource, old, new, alive):
        if old is not None and int(new.get(name, 0)) < int(old.get(name, 0)):
            raise ResourceFailed(f"Invalid storage size: {name} {new.get(name)} is less than {old.get(name)}")

    return check_size


def _version(resource, old, new, alive):
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html"""
    if old is None or "EngineVersion" not in new or old.get("EngineVersion") == new["EngineVersion"]:
        return
    before, after = _numbers(old["EngineVersion"]), _numbers(new["EngineVersion"])
    if after < before:
        raise ResourceFailed(f"Cannot upgrade {new['Engine']} from {old['EngineVersion']} to {new['EngineVersion']}")
    major = 1 if "postgres" in new["Engine"] else 2
    if before[:major] == after[:major]:
        return
    # CloudFormation allows it for a cluster by itself.
    if resource.type == "AWS::RDS::DBInstance" and new.get("AllowMajorVersionUpgrade") not in (True, "true"):
        raise ResourceFailed("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")


def _family(resource, old, new, alive):
    """The parameter group must be of the family of the version."""
    name = new.get("DBParameterGroupName") or new.get("DBClusterParameterGroupName")
    for group in alive:
        if group.physical_id != name or not group.type.endswith("ParameterGroup") or "EngineVersion" not in new:
            continue
        family, version = group.properties["Family"], new["EngineVersion"]
        parts = version.split(".")
        if family not in (new["Engine"] + parts[0], new["Engine"] + ".".join(parts[:2])):
            raise ResourceFailed(
                f"The parameter group {name} with DBParameterGroupFamily {family} can't be used for this instance. "
                f"Use a parameter group for {new['Engine']} {version}."
            )


def _numbers(version):
    return [int(part) for part in version.split(".") if part.isdigit()]


def _one_balancer(resource, old, new, alive):
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html"""
    groups = {a["TargetGroupArn"] for a in new.get("DefaultActions", []) if "TargetGroupArn" in a}
    for other in alive:
        if other is resource or other.type != resource.type or other.properties.get("LoadBalancerArn") == new.get("LoadBalancerArn"):
            continue
        shared = groups & {a.get("TargetGroupArn") for a in other.properties.get("DefaultActions", [])}
        if shared:
            raise ResourceFailed(
                f"TargetGroupAssociationLimit: {', '.join(sorted(shared))} cannot be associated with more than one load balancer"
            )


def _vpc_origin(resource, old, new, alive):
    """https://github.com/aws/aws-cdk/issues/35765"""
    if old is None:
        return
    for other in alive:
        if other.type == "AWS::CloudFront::Distribution" and resource.physical_id in str(other.properties):
            raise ResourceFailed(f"409: VPC origin {resource.physical_id} is used by distribution {other.physical_id}")


def _rules(resource, old, new, alive):
    own = "SourcePrefixListId" if resource.type.endswith("Ingress") else "DestinationPrefixListId"
    weight = 0
    for other in alive:
        if other is not resource and other.type == resource.type and other.properties.get("GroupId") == new.get("GroupId"):
            weight += _PREFIX_LIST_WEIGHT if own in other.properties else 1
    weight += _PREFIX_LIST_WEIGHT if own in new else 1
    if weight > _RULES_PER_GROUP:
        raise ResourceFailed(f"RulesPerSecurityGroupLimitExceeded: {new.get('GroupId')} would have {weight} rules")


def _ownership(resource, old, new, alive):
    """A bucket that CloudFront has granted itself access to by ACL cannot have its ACLs disabled.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html"""
    if old is None or "BucketOwnerEnforced" not in str(new.get("OwnershipControls")):
        return
    for other in alive:
        logging = other.properties.get("DistributionConfig", {}).get("Logging", {})
        if resource.physical_id in str(logging.get("Bucket", "")):
            raise ResourceFailed("InvalidBucketAclWithObjectOwnership: the bucket's ACL grants access to CloudFront's logs")


def _aliases(resource, old, new, alive):
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-requirements"""
    config = new.get("DistributionConfig", {})
    aliases = config.get("Aliases") or []
    certificate = config.get("ViewerCertificate", {}).get("AcmCertificateArn")
    for other in alive:
        if other.physical_id == certificate:
            names = [other.properties["DomainName"], *other.properties.get("SubjectAlternativeNames", [])]
            for alias in aliases:
                if not any(_holds(name, alias) for name in names):
                    raise ResourceFailed(f"InvalidViewerCertificate: the certificate does not cover the alternate domain name {alias}")
        if other is not resource and other.type == resource.type:
            taken = set(aliases) & set(other.properties.get("DistributionConfig", {}).get("Aliases") or [])
            if taken:
                raise ResourceFailed(f"CNAMEAlreadyExists: {', '.join(sorted(taken))} is a name of {other.physical_id}")


def _holds(name, alias):
    """A wildcard of a certificate is one label."""
    if name == alias:
        return True
    first, _, parent = alias.partition(".")
    return name == "*." + parent and first != "*"


_CHECKS = {
    "AWS::CloudFront::Distribution": (_aliases,),
    "AWS::CloudFront::VpcOrigin": (_vpc_origin,),
    "AWS::EC2::SecurityGroupEgress": (_rules,),
    "AWS::EC2::SecurityGroupIngress": (_rules,),
    "AWS::ElastiCache::CacheCluster": (_memcached,),
    "AWS::ElasticLoadBalancingV2::Listener": (_one_balancer,),
    "AWS::RDS::DBCluster": (_version, _family, _smaller("AllocatedStorage")),
    "AWS::RDS::DBInstance": (_version, _family, _smaller("AllocatedStorage")),
    "AWS::S3::Bucket": (_ownership,),
}
