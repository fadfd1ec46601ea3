"""API resources of the smaller services: secrets, certificates, policies, alarms."""

import json

from .api import Api


class Secret(Api):
    def create(self, resource, p):
        client = self._client("secretsmanager", resource)
        name = p.get("Name") or f"{resource.logical_id}-{resource.handle[:12]}"
        arguments = {"Name": name, "Tags": p.get("Tags", [])}
        if "KmsKeyId" in p:
            arguments["KmsKeyId"] = p["KmsKeyId"]
        if "Description" in p:
            arguments["Description"] = p["Description"]
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


class Parameter(Api):
    """An SSM parameter; Tags go only with the call that makes it."""

    def create(self, resource, p):
        name = p.get("Name") or f"CFN-{resource.logical_id}-{resource.handle[:12]}"
        tags = [{"Key": k, "Value": str(v)} for k, v in p.get("Tags", {}).items()]
        self._put(resource, name, p, Tags=tags)
        return name

    def update(self, resource, p, changed):
        self._put(resource, resource.physical_id, p, Overwrite=True)
        return [c for c in changed if c == "Tags"]

    def delete(self, resource):
        self._client("ssm", resource).delete_parameter(Name=resource.physical_id)

    def attribute(self, resource, name):
        return resource.properties.get(name)

    def _put(self, resource, name, p, **more):
        kept = {k: p[k] for k in ("AllowedPattern", "DataType", "Description", "Policies", "Tier") if k in p}
        self._client("ssm", resource).put_parameter(
            Name=name, Value=p["Value"], Type=p["Type"], **kept, **{k: v for k, v in more.items() if v}
        )


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
    "AWS::SSM::Parameter": Parameter,
    "AWS::SecretsManager::Secret": Secret,
}
