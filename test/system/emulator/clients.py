"""boto3 clients that talk to this emulator, as any other user of it would."""

from functools import lru_cache

import boto3
from botocore.config import Config


class Clients:
    def __init__(self, endpoint):
        self._endpoint = endpoint
        self._client = lru_cache(maxsize=None)(self._make)

    def get(self, service, region):
        return self._client(service, region)

    def _make(self, service, region):
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self._endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
