"""Repairs to moto: places where it answers wrongly rather than incompletely."""

from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.rds.models import RDSBackend


def apply():
    _conditional_statements()
    _subnet_groups()


def _conditional_statements():
    """moto takes a bucket policy statement with a Condition as if the condition were met.

    'Deny everything without TLS' then denies everything. A statement that cannot be
    judged has no say; the gap is journalled where such a policy is put.
    """
    judged = IAMPolicyStatement.is_action_permitted

    def is_action_permitted(self, action, resource="*", principal=None, incoming_condition_values=None):
        if self._statement.get("Condition") and incoming_condition_values is None:
            return PermissionResult.NEUTRAL
        return judged(self, action, resource, principal, incoming_condition_values)

    IAMPolicyStatement.is_action_permitted = is_action_permitted


def _subnet_groups():
    """moto forgets a DB subnet group that is modified."""
    modify = RDSBackend.modify_db_subnet_group

    def modify_db_subnet_group(self, subnet_name, *arguments, **named):
        group = modify(self, subnet_name, *arguments, **named)
        self.subnet_groups[subnet_name] = group
        return group

    RDSBackend.modify_db_subnet_group = modify_db_subnet_group
