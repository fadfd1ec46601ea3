"""API resources of KMS."""

import json

from .api import Api
from .api_declared import truth


class Key(Api):
    def create(self, resource, p):
        kept = {k: p[k] for k in ("Description", "KeyUsage", "KeySpec", "Origin", "MultiRegion") if k in p}
        if "KeyPolicy" in p:
            kept["Policy"] = json.dumps(p["KeyPolicy"])
        made = self._client("kms", resource).create_key(Tags=_tags(p), **kept)["KeyMetadata"]
        resource.description = made
        self._rotate(resource, made["KeyId"], p)
        return made["KeyId"]

    def update(self, resource, p, changed):
        client, key = self._client("kms", resource), resource.physical_id
        if "KeyPolicy" in changed:
            client.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(p["KeyPolicy"]))
        if "Description" in changed:
            client.update_key_description(KeyId=key, Description=p.get("Description", ""))
        if "Tags" in changed:
            client.tag_resource(KeyId=key, Tags=_tags(p))
        self._rotate(resource, key, p)
        done = ("KeyPolicy", "Description", "Tags", "EnableKeyRotation")
        return [c for c in changed if c not in done]

    def delete(self, resource):
        self._client("kms", resource).schedule_key_deletion(KeyId=resource.physical_id)

    def attribute(self, resource, name):
        return resource.description.get(name)

    def _rotate(self, resource, key, p):
        if truth(p.get("EnableKeyRotation", False)):
            self._client("kms", resource).enable_key_rotation(KeyId=key)


class Alias(Api):
    def create(self, resource, p):
        self._client("kms", resource).create_alias(AliasName=p["AliasName"], TargetKeyId=p["TargetKeyId"])
        return p["AliasName"]

    def update(self, resource, p, changed):
        self._client("kms", resource).update_alias(AliasName=p["AliasName"], TargetKeyId=p["TargetKeyId"])
        return []

    def delete(self, resource):
        self._client("kms", resource).delete_alias(AliasName=resource.physical_id)


def _tags(p):
    return [{"TagKey": t["Key"], "TagValue": t["Value"]} for t in p.get("Tags", [])]


TYPES = {"AWS::KMS::Alias": Alias, "AWS::KMS::Key": Key}
