"""Applying a template to a stack: create, update, roll back, clean up, delete.

    apply:  in dependency order, create what is new, update what changed, replace what
            must be replaced; then outputs; then delete what is no longer wanted
    fail:   undo what was done (rollback.py)
    delete: in reverse dependency order, keeping what DeletionPolicy says to keep
"""

import json
from datetime import datetime, timezone

from . import stackpolicy
from .dynamicref import ssm_parameter
from .errors import ResourceFailed, ValidationError
from .intrinsics import Scope
from .resources import Resource
from .rollback import Rollback, Snapshot
from .template import NO_RESOURCE

POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")


class Engine:
    def __init__(self, registry, gaps, journal, read_output):
        self._registry = registry
        self._gaps = gaps
        self._journal = journal
        self._read_output = read_output

    def apply(self, stack, template, given, tags, disable_rollback=False):
        """Applies a template; the stack's status says how it went."""
        verb = "CREATE" if not stack.resources and stack.status == "REVIEW_IN_PROGRESS" else "UPDATE"
        self.status(stack, f"{verb}_IN_PROGRESS", "User Initiated")
        before, work = Snapshot(stack), _Work(stack)
        if verb == "CREATE":
            stack.template, stack.given = template, given
        try:
            stack.tags = tags
            parameters = self.parameters(stack, template, given)
            scope = Scope(stack, template, parameters, lambda a: self._read_output(stack, a))
            self._converge(stack, template, scope, work)
            stack.outputs = self._outputs(template, scope)
        except (ResourceFailed, ValidationError) as error:
            self._fail(stack, verb, work, before, str(error), disable_rollback)
            return
        except Exception as error:  # a crash in the emulator or in moto is a failure, never a success
            reason = f"internal failure, {type(error).__name__}: {error}"
            self._fail(stack, verb, work, before, reason, disable_rollback)
            return
        stack.template, stack.given, stack.parameters = template, given, parameters
        stack.updated = datetime.now(timezone.utc) if verb == "UPDATE" else None
        self._clean_up(stack, work)
        self.status(stack, f"{verb}_COMPLETE")

    def _fail(self, stack, verb, work, before, reason, disable_rollback):
        self._journal.write("FAILED", stack=stack.name, region=stack.region, type="stack", reason=reason)
        stack.rollback = Rollback(self, stack, verb, work, before, reason)
        if disable_rollback:
            self.status(stack, f"{verb}_FAILED", reason)
        else:
            stack.rollback.run()

    def delete(self, stack, retain=()):
        """Deletes a stack. RetainExceptOnCreate keeps as Retain does: only the roll-back of the
        operation that made a resource disregards it."""
        self._registry.notice_gone()
        self.status(stack, "DELETE_IN_PROGRESS", "User Initiated")
        resources = [stack.resources[i] for i in reversed(self._order(stack))]

        def policy(resource):
            return "Retain" if resource.logical_id in retain else resource.policies.get("DeletionPolicy")

        left = self.remove_all(stack, resources, policy)
        stack.resources = {i: r for i, r in stack.resources.items() if r in left}
        failures = [r.logical_id for r in left if r.status == "DELETE_FAILED"]
        if failures:
            names = ", ".join(failures)
            self.status(stack, "DELETE_FAILED", f"The following resource(s) failed to delete: [{names}]. ")
        else:
            stack.rollback = None
            self.status(stack, "DELETE_COMPLETE")

    def remove_all(self, stack, resources, policy):
        """Removes resources in the order given, and returns those that are left: what failed,
        and what that depends on, which CloudFormation does not touch while it is there."""
        self._registry.notice_gone()
        left, needed = [], set()
        for resource in resources:
            if resource.logical_id in needed:
                left.append(resource)
            else:
                try:
                    self._let_go(stack, resource, policy(resource))
                    continue
                except ResourceFailed as error:
                    left.append(resource)
                    self.failed(stack, resource, "DELETE_FAILED", str(error))
            needed |= self._dependencies(stack, resource)
        return left

    def _dependencies(self, stack, resource):
        known = stack.template is not None and resource.logical_id in stack.template.resources
        return stack.template.dependencies(resource.logical_id) if known else set()

    def put_back(self, resource, properties):
        self._registry.update(resource, properties, "rollback")

    def abandon(self, resource):
        self._registry.abandon(resource)

    def parameters(self, stack, template, given):
        unknown = set(given) - set(template.parameters)
        if unknown:
            raise ValidationError(f"Parameters: {sorted(unknown)} do not exist in the template")
        resolved = {}
        for name, slot in template.parameters.items():
            value = given.get(name, slot.get("Default"))
            if value is None:
                raise ValidationError(f"Parameters: [{name}] must have values")
            kind = slot.get("Type", "String")
            if "AllowedValues" in slot and value not in [str(v) for v in slot["AllowedValues"]]:
                raise ValidationError(f"Parameter '{name}' must be one of AllowedValues")
            if kind.startswith("AWS::SSM::Parameter::Value"):
                value = ssm_parameter(stack.account, stack.region, value, kind)
            elif kind == "CommaDelimitedList" or kind.startswith("List<"):
                value = [v.strip() for v in str(value).split(",")] if value != "" else []
            resolved[name] = value
        return resolved

    def _converge(self, stack, template, scope, work):
        for logical_id in template.order():
            entry = template.resources[logical_id]
            if entry["Type"] in NO_RESOURCE or not scope.active(entry):
                continue
            properties = scope.resolve(entry.get("Properties", {}))
            policies = {k: entry[k] for k in POLICIES if k in entry}
            existing = stack.resources.get(logical_id)
            changes = existing is not None and existing.properties != properties
            if existing is not None and existing.status == "CREATE_FAILED":  # left by a creation without roll-back
                self._let_go(stack, stack.resources.pop(logical_id), None)
                existing = None
            if existing is None:
                resource = Resource(stack, logical_id, entry["Type"], properties, policies)
                self._create(stack, resource, work)
            else:
                resource = self._change(stack, existing, entry["Type"], properties, policies, work)
            scope.resources[logical_id] = resource
            self._pretended(resource, entry, created=existing is None, changed=changes)
        work.unwanted = [r for i, r in stack.resources.items() if i not in scope.resources]
        for resource in work.unwanted:
            self._allowed(stack, "Update:Delete", resource)

    def _allowed(self, stack, action, resource):
        try:
            stackpolicy.check(stack.policy_during_update or stack.policy, action, resource)
        except ResourceFailed as error:
            self.failed(stack, resource, "UPDATE_FAILED", str(error))
            raise ResourceFailed(f"{resource.logical_id}: {error}") from error

    def _create(self, stack, resource, work):
        stack.event("CREATE_IN_PROGRESS", resource=resource)
        try:
            self._registry.create(resource)
        except ResourceFailed as error:
            if resource.physical_id:  # it is there, and did not become what it should
                work.created.append(resource)
                stack.resources[resource.logical_id] = resource
            self.failed(stack, resource, "CREATE_FAILED", str(error))
            raise ResourceFailed(f"{resource.logical_id}: {error}") from error
        work.created.append(resource)
        stack.resources[resource.logical_id] = resource
        stack.event("CREATE_COMPLETE", resource=resource)

    def _change(self, stack, existing, type_name, properties, policies, work):
        if existing.type != type_name:
            raise ResourceFailed(
                f"Update of resource type is not permitted: {existing.logical_id} is {existing.type}, not {type_name}"
            )
        old_policies, existing.policies = existing.policies, policies
        work.policies.append((existing, old_policies))
        if properties == existing.properties:
            return existing
        replaced_by = existing.schema.replaced_by(existing.properties, properties)
        self._allowed(stack, "Update:Replace" if replaced_by else "Update:Modify", existing)
        if replaced_by:
            return self._replace(stack, existing, properties, policies, replaced_by, work)
        stack.event("UPDATE_IN_PROGRESS", resource=existing)
        old = existing.properties
        try:
            self._registry.update(existing, properties)
        except ResourceFailed as error:
            if existing.properties != old:  # half done: the roll-back has to undo it
                work.updated.append((existing, old))
            self.failed(stack, existing, "UPDATE_FAILED", str(error))
            raise ResourceFailed(f"{existing.logical_id}: {error}") from error
        work.updated.append((existing, old))
        stack.event("UPDATE_COMPLETE", resource=existing)
        return existing

    def _replace(self, stack, existing, properties, policies, replaced_by, work):
        self._journal.write(
            "REPLACEMENT",
            stack=stack.name,
            region=stack.region,
            logicalId=existing.logical_id,
            type=existing.type,
            physicalId=existing.physical_id,
            properties=replaced_by,
            policy=policies.get("UpdateReplacePolicy", "Delete"),
        )
        stack.event(
            "UPDATE_IN_PROGRESS",
            "Requested update requires the creation of a new physical resource; hence creating one.",
            existing,
        )
        resource = Resource(stack, existing.logical_id, existing.type, properties, policies)
        work.replaced.append(existing)
        self._create(stack, resource, work)
        return resource

    def _outputs(self, template, scope):
        outputs = []
        for key, entry in template.outputs.items():
            if not scope.active(entry):
                continue
            value = scope.resolve(entry["Value"])
            if isinstance(value, (dict, list)):
                raise ValidationError(f"Template format error: Output {key} is malformed: its value must be a string")
            outputs.append({"OutputKey": key, "OutputValue": str(value), "Description": entry.get("Description")})
        return outputs

    def _clean_up(self, stack, work):
        """Deletes what was replaced or removed; as in AWS, a failure here leaves it behind."""
        gone = {r.logical_id for r in work.unwanted}
        for resource in reversed(work.replaced):
            self._leave(stack, resource, resource.policies.get("UpdateReplacePolicy"))
        for logical_id in reversed(self._order(stack, work.before_template)):
            if logical_id in gone:
                resource = stack.resources.pop(logical_id)
                self._leave(stack, resource, resource.policies.get("DeletionPolicy"))

    def _leave(self, stack, resource, policy):
        try:
            self._let_go(stack, resource, policy)
        except ResourceFailed as error:
            self.failed(stack, resource, "DELETE_FAILED", str(error))
            self.abandon(resource)

    def _let_go(self, stack, resource, policy):
        if policy in ("Retain", "RetainExceptOnCreate"):
            self._registry.retain(resource, policy)
            stack.event("DELETE_SKIPPED", resource=resource)
            return
        if policy == "Snapshot" and not self._registry.snapshot(resource):
            self._gaps.report("behaviour", resource, "DeletionPolicy Snapshot", "no snapshot is taken")
        stack.event("DELETE_IN_PROGRESS", resource=resource)
        self._registry.delete(resource)
        stack.event("DELETE_COMPLETE", resource=resource)

    def _pretended(self, resource, entry, created, changed):
        """What CloudFormation would wait for or set off around this resource, and nothing here does."""
        if created and "CreationPolicy" in entry:
            self._gaps.report(
                "behaviour", resource, "CreationPolicy", "no instance boots, so no signal was waited for"
            )
        if changed and "UpdatePolicy" in entry:
            for name in entry["UpdatePolicy"]:
                self._gaps.report("behaviour", resource, f"UpdatePolicy {name}", "no instance is replaced")
        if resource.type == "AWS::S3::BucketPolicy" and '"Condition"' in json.dumps(resource.properties):
            self._gaps.report("behaviour", resource, "BucketPolicy Condition", "statements with conditions are not judged")

    def _order(self, stack, template=None):
        template = template or stack.template
        known = template.order() if template else []
        return [i for i in known if i in stack.resources] + [i for i in stack.resources if i not in known]

    def failed(self, stack, resource, status, reason):
        stack.event(status, reason, resource)
        self._journal.write(
            "FAILED",
            stack=stack.name,
            region=stack.region,
            logicalId=resource.logical_id,
            type=resource.type,
            status=status,
            reason=reason,
        )

    def status(self, stack, status, reason=None):
        stack.set_status(status, reason)
        self._journal.write("STACK", stack=stack.name, region=stack.region, status=status, reason=reason)


class _Work:
    """What one operation did so far, so that it can be undone."""

    def __init__(self, stack):
        self.before_template = stack.template
        self.created, self.updated, self.replaced, self.policies, self.unwanted = [], [], [], [], []
