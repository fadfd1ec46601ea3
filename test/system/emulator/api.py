"""API resources: the service is emulated, but moto has no CloudFormation model for the type.

They are created through the service's API, so they can be described, resolved and found
again there after their stack is gone.
"""

import json

from . import dynamicref
from .errors import ResourceFailed
from .generic import made_up


class Api:
    """How one type lives in its service; subclasses fill in what the type needs."""

    def __init__(self, client):
        self._client = client

    def create(self, resource, p):
        """Creates it and returns the physical id."""
        raise NotImplementedError

    def update(self, resource, p, changed):
        """Carries changes into the service; returns the property names it left out."""
        return changed

    def delete(self, resource):
        raise NotImplementedError

    def attribute(self, resource, name):
        return None


class Secret(Api):
    def create(self, resource, p):
        client = self._client("secretsmanager", resource)
        name = p.get("Name") or f"{resource.logical_id}-{resource.handle[:12]}"
        arguments = {"Name": name, "Tags": p.get("Tags", [])}
        if "KmsKeyId" in p:
            arguments["KmsKeyId"] = p["KmsKeyId"]
        return client.create_secret(SecretString=self._content(client, p), **arguments)["ARN"]

    def delete(self, resource):
        self._client("secretsmanager", resource).delete_secret(SecretId=resource.physical_id)

    def attribute(self, resource, name):
        return resource.physical_id if name == "Id" else None

    def _content(self, client, p):
        generate = p.get("GenerateSecretString")
        if generate is None:
            return p.get("SecretString", "")
        arguments = {k: v for k, v in generate.items() if k not in ("SecretStringTemplate", "GenerateStringKey")}
        arguments = {k: _plain(v) for k, v in arguments.items()}
        password = client.get_random_password(**arguments)["RandomPassword"]
        if "GenerateStringKey" not in generate:
            return password
        document = json.loads(generate.get("SecretStringTemplate", "{}"))
        return json.dumps({**document, generate["GenerateStringKey"]: password})


class Certificate(Api):
    """Issued at once; nobody checks the DNS records that would prove the domain."""

    def create(self, resource, p):
        client = self._client("acm", resource)
        arguments = {"DomainName": p["DomainName"], "ValidationMethod": p.get("ValidationMethod", "EMAIL")}
        if p.get("SubjectAlternativeNames"):
            arguments["SubjectAlternativeNames"] = p["SubjectAlternativeNames"]
        return client.request_certificate(**arguments)["CertificateArn"]

    def delete(self, resource):
        self._client("acm", resource).delete_certificate(CertificateArn=resource.physical_id)


class BucketPolicy(Api):
    def create(self, resource, p):
        self._put(resource, p)
        return p["Bucket"]

    def update(self, resource, p, changed):
        self._put(resource, p)
        return []

    def delete(self, resource):
        self._client("s3", resource).delete_bucket_policy(Bucket=resource.physical_id)

    def _put(self, resource, p):
        self._client("s3", resource).put_bucket_policy(Bucket=p["Bucket"], Policy=json.dumps(p["PolicyDocument"]))


class QueuePolicy(Api):
    def create(self, resource, p):
        self._put(resource, p)
        return f"{resource.stack_name}-{resource.logical_id}-{resource.handle[:12]}"

    def update(self, resource, p, changed):
        self._put(resource, p)
        return []

    def delete(self, resource):
        for url in resource.properties["Queues"]:
            self._client("sqs", resource).set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})

    def _put(self, resource, p):
        for url in p["Queues"]:
            policy = {"Policy": json.dumps(p["PolicyDocument"])}
            self._client("sqs", resource).set_queue_attributes(QueueUrl=url, Attributes=policy)


class Alarm(Api):
    _KEPT = (
        "ActionsEnabled AlarmActions AlarmDescription ComparisonOperator DatapointsToAlarm Dimensions "
        "EvaluationPeriods ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace OKActions "
        "Period Statistic Threshold TreatMissingData Unit"
    ).split()

    def create(self, resource, p):
        name = p.get("AlarmName") or f"{resource.stack_name}-{resource.logical_id}-{resource.handle[:12]}"
        self._put(resource, name, p)
        return name

    def update(self, resource, p, changed):
        self._put(resource, resource.physical_id, p)
        return [c for c in changed if c not in self._KEPT]

    def delete(self, resource):
        self._client("cloudwatch", resource).delete_alarms(AlarmNames=[resource.physical_id])

    def attribute(self, resource, name):
        if name == "Arn":
            return f"arn:aws:cloudwatch:{resource.region}:{resource.account}:alarm:{resource.physical_id}"
        return None

    def _put(self, resource, name, p):
        arguments = {k: p[k] for k in self._KEPT if k in p}
        self._client("cloudwatch", resource).put_metric_alarm(AlarmName=name, **arguments)


class ApiProvider:
    name = "api"

    def __init__(self, gaps, clients, types):
        self._gaps = gaps
        self._types = {
            name: api(lambda service, resource: clients.get(service, resource.region)) for name, api in types.items()
        }

    def knows(self, type_name):
        return type_name in self._types

    def create(self, resource):
        from uuid import uuid4

        resource.handle = uuid4().hex
        with _service_errors():
            resource.physical_id = self._types[resource.type].create(resource, self._shown(resource))

    def update(self, resource, old, changed):
        with _service_errors():
            left = self._types[resource.type].update(resource, self._shown(resource), changed)
        for name in left:
            self._gaps.report("update", resource, f"{resource.type}.{name}", "recorded, not carried into the service")

    def delete(self, resource):
        with _service_errors():
            self._types[resource.type].delete(resource)

    def attribute(self, resource, name):
        value = self._types[resource.type].attribute(resource, name)
        if value is None:
            self._gaps.report("attribute", resource, f"{resource.type}.{name}", "made up; the service has no value")
            value = made_up(resource, name)
        return value

    def _shown(self, resource):
        return dynamicref.reveal(resource.account, resource.region, resource.properties)


class _service_errors:
    """Turns whatever a service or boto3's parameter check raises into a failed resource."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and not isinstance(error, ResourceFailed):
            raise ResourceFailed(f"{type(error).__name__}: {error}") from error
        return False


def _plain(value):
    """A property as the API wants it: CloudFormation also takes 'true' and '32' for true and 32."""
    if value in ("true", "false"):
        return value == "true"
    return int(value) if isinstance(value, str) and value.isdigit() else value


TYPES = {
    "AWS::CertificateManager::Certificate": Certificate,
    "AWS::CloudWatch::Alarm": Alarm,
    "AWS::S3::BucketPolicy": BucketPolicy,
    "AWS::SQS::QueuePolicy": QueuePolicy,
    "AWS::SecretsManager::Secret": Secret,
}
