"""API resources of RDS. moto's CloudFormation models of them drop most properties."""

from .api_declared import Declaration, Declared

_SUBNET_GROUP = Declaration("rds", "DBSubnetGroup", "DBSubnetGroupName")
_PARAMETERS = Declaration(
    "rds",
    "DBParameterGroup",
    "DBParameterGroupName",
    renamed={"Family": "DBParameterGroupFamily"},
    separate=("Parameters",),
)
_CLUSTER_PARAMETERS = Declaration(
    "rds",
    "DBClusterParameterGroup",
    "DBClusterParameterGroupName",
    renamed={"Family": "DBParameterGroupFamily"},
    separate=("Parameters",),
)
_INSTANCE = Declaration(
    "rds",
    "DBInstance",
    "DBInstanceIdentifier",
    renamed={"VPCSecurityGroups": "VpcSecurityGroupIds"},
    inner={"MasterUserSecret": ("KmsKeyId", "MasterUserSecretKmsKeyId")},
    attributes={
        "DBInstanceArn": "DBInstanceArn",
        "DbiResourceId": "DbiResourceId",
        "Endpoint.Address": "Endpoint.Address",
        "Endpoint.Port": "Endpoint.Port",
        "MasterUserSecret.SecretArn": "MasterUserSecret.SecretArn",
    },
    on_modify={"ApplyImmediately": True},
    on_delete={"SkipFinalSnapshot": True},
)
_CLUSTER = Declaration(
    "rds",
    "DBCluster",
    "DBClusterIdentifier",
    renamed={
        "PerformanceInsightsEnabled": "EnablePerformanceInsights",
        "PerformanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
    },
    inner={"MasterUserSecret": ("KmsKeyId", "MasterUserSecretKmsKeyId")},
    attributes={
        "DBClusterArn": "DBClusterArn",
        "DBClusterResourceId": "DbClusterResourceId",
        "Endpoint.Address": "Endpoint",
        "Endpoint.Port": "Port",
        "ReadEndpoint.Address": "ReaderEndpoint",
        "MasterUserSecret.SecretArn": "MasterUserSecret.SecretArn",
    },
    on_modify={"ApplyImmediately": True},
    on_delete={"SkipFinalSnapshot": True},
)


class ParameterGroup(Declared):
    """The parameters themselves are set by a second call, as CloudFormation does it."""

    def create(self, resource, p):
        name = super().create(resource, p)
        self._set(resource, name, p)
        return name

    def update(self, resource, p, changed):
        self._set(resource, resource.physical_id, p)
        return [c for c in changed if c != "Parameters"]

    def _set(self, resource, name, p):
        parameters = [
            {"ParameterName": k, "ParameterValue": str(v), "ApplyMethod": "pending-reboot"}
            for k, v in p.get("Parameters", {}).items()
        ]
        if parameters:
            self._call(
                resource, f"Modify{self._d.kind}", {self._d.id: name, "Parameters": parameters}
            )


class Instance(Declared):
    """A read replica is made by an operation of its own."""

    def create(self, resource, p):
        if "SourceDBInstanceIdentifier" not in p:
            return super().create(resource, p)
        return self._create(resource, p, "CreateDBInstanceReadReplica")


TYPES = {
    "AWS::RDS::DBCluster": _CLUSTER.as_type(),
    "AWS::RDS::DBClusterParameterGroup": _CLUSTER_PARAMETERS.as_type(ParameterGroup),
    "AWS::RDS::DBInstance": _INSTANCE.as_type(Instance),
    "AWS::RDS::DBParameterGroup": _PARAMETERS.as_type(ParameterGroup),
    "AWS::RDS::DBSubnetGroup": _SUBNET_GROUP.as_type(),
}
