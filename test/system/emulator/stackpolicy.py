"""Stack policies: which updates of which resources a stack allows.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html:
without a policy everything is allowed; with one, what no statement allows is denied,
and a Deny overrides every Allow. A policy is heard during updates only.
"""

import fnmatch
import json

from .errors import ResourceFailed, ValidationError

ACTIONS = ("Update:Modify", "Update:Replace", "Update:Delete", "Update:*")


def checked(body):
    """The policy's text, once it is known to be one."""
    try:
        statements = json.loads(body)["Statement"]
    except (TypeError, KeyError, ValueError) as error:
        raise ValidationError(f"Error validating stack policy: Invalid stack policy ({error})") from error
    for statement in statements:
        unknown = [a for a in _list(statement.get("Action", [])) if a not in ACTIONS]
        if unknown:
            raise ValidationError(f"Error validating stack policy: Unknown policy action {unknown}")
        if statement.get("Effect") not in ("Allow", "Deny") or "Principal" not in statement:
            raise ValidationError("Error validating stack policy: Effect and Principal are required")
    return body


def check(body, action, resource):
    """Fails the resource when the policy denies the action, in CloudFormation's words."""
    if not body:
        return
    allowed = False
    for number, statement in enumerate(json.loads(body)["Statement"]):
        if not _applies(statement, action, resource):
            continue
        if statement["Effect"] == "Deny":
            raise _denied(number + 1, action, resource)
        allowed = True
    if not allowed:
        raise _denied(0, action, resource)


def _applies(statement, action, resource):
    if not any(a in ("Update:*", action) for a in _list(statement.get("Action", []))):
        return False
    name = f"LogicalResourceId/{resource.logical_id}"
    if "NotResource" in statement:
        if _matches(name, statement["NotResource"]):
            return False
    elif not _matches(name, statement.get("Resource", [])):
        return False
    return all(
        _matches(resource.type, condition.get("ResourceType", []))
        for operator, condition in statement.get("Condition", {}).items()
        if operator in ("StringEquals", "StringLike")
    )


def _matches(text, patterns):
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in _list(patterns))


def _list(value):
    return value if isinstance(value, list) else [value]


def _denied(number, action, resource):
    return ResourceFailed(
        f"Action denied by stack policy: Statement [#{number}] does not allow [{action}] "
        f"for resource [LogicalResourceId/{resource.logical_id}]"
    )
