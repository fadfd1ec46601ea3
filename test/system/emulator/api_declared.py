"""API resources told in one declaration each: properties are the API's parameters, near enough.

botocore's own model of the operation says which parameters it takes and of which type, so
a property reaches the service as the real CloudFormation would send it. A property the
operation has no parameter for is a gap of kind 'update', on creation too.
"""

import re
from dataclasses import dataclass, field

import botocore
import botocore.session

from .api import Api

_SESSION = botocore.session.get_session()
IGNORED = {"ApplyImmediately", "DeleteAutomatedBackups", "UseDefaultProcessorFeatures", "AllowMajorVersionUpgrade"}


@dataclass(frozen=True)
class Declaration:
    service: str
    kind: str  # as operations spell it: Create{kind}, Modify{kind}, Delete{kind}
    id: str  # the parameter, and the property, that names it
    renamed: dict = field(default_factory=dict)  # property → parameter
    inner: dict = field(default_factory=dict)  # property → (its member, parameter)
    attributes: dict = field(default_factory=dict)  # attribute → path in the description
    separate: tuple = ()  # properties the type sends with a call of its own
    on_modify: dict = field(default_factory=dict)  # parameters every Modify wants
    on_delete: dict = field(default_factory=dict)  # parameters every Delete wants

    def as_type(self, api=None):
        return lambda client: (api or Declared)(client, self)


class Declared(Api):
    def __init__(self, client, declaration):
        super().__init__(client)
        self._d = declaration

    def create(self, resource, p):
        return self._create(resource, p, f"Create{self._d.kind}")

    def _create(self, resource, p, operation):
        name = p.get(self._d.id) or self._name(resource)
        arguments, resource.left = self._arguments(operation, {**p, self._d.id: name})
        answer = self._call(resource, operation, arguments)
        resource.description = answer[self._d.kind]
        return resource.description[self._d.id]

    def update(self, resource, p, changed):
        d = self._d
        wanted = {k: p[k] for k in changed if k in p}
        wanted.pop("Tags", None)
        arguments, unknown = self._arguments(f"Modify{d.kind}", wanted)
        if arguments:
            answer = self._call(resource, f"Modify{d.kind}", {d.id: resource.physical_id, **d.on_modify, **arguments})
            resource.description = answer[d.kind]
        return unknown + [k for k in changed if k not in p or k == "Tags"]

    def delete(self, resource):
        d = self._d
        self._call(resource, f"Delete{d.kind}", {d.id: resource.physical_id, **d.on_delete})

    def attribute(self, resource, name):
        path = self._d.attributes.get(name)
        value = resource.description if path else None
        for step in (path or "").split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return str(value) if isinstance(value, int) else value

    def _name(self, resource):
        stem = re.sub("[^a-z0-9]+", "-", f"{resource.stack_name}-{resource.logical_id}".lower())
        return f"{stem[:47].strip('-')}-{resource.handle[:12]}"

    def _arguments(self, operation, properties):
        members = _operation(self._d.service, operation).input_shape.members
        arguments, unknown = {}, []
        for key, value in properties.items():
            if key in self._d.inner:
                member, key = self._d.inner[key]
                if member not in value:
                    continue
                value = value[member]
            parameter = self._d.renamed.get(key, key)
            if parameter in members:
                arguments[parameter] = coerced(members[parameter], value)
            elif key not in IGNORED and key not in self._d.separate:
                unknown.append(key)
        return arguments, unknown

    def _call(self, resource, operation, arguments):
        return getattr(self._client(self._d.service, resource), botocore.xform_name(operation))(**arguments)


def coerced(shape, value):
    """A property as the operation's model types it: CloudFormation takes '7' and 'true' as well."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {k: coerced(shape.members[k], v) if k in shape.members else v for k, v in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [coerced(shape.member, v) for v in value]
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("double", "float"):
        return float(value)
    if shape.type_name == "boolean":
        return truth(value)
    return str(value) if shape.type_name == "string" else value


def _operation(service, name):
    return _SESSION.get_service_model(service).operation_model(name)


def truth(value):
    return value if isinstance(value, bool) else str(value).lower() == "true"
