"""Resources: one object each, and the registry of all that are alive in the account.

A retained resource stays in the registry when its stack is gone: it is still alive.
"""

from . import presence, references, refusals
from .errors import ResourceFailed
from .schemas import schema

# ABANDONED: CloudFormation could not delete it and no longer counts it to the stack.
LIVE, RETAINED, ABANDONED, DELETED = "LIVE", "RETAINED", "ABANDONED", "DELETED"


class Resource:
    def __init__(self, stack, logical_id, type_name, properties, policies):
        self.stack_name, self.stack_id = stack.name, stack.id
        self.account, self.region = stack.account, stack.region
        self.stack_tags = stack.tags
        self.logical_id, self.type = logical_id, type_name
        self.properties = properties
        self.policies = policies
        self.physical_id = None
        self.state = LIVE
        self.status = self.status_reason = None  # of its last event in the stack
        self.provider = None
        self.handle = None  # whatever the provider needs to find the thing again
        self.service = {}  # what its service knows of it beside its properties
        self.handed_out = {}  # attribute → value, as other resources were told

    @property
    def schema(self):
        return schema(self.region, self.type)

    @property
    def identifiers(self):
        """Values by which other resources can refer to this one."""
        values = {self.physical_id, *self.handed_out.values()}
        return {v for v in values if isinstance(v, str) and len(v) > 7}

    def attribute(self, name):
        if not self.schema.has_attribute(name):
            raise ResourceFailed(f"Resource {self.logical_id} ({self.type}) has no attribute {name}")
        if name not in self.handed_out:
            self.handed_out[name] = self.provider.attribute(self, name)
        return self.handed_out[name]

    def describe(self):
        return {
            "stack": self.stack_name,
            "region": self.region,
            "logicalId": self.logical_id,
            "type": self.type,
            "physicalId": self.physical_id,
            "state": self.state,
            "deletionPolicy": self.policies.get("DeletionPolicy", "Delete"),
            "emulated": self.provider.name if self.provider else None,
            "properties": self.properties,
            "service": self.service,
        }


class Registry:
    def __init__(self, journal, providers, failures, client):
        self._journal = journal
        self._failures = failures
        self._client = client  # (service, resource) → boto3 client
        self._providers = providers
        self._resources = []

    def alive(self, account=None, region=None):
        return [
            r
            for r in self._resources
            if r.state != DELETED and account in (None, r.account) and region in (None, r.region)
        ]

    def of_type(self, type_name, region):
        """All that ever were, for services that remember what is gone."""
        return [r for r in self._resources if (r.type, r.region) == (type_name, region)]

    def create(self, resource):
        problems = resource.schema.problems(resource.properties)
        if problems:
            raise ResourceFailed("Properties validation failed: " + "; ".join(problems))
        references.check_dangling(resource, self.alive(resource.account))
        refusals.check(resource, None, resource.properties, self.alive(resource.account))
        self._failures.before(resource, "create")
        resource.provider = self._providers.provider_of(resource.type)
        resource.provider.create(resource)
        if not resource.physical_id:
            raise ResourceFailed(f"{resource.type} was created without a physical id")
        try:
            self._check_name_is_free(resource)
        except ResourceFailed:
            resource.physical_id = None  # it names what is another's
            raise
        self._resources.append(resource)
        self._write("CREATED", resource)
        self._failures.after(resource, "create")

    def update(self, resource, properties, operation="update"):
        """Applies new properties in place; the resource keeps its physical id."""
        problems = resource.schema.problems(properties)
        if problems:
            raise ResourceFailed("Properties validation failed: " + "; ".join(problems))
        self._failures.before(resource, operation)
        old = resource.properties
        changed = sorted(k for k in {*old, *properties} if old.get(k) != properties.get(k))
        perhaps = resource.schema.perhaps_replaced_by(old, properties)
        resource.properties = properties
        try:
            references.check_dangling(resource, self.alive(resource.account))
            refusals.check(resource, old, properties, self.alive(resource.account))
            resource.provider.update(resource, old, changed)
        except Exception:
            resource.properties = old
            raise
        resource.handed_out.clear()
        self._write("UPDATED", resource, properties=changed, mayReplace=perhaps or None)
        self._failures.after(resource, operation)

    def delete(self, resource):
        if resource.state == DELETED:
            return  # by hand; deleting what is not there succeeds
        self._failures.before(resource, "delete")
        blockers = references.blockers(resource, self.alive(resource.account))
        if blockers:
            names = ", ".join(f"{b.logical_id} ({b.type}, {b.state.lower()}, {b.physical_id})" for b in blockers[:5])
            raise ResourceFailed(f"{resource.type} {resource.physical_id} is still in use by {names}")
        resource.provider.delete(resource)
        resource.state = DELETED
        self._write("DELETED", resource)
        self._failures.after(resource, "delete")

    def notice_gone(self):
        """Takes note of what people deleted in the services themselves."""
        for resource in self.alive():
            if not presence.is_there(self._client, resource):
                resource.state = DELETED
                self._write("GONE", resource)

    def abandon(self, resource):
        resource.state = ABANDONED
        self._write("ABANDONED", resource)

    def snapshot(self, resource):
        """Takes the snapshot of DeletionPolicy Snapshot; False where none can be taken."""
        take = getattr(resource.provider, "snapshot", None)
        if take is None:
            return False
        take(resource)
        self._write("SNAPSHOT", resource)
        return True

    def retain(self, resource, policy):
        if resource.state == DELETED:
            return
        resource.state = RETAINED
        self._write("RETAINED", resource, policy=policy)

    def _check_name_is_free(self, resource):
        if resource.provider.name != "generic":
            return  # the service itself refuses a name twice
        for other in self.alive(resource.account, resource.region):
            if (other.type, other.physical_id) == (resource.type, resource.physical_id):
                raise ResourceFailed(
                    f"{resource.type} {resource.physical_id} already exists, in stack {other.stack_name}"
                )

    def _write(self, event, resource, **more):
        self._journal.write(
            event,
            stack=resource.stack_name,
            region=resource.region,
            logicalId=resource.logical_id,
            type=resource.type,
            physicalId=resource.physical_id,
            **more,
        )
