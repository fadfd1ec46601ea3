"""CloudFormation's operations that only read."""

from moto.core.responses import ActionResult

from .errors import ValidationError


class Reading:
    def describe_stacks(self):
        name = self._get_param("StackName")
        if name:
            return ActionResult({"Stacks": [self._here.stack(name).describe()]})
        live = [s for s in self._here.stacks.values() if s.status != "DELETE_COMPLETE"]
        return ActionResult({"Stacks": [s.describe() for s in live]})

    def list_stacks(self):
        wanted = self._get_param("StackStatusFilter", [])
        stacks = [s for s in self._here.stacks.values() if not wanted or s.status in wanted]
        return ActionResult({"StackSummaries": [s.describe() for s in stacks]})

    def describe_stack_events(self):
        return ActionResult({"StackEvents": self._stack().events[::-1]})

    def describe_events(self):
        """The newer listing of an operation's events; the CDK asks it for early validation only."""
        return ActionResult({"OperationEvents": []})

    def describe_stack_resources(self):
        stack = self._stack()
        wanted = self._get_param("LogicalResourceId")
        found = [r for i, r in stack.resources.items() if wanted in (None, i)]
        return ActionResult({"StackResources": [self._resource(stack, r) for r in found]})

    def describe_stack_resource(self):
        stack, wanted = self._stack(), self._get_param("LogicalResourceId")
        if wanted not in stack.resources:
            raise ValidationError(f"Resource {wanted} does not exist for stack {stack.name}")
        return ActionResult({"StackResourceDetail": self._resource(stack, stack.resources[wanted])})

    def list_stack_resources(self):
        stack = self._stack()
        return ActionResult({"StackResourceSummaries": [self._resource(stack, r) for r in stack.resources.values()]})

    def get_template(self):
        stack = self._stack()
        return ActionResult({"TemplateBody": stack.template.body if stack.template else "{}"})

    def get_template_summary(self):
        name = self._get_param("StackName")
        template = self._here.stack(name).template if name else self._template(None)
        parameters = [
            {"ParameterKey": k, "ParameterType": v.get("Type"), "DefaultValue": v.get("Default")}
            for k, v in (template.parameters if template else {}).items()
        ]
        types = sorted({r["Type"] for r in template.resources.values()}) if template else []
        return ActionResult({"Parameters": parameters, "ResourceTypes": types})

    def validate_template(self):
        template = self._template(None)
        return ActionResult({"Parameters": [{"ParameterKey": k} for k in template.parameters]})

    def get_stack_policy(self):
        return ActionResult({"StackPolicyBody": self._stack().policy})

    def _resource(self, stack, resource):
        return {
            "StackName": stack.name,
            "StackId": stack.id,
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.physical_id,
            "ResourceType": resource.type,
            "LastUpdatedTimestamp": stack.updated or stack.created,
            "LastUpdateTimestamp": stack.updated or stack.created,
            "Timestamp": stack.updated or stack.created,
            "ResourceStatus": resource.status,
            "ResourceStatusReason": resource.status_reason,
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
