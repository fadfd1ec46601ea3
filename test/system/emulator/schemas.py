"""Provider schemas, as cfn-lint bundles them: the only source of truth about resource types.

They say which types exist in a region, which properties a type takes, which of them
force a replacement, and which attributes Fn::GetAtt may ask for.
"""

from functools import lru_cache

from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError


# Conditionally create-only properties whose condition is known: a value that was set is changed or taken out.
# https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds (ImmutabilityHelper)
REPLACED_ONCE_SET = {
    "AWS::RDS::DBInstance": ("AvailabilityZone", "Engine", "PerformanceInsightsKMSKeyId"),
    "AWS::RDS::DBCluster": ("Engine",),
}


class Schema:
    def __init__(self, region, type_name):
        found = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, type_name)
        self.type = type_name
        self.document = found.schema
        self.attributes = found.get_atts
        validator = CfnTemplateValidator(found.schema)
        self._validator = validator.evolve(
            context=validator.context.evolve(strict_types=False, functions=[])
        )

    def problems(self, properties):
        """Everything wrong with resolved properties, as 'path: message' lines."""
        return sorted(
            f"{'/'.join(map(str, e.path)) or '(properties)'}: {e.message}"
            for e in self._validator.iter_errors(properties)
        )

    def has_attribute(self, name):
        return name in self.attributes

    def attribute_type(self, name):
        """JSON type of an attribute ('string', 'integer', 'array' …); 'string' when unsaid."""
        node = self.document
        for step in self.attributes[name].split("/")[1:]:
            while "$ref" in node:
                node = self._definition(node["$ref"])
            node = node.get(step) or node.get("items") or {}
        while "$ref" in node:
            node = self._definition(node["$ref"])
        kind = node.get("type", "string")
        return kind[0] if isinstance(kind, list) else kind

    def _definition(self, pointer):
        node = self.document
        for step in pointer.split("/")[1:]:
            node = node[step]
        return node

    @property
    def identifier(self):
        return [p.split("/")[-1] for p in self.document.get("primaryIdentifier", [])]

    def replaced_by(self, old, new):
        """Names of changed properties that replace the resource, between two sets of resolved properties."""
        conditional = [
            name for name in REPLACED_ONCE_SET.get(self.type, ()) if old.get(name) and old[name] != new.get(name)
        ]
        return self._changed("createOnlyProperties", old, new) + conditional

    def perhaps_replaced_by(self, old, new):
        """Changed properties that replace the resource only under some condition."""
        return self._changed("conditionalCreateOnlyProperties", old, new)

    def _changed(self, kind, old, new):
        changed = []
        for pointer in self.document.get(kind, []):
            path = pointer.split("/")[2:]
            if _values(old, path) != _values(new, path):
                changed.append("/".join(path))
        return changed


def _values(properties, path):
    """The values a schema path points at; '*' (a list's members) fans out."""
    current = [properties]
    for step in path:
        following = []
        for value in current:
            if step == "*" and isinstance(value, list):
                following.extend(value)
            elif isinstance(value, dict) and step in value:
                following.append(value[step])
        current = following
    return current


@lru_cache(maxsize=None)
def schema(region, type_name):
    """The schema of a type in a region, or None when the region does not know the type."""
    try:
        return Schema(region, type_name)
    except ResourceNotFoundError:
        return None
