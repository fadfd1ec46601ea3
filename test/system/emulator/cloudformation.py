"""CloudFormation's API on top of the engine, spoken through moto's protocol layer."""

import threading

from moto.cloudformation.utils import get_stack_from_s3_url
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from . import stackoutput
from .changeset import ChangeSet
from .engine import Engine
from .errors import AlreadyExists, ChangeSetNotFound, ValidationError, stack_missing
from .stack import Stack
from .template import Template

FINISHED = ("_COMPLETE", "_FAILED")


class Region:
    """The stacks of one region."""

    def __init__(self, account, name):
        self.account, self.name = account, name
        self.stacks = {}  # id → stack, deleted ones too: they can be described by id
        self.change_sets = {}

    def live_stack(self, name_or_id):
        for stack in self.stacks.values():
            if stack.id == name_or_id or (stack.name == name_or_id and stack.status != "DELETE_COMPLETE"):
                return stack
        return None

    def stack(self, name_or_id):
        found = self.live_stack(name_or_id)
        if found is None:
            raise stack_missing(name_or_id)
        return found

    def change_set(self, name_or_id, stack_name):
        for found in self.change_sets.values():
            if found.id == name_or_id or (
                found.name == name_or_id and stack_name in (found.stack.name, found.stack.id)
            ):
                return found
        raise ChangeSetNotFound(f"ChangeSet [{name_or_id}] does not exist")


class CloudFormation:
    def __init__(self, account, regions, registry, gaps, journal):
        self.account = account
        self.journal = journal
        self.regions = {name: Region(account, name) for name in regions}
        self.lock = threading.RLock()
        self.engine = Engine(registry, gaps, journal, self._read_output)

    def _read_output(self, stack, arguments):
        return stackoutput.read(self.regions, self.account, stack.region, arguments)

    def refuse(self, region, name, reason):
        self.journal.write("REFUSED", stack=name, region=region.name, reason=reason)
        raise ValidationError(reason)


