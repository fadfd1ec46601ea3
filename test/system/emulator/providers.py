"""Which provider stands behind a type: the service through moto's model, through its API, or none."""

from . import api, api_ec2, api_kms, api_rds, api_route53, api_types, caches, native
from .generic import GenericProvider


class Providers:
    def __init__(self, gaps, clients):
        self._native = native.NativeProvider(gaps, clients)
        types = {}
        for module in (api_ec2, api_kms, api_rds, api_route53, api_types):
            types.update(module.TYPES)
        self._api = api.ApiProvider(gaps, clients, types)
        self._generic = GenericProvider(gaps)
        self.groups = caches.ReplicationGroups(gaps)

    def provider_of(self, type_name):
        if self._api.knows(type_name):
            return self._api
        if type_name in native.TYPES:
            return self._native
        if type_name == caches.TYPE:
            return self.groups
        return self._generic
