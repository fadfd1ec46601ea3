"""Repairs to moto: places where it answers wrongly rather than incompletely."""

import json

from moto.cloudtrail.responses import CloudTrailResponse
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer, elbv2_backends
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.rds.models import RDSBackend


def apply():
    _conditional_statements()
    _network_load_balancers()
    _subnet_groups()
    _protected_load_balancers()
    _trail_lookups()


def _trail_lookups():
    """moto has no LookupEvents. The CDK CLI asks for it after a failed deployment, to say which call was
    denied; events take minutes to appear in AWS, so an empty answer is what it mostly gets there as well.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html"""
    CloudTrailResponse.lookup_events = lambda self: json.dumps({"Events": []})


def _protected_load_balancers():
    """moto deletes a load balancer whatever its deletion_protection.enabled says.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html"""
    delete = ELBv2Backend.delete_load_balancer

    def delete_load_balancer(self, arn):
        found = self.load_balancers.get(arn)
        if found is not None and found.attrs.get("deletion_protection.enabled") == "true":
            reason = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            raise ELBClientError("OperationNotPermitted", reason)
        delete(self, arn)

    ELBv2Backend.delete_load_balancer = delete_load_balancer


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


def _network_load_balancers():
    """moto makes an application load balancer whatever a template says."""

    def create(cls, name, document, account, region, **_):
        p = document["Properties"]
        return elbv2_backends[account][region].create_load_balancer(
            name,
            p.get("SecurityGroups"),
            p.get("Subnets"),
            scheme=p.get("Scheme", "internet-facing"),
            loadbalancer_type=p.get("Type", "application"),
        )

    FakeLoadBalancer.create_from_cloudformation_json = classmethod(create)
