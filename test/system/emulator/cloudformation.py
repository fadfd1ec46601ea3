"""CloudFormation's API on top of the engine, spoken through moto's protocol layer."""

import threading

from moto.cloudformation.utils import get_stack_from_s3_url
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from . import stackoutput, stackpolicy
from .changeset import ChangeSet
from .cloudformation_read import Reading
from .engine import Engine
from .errors import AlreadyExists, ChangeSetNotFound, ValidationError, stack_missing
from .stack import Stack
from .template import Template

# The statuses a stack can be updated in; the second line only without roll-back.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
UPDATABLE_AS_IT_IS = ("CREATE_FAILED", "UPDATE_FAILED")


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


class Service(Reading, BaseResponse):
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
                self._refuse_unless_updatable(stack, UPDATABLE + UPDATABLE_AS_IT_IS)
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
            stack, alone = change_set.stack, self._get_bool_param("DisableRollback", False)
            if change_set.kind == "UPDATE":
                self._refuse_unless_updatable(stack, UPDATABLE + UPDATABLE_AS_IT_IS if alone else UPDATABLE)
            elif stack.status != "REVIEW_IN_PROGRESS":
                raise ValidationError(f"ChangeSet [{change_set.id}] cannot be executed in its current status")
            self._forget_change_sets(stack)  # AWS deletes every other one of the stack, too
            self.emulator.engine.apply(stack, change_set.template, change_set.given, change_set.tags, alone)
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
            stack.policy = self._policy("StackPolicyBody")
            self.emulator.engine.apply(stack, template, given, self._tags(), self._get_bool_param("DisableRollback", False))
            return ActionResult({"StackId": stack.id})

    def update_stack(self):
        with self.emulator.lock:
            stack = self._here.stack(self._get_param("StackName"))
            alone = self._get_bool_param("DisableRollback", False)
            self._refuse_unless_updatable(stack, UPDATABLE + UPDATABLE_AS_IT_IS if alone else UPDATABLE)
            template = self._template(stack)
            given, tags = self._given(stack, template), self._tags() or stack.tags
            same = template.document == stack.template.document
            if same and given == stack.given and tags == stack.tags and stack.status in UPDATABLE:
                raise ValidationError("No updates are to be performed.")
            stack.policy_during_update = self._policy("StackPolicyDuringUpdateBody")
            self.emulator.engine.apply(stack, template, given, tags, alone)
            stack.policy_during_update = None
            return ActionResult({"StackId": stack.id})

    def continue_update_rollback(self):
        with self.emulator.lock:
            stack = self._stack()
            if stack.status != "UPDATE_ROLLBACK_FAILED":
                raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not continue to roll back.")
            stack.rollback.run(skip=self._get_param("ResourcesToSkip", []))
            return EmptyResult()

    def rollback_stack(self):
        """From CREATE_FAILED or UPDATE_FAILED only; a stack that never was complete is deleted.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html"""
        with self.emulator.lock:
            stack = self._stack()
            if stack.status not in UPDATABLE_AS_IT_IS:
                raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be rolled back.")
            never_complete = stack.status == "CREATE_FAILED"
            stack.rollback.run(retain_on_create=self._get_bool_param("RetainExceptOnCreate", False))
            if never_complete and stack.status == "ROLLBACK_COMPLETE":
                self.emulator.engine.delete(stack)
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
            retain = self._get_param("RetainResources", [])
            if retain and stack.status != "DELETE_FAILED":
                raise ValidationError(
                    f"Invalid operation on stack [{stack.id}]. Specify which resources to retain only when "
                    "the stack is in the DELETE_FAILED state."
                )
            self._forget_change_sets(stack)
            self.emulator.engine.delete(stack, retain)
            return EmptyResult()

    def update_termination_protection(self):
        stack = self._here.stack(self._get_param("StackName"))
        stack.termination_protection = self._get_bool_param("EnableTerminationProtection", False)
        return ActionResult({"StackId": stack.id})

    def set_stack_policy(self):
        self._stack().policy = self._policy("StackPolicyBody")
        return EmptyResult()

    def _policy(self, parameter):
        body = self._get_param(parameter)
        return stackpolicy.checked(body) if body else None

    def _stack(self):
        return self._here.stack(self._get_param("StackName"))

    def _change_set(self):
        return self._here.change_set(self._get_param("ChangeSetName"), self._get_param("StackName"))

    def _new_stack(self, name):
        stack = Stack(self.emulator.account, self.region, name)
        self._here.stacks[stack.id] = stack
        stack.event("REVIEW_IN_PROGRESS", "User Initiated")
        return stack

    def _refuse_unless_updatable(self, stack, statuses):
        if stack.status not in statuses:
            self.emulator.refuse(
                self._here, stack.name, f"Stack:{stack.id} is in {stack.status} state and can not be updated."
            )

    def _forget_change_sets(self, stack):
        change_sets = self._here.change_sets
        self._here.change_sets = {i: c for i, c in change_sets.items() if c.stack is not stack}

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


def service_for(emulator):
    return type("Service", (Service,), {"emulator": emulator})
