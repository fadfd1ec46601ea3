"""A change set: a template and parameters waiting to be applied, and what they would change."""

import uuid
from datetime import datetime, timezone


class ChangeSet:
    def __init__(self, stack, name, kind, template, given, tags, description):
        self.stack, self.name, self.kind = stack, name, kind
        self.template, self.given, self.tags, self.description = template, given, tags, description
        self.id = f"arn:aws:cloudformation:{stack.region}:{stack.account}:changeSet/{name}/{uuid.uuid4()}"
        self.created = datetime.now(timezone.utc)
        self.changes = self._changes()
        same = kind == "UPDATE" and not self.changes and self._rest_is_same() and not stack.status.endswith("_FAILED")
        self.status = "FAILED" if same else "CREATE_COMPLETE"
        self.reason = "The submitted information didn't contain changes." if same else None
        self.execution = "UNAVAILABLE" if same else "AVAILABLE"

    def _rest_is_same(self):
        old = self.stack.template
        return (
            old is not None
            and old.outputs == self.template.outputs
            and self.given == self.stack.given
            and self.tags == self.stack.tags
        )

    def _changes(self):
        """By template text, as far as can be known before references are resolved."""
        old = self.stack.template.resources if self.stack.template else {}
        new = self.template.resources
        moved = self.given != self.stack.given or self.tags != self.stack.tags
        changes = [("Add", i, new[i]) for i in new if i not in old]
        changes += [("Modify", i, new[i]) for i in new if i in old and (moved or new[i] != old[i])]
        changes += [("Remove", i, old[i]) for i in old if i not in new]
        return [
            {
                "Type": "Resource",
                "ResourceChange": {
                    "Action": action,
                    "LogicalResourceId": logical_id,
                    "ResourceType": entry["Type"],
                    "Scope": [],
                    "Details": [],
                },
            }
            for action, logical_id, entry in changes
        ]

    def describe(self):
        return {
            "ChangeSetName": self.name,
            "ChangeSetId": self.id,
            "StackId": self.stack.id,
            "StackName": self.stack.name,
            "Description": self.description,
            "Parameters": [{"ParameterKey": k, "ParameterValue": str(v)} for k, v in self.given.items()],
            "CreationTime": self.created,
            "ExecutionStatus": self.execution,
            "Status": self.status,
            "StatusReason": self.reason,
            "Tags": [{"Key": k, "Value": v} for k, v in self.tags.items()],
            "Changes": self.changes,
        }
