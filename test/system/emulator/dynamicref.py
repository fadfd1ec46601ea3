"""Dynamic references ({{resolve:…}}) and SSM parameters: what they name must exist."""

import json
import re

from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from .errors import ResourceFailed, ValidationError

DYNAMIC = re.compile(r"\{\{resolve:([a-z-]+):(.+?)\}\}")


def check(account, region, service, reference):
    """Fails the resource when a dynamic reference points at nothing."""
    _value(account, region, service, reference)


def reveal(account, region, value):
    """The value with its dynamic references replaced: what the service gets to see."""
    if isinstance(value, dict):
        return {k: reveal(account, region, v) for k, v in value.items()}
    if isinstance(value, list):
        return [reveal(account, region, v) for v in value]
    if isinstance(value, str):
        return DYNAMIC.sub(lambda m: _value(account, region, m[1], m[2]), value)
    return value


def ssm_parameter(account, region, name, parameter_type):
    """The value of a template parameter of type AWS::SSM::Parameter::Value<…>."""
    found = ssm_backends[account][region].get_parameter(name)
    if found is None:
        raise ValidationError(f"Unable to fetch parameters [{name}] from parameter store for this account.")
    is_list = "List" in parameter_type.removeprefix("AWS::SSM::Parameter::")
    return found.value.split(",") if is_list else found.value


def _value(account, region, service, reference):
    if service in ("ssm", "ssm-secure"):
        name = reference.split(":", 1)[0]
        found = ssm_backends[account][region].get_parameter(name)
        if found is None:
            raise ResourceFailed(f"Could not find a value associated with SSM parameter {name}")
        return found.value
    if service == "secretsmanager":
        return _secret(account, region, reference)
    raise ResourceFailed(f"Dynamic reference to {service} is not emulated: {reference}")


def _secret(account, region, reference):
    # ARN:SecretString:key:stage:version, where an ARN has six colons of its own.
    parts = reference.split(":")
    width = 7 if parts[0] == "arn" else 1
    secret_id, rest = ":".join(parts[:width]), parts[width:] + [""] * 4
    if secret_id.startswith("arn:"):
        region = secret_id.split(":")[3]
    try:
        found = secretsmanager_backends[account][region].get_secret_value(secret_id, "", rest[2] or "")
    except Exception as error:
        raise ResourceFailed(f"Secrets Manager can't find the specified secret {secret_id}: {error}") from error
    if not rest[1]:
        return found["SecretString"]
    try:
        return str(json.loads(found["SecretString"])[rest[1]])
    except (ValueError, KeyError) as error:
        raise ResourceFailed(f"Could not find a value for key {rest[1]} in secret {secret_id}") from error
