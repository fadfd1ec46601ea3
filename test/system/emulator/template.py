"""A CloudFormation template: parsing, and every check that needs no service.

What CloudFormation refuses when a change set is made is refused here too: unknown
types, references to nothing, attributes a type does not have, functions where they
are not allowed, circular dependencies.
"""

import json
import re

import yaml

from .errors import ValidationError
from .schemas import schema

PSEUDO_PARAMETERS = {
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
}

# Types that exist in templates but stand for nothing in the account.
NO_RESOURCE = {"AWS::CDK::Metadata"}

# Types CloudFormation can take a last snapshot of:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
SNAPSHOTS = {
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
}

FUNCTIONS = {
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::FindInMap",
    "Fn::GetAtt",
    "Fn::GetAZs",
    "Fn::GetStackOutput",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
}
CONDITION_FUNCTIONS = {"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"}


class Template:
    def __init__(self, body, region):
        self.body = body
        self.region = region
        self.document = _load(body)
        if not isinstance(self.document, dict) or not self.document.get("Resources"):
            raise ValidationError("Template format error: At least one Resources member must be defined.")
        self.resources = self.document["Resources"]
        self.parameters = self.document.get("Parameters") or {}
        self.conditions = self.document.get("Conditions") or {}
        self.mappings = self.document.get("Mappings") or {}
        self.outputs = self.document.get("Outputs") or {}
        self.rules = self.document.get("Rules") or {}

    @property
    def description(self):
        return self.document.get("Description")

    def check(self):
        """Raises ValidationError with the first thing CloudFormation would refuse."""
        if self.document.get("Transform"):
            raise ValidationError("Transforms and macros are not emulated; use none.")
        for logical_id, resource in self.resources.items():
            self._check_type(logical_id, resource)
        for logical_id, resource in self.resources.items():
            for dependency in depends_on(resource):
                if dependency not in self.resources:
                    raise ValidationError(
                        f"Template format error: Unresolved resource dependencies [{dependency}] "
                        "in the Resources block of the template"
                    )
            self._check_value(resource.get("Properties", {}), "Resources", logical_id)
        for section, values in (("Outputs", self.outputs), ("Conditions", self.conditions)):
            for name, value in values.items():
                self._check_value(value, section, name)
        self.order()

    def order(self):
        """Logical ids so that each comes after everything it refers to or depends on."""
        ordered, visiting = [], []

        def visit(logical_id):
            if logical_id in ordered:
                return
            if logical_id in visiting:
                circle = ", ".join(visiting[visiting.index(logical_id) :])
                raise ValidationError(f"Circular dependency between resources: [{circle}]")
            visiting.append(logical_id)
            for dependency in sorted(self.dependencies(logical_id)):
                visit(dependency)
            visiting.pop()
            ordered.append(logical_id)

        for logical_id in self.resources:
            visit(logical_id)
        return ordered

    def dependencies(self, logical_id):
        resource = self.resources[logical_id]
        names = set(depends_on(resource)) | set(references(resource.get("Properties", {})))
        return {n for n in names if n in self.resources}

    def _check_type(self, logical_id, resource):
        type_name = resource.get("Type", "")
        if type_name in NO_RESOURCE:
            return
        if type_name.startswith(("Custom::", "AWS::CloudFormation::CustomResource")):
            raise ValidationError(
                f"{logical_id} is a custom resource ({type_name}); no Lambda runs here, and Lectern has none."
            )
        if schema(self.region, type_name) is None:
            raise ValidationError(
                f"Template format error: Unrecognized resource types: [{type_name}] in {self.region}"
            )
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.get(policy) == "Snapshot" and type_name not in SNAPSHOTS:
                raise ValidationError(
                    f"Template error: resource type {type_name} does not support {policy} Snapshot ({logical_id})"
                )

    def _check_value(self, value, section, owner, inside=()):
        if isinstance(value, list):
            for item in value:
                self._check_value(item, section, owner, inside)
            return
        if not isinstance(value, dict):
            return
        for key, inner in value.items():
            if key == "Ref" and len(value) == 1:
                self._check_ref(inner, section)
            elif key == "Fn::GetAtt":
                self._check_attribute(inner, section)
            elif key == "Fn::Sub":
                for name in substitutions(inner):
                    self._check_sub_name(name, section)
            elif key == "Fn::GetStackOutput":
                self._check_stack_output(inner, section, owner, inside)
            elif key.startswith("Fn::") and key not in FUNCTIONS | CONDITION_FUNCTIONS:
                raise ValidationError(f"Template error: unknown or unsupported function {key} in {owner}")
            self._check_value(inner, section, owner, inside + (key,))

    def _check_ref(self, name, section):
        if name not in self.resources and name not in self.parameters and name not in PSEUDO_PARAMETERS:
            raise ValidationError(
                f"Template format error: Unresolved resource dependencies [{name}] "
                f"in the {section} block of the template"
            )

    def _check_sub_name(self, name, section):
        if "." in name:
            self._check_attribute(name.split(".", 1), section)
        else:
            self._check_ref(name, section)

    def _check_attribute(self, target, section):
        logical_id, attribute = attribute_of(target)
        if logical_id not in self.resources:
            raise ValidationError(
                f"Template error: instance of Fn::GetAtt references undefined resource {logical_id}"
            )
        type_name = self.resources[logical_id]["Type"]
        if not isinstance(attribute, str):
            raise ValidationError(f"Template error: the attribute of Fn::GetAtt {logical_id} must be a string here")
        if not schema(self.region, type_name).has_attribute(attribute):
            raise ValidationError(
                f"Template error: resource {logical_id} ({type_name}) does not support "
                f"attribute type {attribute} in Fn::GetAtt"
            )

    def _check_stack_output(self, arguments, section, owner, inside):
        for function in ("Fn::Sub", "Fn::Base64"):
            if function in inside:
                raise ValidationError(f"Template error: Fn::GetStackOutput is not allowed inside {function} ({owner})")
        if section != "Resources":
            raise ValidationError(f"Template error: Fn::GetStackOutput is not allowed in {section} ({owner})")
        if not isinstance(arguments, dict) or not {"StackName", "OutputName"} <= set(arguments):
            raise ValidationError(f"Template error: Fn::GetStackOutput in {owner} needs StackName and OutputName")
        unknown = set(arguments) - {"StackName", "OutputName", "Region", "RoleArn"}
        if unknown:
            raise ValidationError(f"Template error: Fn::GetStackOutput in {owner} does not take {sorted(unknown)}")


def depends_on(resource):
    value = resource.get("DependsOn", [])
    return [value] if isinstance(value, str) else value


def attribute_of(target):
    if isinstance(target, str):
        target = target.split(".", 1)
    return target[0], target[1] if len(target) == 2 else ".".join(target[1:])


def substitutions(argument):
    """Names in an Fn::Sub string that its own variable map does not define."""
    text, own = (argument, {}) if isinstance(argument, str) else (argument[0], argument[1])
    return [n for n in re.findall(r"\$\{([^!}][^}]*)\}", text) if n not in own]


def references(value):
    """Every name a value refers to through Ref, Fn::GetAtt or Fn::Sub."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner
            elif key == "Fn::GetAtt":
                yield attribute_of(inner)[0]
            elif key == "Fn::Sub":
                yield from (name.split(".", 1)[0] for name in substitutions(inner))
            yield from references(inner)


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms; a date stays the text it was."""


def _short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _load(body):
    try:
        return json.loads(body)
    except ValueError:
        pass
    try:
        return yaml.load(body, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ValidationError(f"Template format error: {error}") from error
