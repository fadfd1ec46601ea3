"""Resolving intrinsic functions, parameters and dynamic references to values."""

import base64
import ipaddress
import re

from . import dynamicref
from .errors import ResourceFailed, ValidationError
from .template import attribute_of

NO_VALUE = object()


class Scope:
    """What names mean while one stack is being applied."""

    def __init__(self, stack, template, parameters, read_output):
        self.stack = stack
        self.template = template
        self.parameters = parameters
        self.resources = {}
        self._read_output = read_output
        self._conditions = {}
        region, account = stack.region, stack.account
        self._pseudo = {
            "AWS::AccountId": account,
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": region,
            "AWS::StackId": stack.id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def condition(self, name):
        if name not in self.template.conditions:
            raise ValidationError(f"Template format error: Unresolved condition [{name}]")
        if name not in self._conditions:
            self._conditions[name] = self._truth(self.template.conditions[name])
        return self._conditions[name]

    def active(self, entry):
        """Whether a resource or output is there at all, by its Condition."""
        return "Condition" not in entry or self.condition(entry["Condition"])

    def resolve(self, value):
        """The value with functions applied; dynamic references are checked and kept as text."""
        if isinstance(value, list):
            resolved = (self.resolve(v) for v in value)
            return [v for v in resolved if v is not NO_VALUE]
        if isinstance(value, str):
            for service, reference in dynamicref.DYNAMIC.findall(value):
                dynamicref.check(self.stack.account, self.stack.region, service, reference)
            return value
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            function = _FUNCTIONS.get(name)
            if function:
                return function(self, argument)
        resolved = {k: self.resolve(v) for k, v in value.items()}
        return {k: v for k, v in resolved.items() if v is not NO_VALUE}

    def _truth(self, expression):
        ((name, argument),) = expression.items()
        if name == "Condition":
            return self.condition(argument)
        if name == "Fn::Equals":
            left, right = (str(self.resolve(a)) for a in argument)
            return left == right
        inner = [self._truth(a) for a in argument]
        if name == "Fn::Not":
            return not inner[0]
        if name == "Fn::And":
            return all(inner)
        if name == "Fn::Or":
            return any(inner)
        raise ValidationError(f"Template error: {name} is not a condition function")

    def _resource(self, logical_id):
        if logical_id not in self.resources:
            raise ResourceFailed(
                f"Unresolved resource dependencies [{logical_id}]: its condition is false or it was not created"
            )
        return self.resources[logical_id]

    def _ref(self, name):
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        return self._resource(name).physical_id

    def _get_att(self, argument):
        logical_id, attribute = attribute_of(argument)
        return self._resource(logical_id).attribute(attribute)

    def _if(self, argument):
        name, yes, no = argument
        return self.resolve(yes if self.condition(name) else no)

    def _join(self, argument):
        delimiter, parts = argument
        parts = self.resolve(parts)
        if any(isinstance(p, (dict, list)) for p in parts):
            raise ResourceFailed(f"Fn::Join of something that is not text: {parts}")
        return delimiter.join(_text(p) for p in parts)

    def _select(self, argument):
        index, items = self.resolve(argument[0]), self.resolve(argument[1])
        if not 0 <= int(index) < len(items):
            raise ResourceFailed(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
        return items[int(index)]

    def _split(self, argument):
        return str(self.resolve(argument[1])).split(argument[0])

    def _sub(self, argument):
        text, own = (argument, {}) if isinstance(argument, str) else argument
        own = {k: self.resolve(v) for k, v in own.items()}

        def value(match):
            name = match.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in own:
                return _text(own[name])
            return _text(self._get_att(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", value, text)

    def _find_in_map(self, argument):
        names = [self.resolve(a) for a in argument[:3]]
        value = self.template.mappings
        for name in names:
            if name not in value:
                raise ValidationError(f"Template error: Unable to get mapping for {'::'.join(map(str, names))}")
            value = value[name]
        return value

    def _azs(self, argument):
        return [(self.resolve(argument) or self.stack.region) + zone for zone in "abc"]

    def _base64(self, argument):
        return base64.b64encode(str(self.resolve(argument)).encode()).decode()

    def _cidr(self, argument):
        block, count, bits = (self.resolve(a) for a in (*argument, 8)[:3])
        subnets = ipaddress.ip_network(block).subnets(new_prefix=32 - int(bits))
        return [str(s) for s, _ in zip(subnets, range(int(count)))]

    def _import_value(self, argument):
        raise ResourceFailed(
            f"Fn::ImportValue({argument}): Lectern's stacks read each other weakly; strong exports are not emulated"
        )

    def _stack_output(self, argument):
        return self._read_output({k: self.resolve(v) for k, v in argument.items()})


def _text(value):
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


_FUNCTIONS = {
    "Ref": Scope._ref,
    "Fn::Base64": Scope._base64,
    "Fn::Cidr": Scope._cidr,
    "Fn::FindInMap": Scope._find_in_map,
    "Fn::GetAtt": Scope._get_att,
    "Fn::GetAZs": Scope._azs,
    "Fn::GetStackOutput": Scope._stack_output,
    "Fn::If": Scope._if,
    "Fn::ImportValue": Scope._import_value,
    "Fn::Join": Scope._join,
    "Fn::Select": Scope._select,
    "Fn::Split": Scope._split,
    "Fn::Sub": Scope._sub,
}
