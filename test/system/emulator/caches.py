"""Replication groups of ElastiCache: what happens to them beside their properties.

Their tokens follow ElastiCache's rules (two at most, see modify), and a group that is
deleted under DeletionPolicy Snapshot leaves a snapshot. No cache runs.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
"""

from datetime import datetime, timezone

from moto.core.responses import ActionResult
from moto.elasticache.exceptions import (
    ElastiCacheException,
    InvalidParameterCombinationException,
    InvalidParameterValueException,
)
from moto.elasticache.responses import ElastiCacheResponse

from . import dynamicref
from .generic import GenericProvider

TYPE = "AWS::ElastiCache::ReplicationGroup"
AVAILABLE, MODIFYING = "available", "modifying"


class ReplicationGroups(GenericProvider):
    """Groups of stacks, and the snapshots that deleted ones left."""

    def __init__(self, gaps):
        super().__init__(gaps)
        self.snapshots = []  # of ElastiCache's API, with "Region" beside

    def create(self, resource):
        super().create(resource)
        token = self._token(resource)
        resource.service = {"status": AVAILABLE, "authTokens": [token] if token else []}

    def update(self, resource, old, changed):
        """CloudFormation names no strategy, so a changed token is rotated in. A dynamic
        reference has not changed unless its text has, whatever the secret holds by now."""
        if "AuthToken" in changed:
            rotate(resource.service, self._token(resource))

    def snapshot(self, resource):
        self.snapshots.append(
            {
                "Region": resource.region,
                "SnapshotName": f"{resource.physical_id}-final",
                "ReplicationGroupId": resource.physical_id,
                "SnapshotStatus": "available",
                "SnapshotSource": "manual",
                "KmsKeyId": resource.properties.get("KmsKeyId"),
                "NodeSnapshots": [{"SnapshotCreateTime": datetime.now(timezone.utc)}],
            }
        )

    def _token(self, resource):
        return dynamicref.reveal(resource.account, resource.region, resource.properties.get("AuthToken"))


def rotate(service, token):
    """The group takes the new token and the one before; an older one is forgotten."""
    service["authTokens"] = [*service["authTokens"][-1:], token]


def service_for(registry, groups):
    """ElastiCache's API: these operations here, the others moto's."""

    class Service(ElastiCacheResponse):
        def describe_replication_groups(self):
            wanted = self._get_param("ReplicationGroupId")
            found = [self._find(wanted)] if wanted else self._alive()
            for group in found:  # whoever looks has waited
                group.service["status"] = AVAILABLE
            return ActionResult({"ReplicationGroups": [_description(g) for g in found]})

        def modify_replication_group(self):
            group, token = self._find(self._get_param("ReplicationGroupId")), self._get_param("AuthToken")
            if group.service["status"] != AVAILABLE:
                raise _NotAvailable(f"Replication group {group.physical_id} is not in the state available.")
            if not self._get_bool_param("ApplyImmediately", False):
                raise InvalidParameterCombinationException("AUTH token modification needs ApplyImmediately here.")
            modify(group.service, token, self._get_param("AuthTokenUpdateStrategy") or "ROTATE")
            group.service["status"] = MODIFYING
            return ActionResult({"ReplicationGroup": _description(group)})

        def describe_snapshots(self):
            wanted = {k: self._get_param(k) for k in ("SnapshotName", "ReplicationGroupId")}
            here = [s for s in groups.snapshots if s["Region"] == self.region]
            return ActionResult({"Snapshots": [s for s in here if all(v in (None, s[k]) for k, v in wanted.items())]})

        def delete_snapshot(self):
            name = self._get_param("SnapshotName")
            for one in groups.snapshots:
                if (one["SnapshotName"], one["Region"]) == (name, self.region):
                    groups.snapshots.remove(one)
                    return ActionResult({"Snapshot": {**one, "SnapshotStatus": "deleting"}})
            raise _SnapshotNotFound(f"{name} is either not present or not available.")

        def _alive(self):
            return [r for r in registry.alive(region=self.region) if r.type == TYPE]

        def _find(self, name):
            for group in self._alive():
                if group.physical_id == name:
                    return group
            raise _NotFound(f"ReplicationGroup {name} not found.")

    return Service


def modify(service, token, strategy):
    """ROTATE adds a token; SET, only after it, leaves the one that it names."""
    if not token or not 16 <= len(token) <= 128:
        raise InvalidParameterValueException("The AUTH token must have 16 to 128 characters.")
    if strategy == "ROTATE":
        rotate(service, token)
    elif strategy == "SET" and len(service["authTokens"]) == 2 and token in service["authTokens"]:
        service["authTokens"] = [token]
    else:
        raise InvalidParameterCombinationException(f"{strategy} is allowed only after ROTATE, with one of its tokens.")


def _description(group):
    p = group.properties
    return {
        "ReplicationGroupId": group.physical_id,
        "Description": p.get("ReplicationGroupDescription"),
        "Status": group.service["status"],
        "AuthTokenEnabled": bool(group.service["authTokens"]),
        "TransitEncryptionEnabled": p.get("TransitEncryptionEnabled"),
        "KmsKeyId": p.get("KmsKeyId"),
    }


class _NotFound(ElastiCacheException):
    code = "ReplicationGroupNotFoundFault"


class _NotAvailable(ElastiCacheException):
    code = "InvalidReplicationGroupState"


class _SnapshotNotFound(ElastiCacheException):
    code = "SnapshotNotFoundFault"
