"""AWS Backup's list of what it holds of a resource: a file system with automatic backups has
one recovery point, of now. moto has no recovery points.
https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html
"""

from datetime import datetime, timezone
from urllib.parse import unquote

from moto.backup.responses import BackupResponse
from moto.core.responses import ActionResult

VAULT = "aws/efs/automatic-backup-vault"
PATH = "{0}/resources/(?P<arn>.+)/recovery-points/$"


def service_for(registry):
    class Service(BackupResponse):
        def list_recovery_points_by_resource(self):
            arn = unquote(self.parsed_url.path).removeprefix("/resources/").split("/recovery-points")[0]
            for r in registry.of_type("AWS::EFS::FileSystem", self.region):
                if arn.endswith(r.physical_id) and _backed_up(r):
                    return ActionResult({"RecoveryPoints": [self._point(r)]})
            return ActionResult({"RecoveryPoints": []})

        def _point(self, r):
            return {
                "RecoveryPointArn": f"arn:aws:backup:{r.region}:{r.account}:recovery-point:{r.physical_id}",
                "CreationDate": datetime.now(timezone.utc),
                "Status": "COMPLETED",
                "BackupVaultName": VAULT,
            }

    return Service


def _backed_up(resource):
    return resource.properties.get("BackupPolicy", {}).get("Status") == "ENABLED"
