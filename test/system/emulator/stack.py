"""A stack: what CloudFormation remembers between operations."""

import uuid
from datetime import datetime, timezone

STACK_TYPE = "AWS::CloudFormation::Stack"


class Stack:
    def __init__(self, account, region, name):
        self.account, self.region, self.name = account, region, name
        self.id = f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}"
        self.status, self.reason = "REVIEW_IN_PROGRESS", None
        self.template = None
        self.given = {}  # parameters as given by the caller, before SSM lookups
        self.parameters = {}
        self.tags = {}
        self.resources = {}
        self.outputs = []
        self.events = []
        self.termination_protection = False
        self.role_arn = None
        self.policy = None
        self.policy_during_update = None  # in place of policy, for one update
        self.rollback = None  # what is still to be undone, after a failure
        self.created = datetime.now(timezone.utc)
        self.updated = self.deleted = None

    def event(self, status, reason=None, resource=None):
        if resource is not None:
            resource.status, resource.status_reason = status, reason
        self.events.append(
            {
                "StackId": self.id,
                "EventId": str(uuid.uuid4()),
                "StackName": self.name,
                "LogicalResourceId": resource.logical_id if resource else self.name,
                "PhysicalResourceId": (resource.physical_id or "") if resource else self.id,
                "ResourceType": resource.type if resource else STACK_TYPE,
                "Timestamp": datetime.now(timezone.utc),
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
            }
        )

    def set_status(self, status, reason=None):
        self.status, self.reason = status, reason
        self.deleted = datetime.now(timezone.utc) if status == "DELETE_COMPLETE" else None
        self.event(status, reason)

    def describe(self):
        return {
            "StackId": self.id,
            "StackName": self.name,
            "Description": self.template.description if self.template else None,
            "Parameters": [{"ParameterKey": k, "ParameterValue": _shown(v)} for k, v in self.given.items()],
            "CreationTime": self.created,
            "LastUpdatedTime": self.updated,
            "DeletionTime": self.deleted,
            "StackStatus": self.status,
            "StackStatusReason": self.reason,
            "DisableRollback": False,
            "Outputs": self.outputs,
            "RoleARN": self.role_arn,
            "Tags": [{"Key": k, "Value": v} for k, v in self.tags.items()],
            "EnableTerminationProtection": self.termination_protection,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            "NotificationARNs": [],
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        }


def _shown(value):
    return ",".join(value) if isinstance(value, list) else str(value)
