"""API resources: the service is emulated, but moto has no usable CloudFormation model for the type.

They are created through the service's API, so they can be described, resolved and found
again there after their stack is gone. The types are in api_ec2, api_rds and api_types.
"""

import uuid

from . import dynamicref, tags
from .errors import ResourceFailed, is_gone
from .generic import made_up


class Api:
    """How one type lives in its service; subclasses fill in what the type needs."""

    def __init__(self, client):
        self._client = client

    def create(self, resource, p):
        """Creates it and returns the physical id."""
        raise NotImplementedError

    def update(self, resource, p, changed):
        """Carries changes into the service; returns the property names it left out."""
        return changed

    def delete(self, resource):
        raise NotImplementedError

    def attribute(self, resource, name):
        return None


class ApiProvider:
    name = "api"

    def __init__(self, gaps, clients, types):
        self._gaps = gaps
        self._client = lambda service, resource: clients.get(service, resource.region)
        self._types = {name: api(self._client) for name, api in types.items()}

    def knows(self, type_name):
        return type_name in self._types

    def create(self, resource):
        resource.handle = uuid.uuid4().hex
        with _service_errors():
            resource.physical_id = self._types[resource.type].create(resource, self._shown(resource))
        self._report_left(resource, getattr(resource, "left", []))

    def update(self, resource, old, changed):
        with _service_errors():
            left = self._types[resource.type].update(resource, self._shown(resource), changed)
            left = tags.carry(self._client, resource, left)
        self._report_left(resource, left)

    def _report_left(self, resource, names):
        for name in names:
            self._gaps.report("update", resource, f"{resource.type}.{name}", "recorded, not carried into the service")

    def delete(self, resource):
        with _service_errors():
            try:
                self._types[resource.type].delete(resource)
            except Exception as error:
                if not is_gone(error):
                    raise

    def attribute(self, resource, name):
        value = self._types[resource.type].attribute(resource, name)
        if value is None:
            self._gaps.report("attribute", resource, f"{resource.type}.{name}", "made up; the service has no value")
            value = made_up(resource, name)
        return value

    def _shown(self, resource):
        return dynamicref.reveal(resource.account, resource.region, resource.properties)


class _service_errors:
    """Turns whatever a service or boto3's parameter check raises into a failed resource."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and not isinstance(error, ResourceFailed):
            raise ResourceFailed(f"{type(error).__name__}: {error}") from error
        return False
