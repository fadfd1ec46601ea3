"""The Resource Groups Tagging API's GetResources, from all resources alive and their tags.

moto knows the tags of a few services only. Here every resource has the tags of its
template, its stack's, and those that CloudFormation itself adds, as in AWS:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
Roles are not among what the API returns:
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

import json

from moto.core.responses import BaseResponse

from . import arns

_TAGS = {"AWS::EFS::AccessPoint": "AccessPointTags", "AWS::EFS::FileSystem": "FileSystemTags"}
_GLOBAL = ("AWS::CloudFront::", "AWS::IAM::", "AWS::Shield::", "AWS::Route53::")
_LEFT_OUT = ("AWS::IAM::Role",)


def tags_of(resource):
    """All tags of a resource, or none when its type has no tags."""
    name = _TAGS.get(resource.type, "Tags")
    if name not in resource.schema.document["properties"]:
        return {}
    own = resource.properties.get(name, {})
    if isinstance(own, list):
        own = {t["Key"]: t["Value"] for t in own}
    return {
        **resource.stack_tags,
        **own,
        "aws:cloudformation:logical-id": resource.logical_id,
        "aws:cloudformation:stack-id": resource.stack_id,
        "aws:cloudformation:stack-name": resource.stack_name,
    }


def region_of(resource):
    return "us-east-1" if resource.type.startswith(_GLOBAL) else resource.region


class Tagging(BaseResponse):
    registry = None  # set by service_for()

    def __init__(self):
        super().__init__(service_name="resourcegroupstaggingapi")

    def get_resources(self):
        filters = self._get_param("TagFilters", []) or []
        types = self._get_param("ResourceTypeFilters", []) or []
        self.registry.notice_gone()
        found = []
        for resource in self.registry.alive(self.current_account):
            tags = tags_of(resource)
            if region_of(resource) != self.region or resource.type in _LEFT_OUT or not tags:
                continue
            if all(_has(tags, f) for f in filters) and _is_of(arns.of(resource), types):
                listed = [{"Key": k, "Value": str(v)} for k, v in sorted(tags.items())]
                found.append({"ResourceARN": arns.of(resource), "Tags": listed})
        start = int(self._get_param("PaginationToken") or 0)
        end = start + int(self._get_param("ResourcesPerPage") or 100)
        token = str(end) if end < len(found) else ""
        return json.dumps({"ResourceTagMappingList": found[start:end], "PaginationToken": token})


def _has(tags, wanted):
    return wanted["Key"] in tags and (not wanted.get("Values") or tags[wanted["Key"]] in wanted["Values"])


# What the one kind of thing is called in services whose ARNs do not say it.
_KIND = {"s3": "bucket", "sns": "topic", "sqs": "queue"}


def _is_of(arn, wanted):
    """SERVICE or SERVICE:TYPE, as ARNs have them.
    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html"""
    service, rest = arn.split(":")[2], arn.split(":", 5)[5]
    kind = _KIND.get(service) or rest.replace("/", ":").split(":")[0]
    return not wanted or service in wanted or f"{service}:{kind}" in wanted


def service_for(registry):
    return type("Tagging", (Tagging,), {"registry": registry})