class Service(BaseResponse):
    """One request. The emulator behind it is set by service_for()."""

    emulator: CloudFormation

    def __init__(self):
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    @property
    def _here(self):
        return self.emulator.regions[self.region]

    def create_change_set(self):
        with self.emulator.lock:
            name, kind = self._get_param("StackName"), self._get_param("ChangeSetType", "UPDATE")
            found = self._here.live_stack(name)
            if kind == "CREATE":
                if found is not None and found.status != "REVIEW_IN_PROGRESS":
                    raise ValidationError(f"Stack [{name}] already exists and cannot be created again")
                stack = found or self._new_stack(name)
            else:
                stack = self._here.stack(name)
                self._refuse_unless_updatable(stack)
            template = self._template(stack)
            stack.role_arn = self._get_param("RoleARN") or stack.role_arn
            given = self._given(stack, template)
            self.emulator.engine.parameters(stack, template, given)
            change_set = ChangeSet(
                stack, self._get_param("ChangeSetName"), kind, template, given, self._tags(), self._get_param("Description")
            )
            self._here.change_sets[change_set.id] = change_set
            return ActionResult({"Id": change_set.id, "StackId": stack.id})

    def describe_change_set(self):
        return ActionResult(self._change_set().describe())

    def delete_change_set(self):
        try:
            del self._here.change_sets[self._change_set().id]
        except ChangeSetNotFound:
            pass  # deleting what is not there succeeds in AWS
        return EmptyResult()

    def list_change_sets(self):
        stack = self._here.stack(self._get_param("StackName"))
        return ActionResult({"Summaries": [c.describe() for c in self._here.change_sets.values() if c.stack is stack]})

    def execute_change_set(self):
        with self.emulator.lock:
            change_set = self._change_set()
            if change_set.execution != "AVAILABLE":
                raise ValidationError(f"ChangeSet [{change_set.id}] cannot be executed in its current status")
            del self._here.change_sets[change_set.id]
            self.emulator.engine.apply(change_set.stack, change_set.template, change_set.given, change_set.tags)
            return EmptyResult()

    def create_stack(self):
        with self.emulator.lock:
            name = self._get_param("StackName")
            if self._here.live_stack(name):
                raise AlreadyExists(f"Stack [{name}] already exists")
            stack = Stack(self.emulator.account, self.region, name)
            template = self._template(stack)
            given = self._given(stack, template)
            self.emulator.engine.parameters(stack, template, given)
            self._here.stacks[stack.id] = stack
            stack.termination_protection = self._get_bool_param("EnableTerminationProtection", False)
            self.emulator.engine.apply(stack, template, given, self._tags())
            return ActionResult({"StackId": stack.id})

    def update_stack(self):
        with self.emulator.lock:
            stack = self._here.stack(self._get_param("StackName"))
            self._refuse_unless_updatable(stack)
            template = self._template(stack)
            given, tags = self._given(stack, template), self._tags() or stack.tags
            same = template.document == stack.template.document
            if same and given == stack.given and tags == stack.tags:
                raise ValidationError("No updates are to be performed.")
            self.emulator.engine.apply(stack, template, given, tags)
            return ActionResult({"StackId": stack.id})

    def delete_stack(self):
        with self.emulator.lock:
            stack = self._here.live_stack(self._get_param("StackName"))
            if stack is None or stack.status == "DELETE_COMPLETE":
                return EmptyResult()  # AWS: deleting a stack that is not there succeeds
            if stack.termination_protection:
                self.emulator.refuse(
                    self._here,
                    stack.name,
                    f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled",
                )
            self.emulator.engine.delete(stack)
            return EmptyResult()

    def update_termination_protection(self):
        stack = self._here.stack(self._get_param("StackName"))
        stack.termination_protection = self._get_bool_param("EnableTerminationProtection", False)
        return ActionResult({"StackId": stack.id})

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

    def set_stack_policy(self):
        self._stack().policy = self._get_param("StackPolicyBody")
        return EmptyResult()

    def get_stack_policy(self):
        return ActionResult({"StackPolicyBody": self._stack().policy})

    def _stack(self):
        return self._here.stack(self._get_param("StackName"))

    def _change_set(self):
        return self._here.change_set(self._get_param("ChangeSetName"), self._get_param("StackName"))

    def _new_stack(self, name):
        stack = Stack(self.emulator.account, self.region, name)
        self._here.stacks[stack.id] = stack
        stack.event("REVIEW_IN_PROGRESS", "User Initiated")
        return stack

    def _refuse_unless_updatable(self, stack):
        if not stack.status.endswith("_COMPLETE") or stack.status in ("ROLLBACK_COMPLETE", "DELETE_COMPLETE"):
            raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")

    def _template(self, stack):
        """The template of this request, checked; a refusal is journalled."""
        body, url = self._get_param("TemplateBody"), self._get_param("TemplateURL")
        if self._get_bool_param("UsePreviousTemplate", False):
            return stack.template
        if url:
            body = get_stack_from_s3_url(url, self.emulator.account, "aws")
        try:
            template = Template(body, self.region)
            template.check()
            return template
        except ValidationError as error:
            self.emulator.refuse(self._here, stack.name if stack else "(template)", error.message)

    def _given(self, stack, template):
        given = {}
        for p in self._get_param("Parameters", []):
            key = p["ParameterKey"]
            if p.get("UsePreviousValue") in (True, "true"):
                if key in stack.given:
                    given[key] = stack.given[key]
            else:
                given[key] = p.get("ParameterValue", "")
        return given

    def _tags(self):
        return {t["Key"]: t["Value"] for t in self._get_param("Tags", [])}

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
            "ResourceStatus": "CREATE_COMPLETE",
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }


def service_for(emulator):
    return type("Service", (Service,), {"emulator": emulator})
