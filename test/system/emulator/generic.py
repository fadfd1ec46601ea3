"""Generic resources: types no emulated service stands behind.

What is checked is what their provider schema says (before this is reached). What is
returned is made up, but well-formed: ids, ARNs and names that differ per resource.
"""

import hashlib
import re
import uuid

from .errors import ResourceFailed

# ARN service prefixes that are not the type's own service name in lower case.
_ARN_SERVICE = {
    "CertificateManager": "acm",
    "ApplicationAutoScaling": "application-autoscaling",
    "ElasticLoadBalancingV2": "elasticloadbalancing",
    "KinesisFirehose": "firehose",
    "Scheduler": "scheduler",
}
_GLOBAL = {"CloudFront", "IAM", "Shield", "Route53"}
# ARN forms that other types' schemas or services look into.
_ARN_RESOURCE = {
    "AWS::RDS::DBCluster": "cluster:{id}",
    "AWS::RDS::DBProxy": "db-proxy:{id}",
    "AWS::RDS::DBProxyTargetGroup": "target-group:{id}",
    "AWS::SNS::Topic": "{id}",
    "AWS::CloudWatch::Alarm": "alarm:{id}",
    "AWS::AutoScaling::ScalingPolicy": "scalingPolicy:{uuid}:autoScalingGroupName/group:policyName/{id}",
    "AWS::Shield::Protection": "protection/{id}",
    "AWS::CloudFront::VpcOrigin": "vpcorigin/{id}",
    "AWS::CloudFront::Function": "function/{id}",
    "AWS::CloudFront::KeyValueStore": "key-value-store/{uuid}",
    "AWS::CloudFront::Distribution": "distribution/{id}",
}


class GenericProvider:
    name = "generic"

    def __init__(self, gaps):
        self._gaps = gaps

    def create(self, resource):
        resource.handle = uuid.uuid4().hex
        resource.physical_id = self._reference(resource)
        self._gaps.report(
            "generic", resource, resource.type, "no emulated service; only the provider schema was checked"
        )

    def update(self, resource, old, changed):
        pass  # its properties are all it is

    def delete(self, resource):
        if resource.properties.get("DeletionProtection") in (True, "true"):
            raise ResourceFailed(f"Cannot delete protected {resource.type} {resource.physical_id}: DeletionProtection")

    def attribute(self, resource, name):
        return made_up(resource, name)

    def _reference(self, resource):
        """What Ref returns: the primary identifier, its parts joined by '|'."""
        parts = [self._identifier(resource, p) for p in resource.schema.identifier]
        return "|".join(parts) if parts else self._generated_name(resource)

    def _identifier(self, resource, name):
        if isinstance(resource.properties.get(name), str):
            return resource.properties[name]
        if name.endswith("Arn"):
            return arn(resource)
        if name.endswith("Id") and not name.endswith("Identifier"):
            return resource.handle[:14].upper() if resource.type.startswith("AWS::CloudFront") else resource.handle
        return self._generated_name(resource)

    def _generated_name(self, resource):
        """A name as CloudFormation generates them, short enough for every service."""
        stem = re.sub("[^a-z0-9]+", "-", f"{resource.stack_name}-{resource.logical_id}".lower()).strip("-")
        return f"{stem[:24].strip('-')}-{resource.handle[:8]}"


def made_up(resource, name):
    """A well-formed value for a read-only attribute, or the property of that name."""
    value = resource.properties
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if value is not None and not isinstance(value, dict):
        return value
    kind = resource.schema.attribute_type(name)
    last = name.split(".")[-1]
    unique = hashlib.sha256(f"{resource.physical_id}{name}".encode()).hexdigest()
    if kind in ("array",):
        return [f"{last.lower()}-{unique[:12]}"]
    if last.endswith("Port"):
        return str(resource.properties.get("Port", _port(resource)))
    if kind in ("integer", "number"):
        return 1
    if kind == "boolean":
        return False
    if name in ("Arn",) or last.endswith(("Arn", "ARN")):
        return arn(resource)
    if last.endswith(("Address", "DomainName", "DNSName", "Endpoint")):
        if resource.type == "AWS::CloudFront::Distribution":
            return f"d{unique[:13]}.cloudfront.net"
        return f"{unique[:12]}.{resource.region}.{resource.type.split('::')[1].lower()}.amazonaws.com"
    if last in ("Id", "Name") or f"/{last}" in "/".join(resource.schema.identifier):
        return resource.physical_id.split("|")[-1 if last == "Id" and "|" not in resource.physical_id else 0]
    return f"{last.lower()}-{unique[:12]}"


def arn(resource):
    service, kind = resource.type.split("::")[1:3]
    prefix = _ARN_SERVICE.get(service, service.lower())
    region = "" if service in _GLOBAL else resource.region
    unique = resource.handle if isinstance(resource.handle, str) else hashlib.md5(resource.logical_id.encode()).hexdigest()
    name = str(resource.properties.get("Name") or unique[:12])
    dashed = str(uuid.UUID(unique))
    if service == "WAFv2":
        reach = "global" if resource.properties.get("Scope") == "CLOUDFRONT" else "regional"
        return f"arn:aws:wafv2:{resource.region}:{resource.account}:{reach}/{kind.lower()}/{name}/{dashed}"
    form = _ARN_RESOURCE.get(resource.type, kind.lower() + "/{id}")
    named = form.format(id=name if name != unique[:12] else unique[:14].upper(), uuid=dashed)
    return f"arn:aws:{prefix}:{region}:{resource.account}:{named}"


def _port(resource):
    engine = str(resource.properties.get("Engine", ""))
    if "postgres" in engine:
        return 5432
    if "mysql" in engine or "maria" in engine:
        return 3306
    return 11211 if engine == "memcached" else 6379
