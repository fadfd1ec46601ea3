"""API resources of Route 53. CREATE, not UPSERT: a record that is there already is refused."""

from .api import Api
from .api_declared import truth


class RecordSet(Api):
    def create(self, resource, p):
        self._change(resource, "CREATE", p)
        return p["Name"].rstrip(".")

    def update(self, resource, p, changed):
        self._change(resource, "UPSERT", p)
        return []

    def delete(self, resource):
        self._change(resource, "DELETE", resource.properties)

    def _change(self, resource, action, p):
        record = {k: p[k] for k in ("Name", "Type", "SetIdentifier", "Region", "Failover", "HealthCheckId") if k in p}
        if "Weight" in p:
            record["Weight"] = int(p["Weight"])
        if "AliasTarget" in p:
            alias = p["AliasTarget"]
            evaluate = truth(alias.get("EvaluateTargetHealth", False))
            record["AliasTarget"] = {**alias, "EvaluateTargetHealth": evaluate}
        else:
            record["TTL"] = int(p["TTL"])
            record["ResourceRecords"] = [{"Value": v} for v in p["ResourceRecords"]]
        self._client("route53", resource).change_resource_record_sets(
            HostedZoneId=p["HostedZoneId"],
            ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},
        )


TYPES = {"AWS::Route53::RecordSet": RecordSet}
