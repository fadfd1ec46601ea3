"""Undoing a failed operation; kept with its stack until it is done.

A failed creation: what it made is deleted in reverse order, except what has DeletionPolicy
Retain; RetainExceptOnCreate does not keep what the failed operation itself created.
  https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
What cannot be deleted, and all it depends on, stays in the stack, in ROLLBACK_FAILED: such
a stack can only be deleted.
A failed update: first what was changed is put back; if that fails, UPDATE_ROLLBACK_FAILED,
and ContinueUpdateRollback tries again, or skips what it is told to.
  https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
Then what the update made is cleaned up; what cannot be deleted there is left behind and
is no longer the stack's (UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS).
"""

from .errors import ResourceFailed, ValidationError
from .resources import DELETED


class Rollback:
    def __init__(self, engine, stack, verb, work, before, reason):
        self._engine, self._stack, self._work, self._before = engine, stack, work, before
        self._verb, self._reason = verb, reason
        self._to_restore = list(reversed(work.updated))

    def run(self, skip=(), retain_on_create=False):
        if retain_on_create:  # RetainExceptOnCreate of the request, for Retain in the template
            for resource in self._work.created:
                if resource.policies.get("DeletionPolicy") == "Retain":
                    resource.policies = {**resource.policies, "DeletionPolicy": "RetainExceptOnCreate"}
        if self._verb == "CREATE":
            self._creation()
        else:
            self._update(set(skip))

    def _creation(self):
        stack, engine = self._stack, self._engine
        engine.status(stack, "ROLLBACK_IN_PROGRESS", self._reason)
        left = engine.remove_all(stack, reversed(self._work.created), self._policy)
        stack.resources = {r.logical_id: r for r in self._work.created if r in left}
        stack.outputs = []
        stack.rollback = None
        stuck = [r.logical_id for r in left if r.status == "DELETE_FAILED"]
        if stuck:
            engine.status(
                stack, "ROLLBACK_FAILED", f"The following resource(s) failed to delete: [{', '.join(sorted(stuck))}]. "
            )
        else:
            engine.status(stack, "ROLLBACK_COMPLETE", self._reason)

    def _update(self, skip):
        stack, engine = self._stack, self._engine
        unknown = skip - {r.logical_id for r, _ in self._to_restore}
        if unknown:
            raise ValidationError(f"Resources {sorted(unknown)} are not in UPDATE_FAILED and cannot be skipped")
        engine.status(stack, "UPDATE_ROLLBACK_IN_PROGRESS", self._reason)
        self._to_restore = [(r, old) for r, old in self._to_restore if not self._restore(r, old, skip)]
        if self._to_restore:
            names = ", ".join(sorted(r.logical_id for r, _ in self._to_restore))
            engine.status(stack, "UPDATE_ROLLBACK_FAILED", f"The following resource(s) failed to update: [{names}]. ")
            return
        for resource, policies in self._work.policies:
            resource.policies = policies
        self._before.restore(stack)
        stack.rollback = None
        engine.status(stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", self._reason)
        for resource in engine.remove_all(stack, reversed(self._work.created), self._policy):
            engine.abandon(resource)
        engine.status(stack, "UPDATE_ROLLBACK_COMPLETE", self._reason)

    def _restore(self, resource, properties, skip):
        """Whether the resource is as it was, or is to be taken for it."""
        stack = self._stack
        if resource.logical_id in skip:
            resource.properties = properties  # CloudFormation believes so from now on
            stack.event("UPDATE_COMPLETE", "Resource skipped by ContinueUpdateRollback", resource)
            return True
        stack.event("UPDATE_IN_PROGRESS", resource=resource)
        try:
            self._engine.put_back(resource, properties)
        except ResourceFailed as error:
            self._engine.failed(stack, resource, "UPDATE_FAILED", str(error))
            return False
        stack.event("UPDATE_COMPLETE", resource=resource)
        return True

    @staticmethod
    def _policy(resource):
        """What keeps a resource that the failed operation made."""
        return "Retain" if resource.policies.get("DeletionPolicy") == "Retain" else None


class Snapshot:
    """A stack as it was before an update."""

    def __init__(self, stack):
        self._resources, self._tags, self._outputs = dict(stack.resources), stack.tags, stack.outputs

    def restore(self, stack):
        stack.resources = {i: r for i, r in self._resources.items() if r.state != DELETED}
        stack.tags, stack.outputs = self._tags, self._outputs
