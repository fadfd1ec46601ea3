"""Runs the emulator: python -m emulator -p PORT, or by the folder's path.

Everything a test wants to know about the emulator itself is under /_lectern:
  GET /_lectern/health      {"account": …, "pid": …}
  GET /_lectern/journal     the journal as JSON lines; ?since=N leaves out the first N
  GET /_lectern/resources   every resource alive, retained ones included, as a JSON array
"""

import argparse
import json
import os
import pathlib
import signal
import sys
from urllib.parse import parse_qs

if not __package__:  # started by path
    folder = pathlib.Path(__file__).resolve().parent
    sys.path.insert(0, str(folder.parent))
    __package__ = folder.name
    __import__(__package__)


def arguments():
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__.splitlines()[0])
    parser.add_argument("-H", "--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("-p", "--port", type=int, required=True, help="port to listen on")
    parser.add_argument("--account", default="123456789012", help="the one AWS account there is")
    parser.add_argument("--journal", help="file to append the journal to, as JSON lines")
    parser.add_argument("--zone", action="append", default=[], metavar="ID=NAME", help="a hosted zone that exists")
    return parser.parse_args()


# CloudTrail's operation that the CDK CLI asks when a deployment has failed; moto has no trail.
LOOK_UP_EVENTS = "CloudTrail_20131101.LookupEvents"


class OwnPages:
    """WSGI: answers /_lectern and CloudTrail, and leaves the rest to moto."""

    def __init__(self, application, account, journal, registry):
        self._application, self._account = application, account
        self._journal, self._registry = journal, registry

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if environ.get("HTTP_X_AMZ_TARGET") == LOOK_UP_EVENTS:
            start_response("200 OK", [("Content-Type", "application/x-amz-json-1.1")])
            return [b'{"Events": []}']
        if not path.startswith("/_lectern/"):
            return self._application(environ, start_response)
        since = int(parse_qs(environ.get("QUERY_STRING", "")).get("since", ["0"])[0])
        pages = {
            "health": lambda: json.dumps({"account": self._account, "pid": os.getpid()}),
            "journal": lambda: "".join(json.dumps(e, default=str) + "\n" for e in self._journal.since(since)),
            "resources": lambda: json.dumps([r.describe() for r in self._registry.alive()], default=str),
        }
        page = pages.get(path.removeprefix("/_lectern/"))
        start_response("200 OK" if page else "404 Not Found", [("Content-Type", "application/json")])
        return [page().encode() if page else b"{}"]


def main():
    options = arguments()
    # moto reads these when it is imported, so its imports come after.
    os.environ["MOTO_ACCOUNT_ID"] = options.account
    os.environ["MOTO_PORT"] = str(options.port)
    os.environ["MOTO_ACM_VALIDATION_WAIT"] = "0"  # seconds until a certificate counts as proven

    import moto.backup.urls as backup_urls
    import moto.cloudformation.urls as urls
    import moto.elasticache.urls as elasticache_urls
    from boto3 import Session
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import run_simple

    from . import backups, caches, repairs
    from .clients import Clients
    from .cloudformation import CloudFormation, service_for
    from .gaps import Gaps
    from .journal import Journal
    from .providers import Providers
    from .resources import Registry
    from .seeds import hosted_zone

    repairs.apply()
    journal = Journal(options.journal)
    gaps = Gaps(journal)
    providers = Providers(gaps, Clients(f"http://localhost:{options.port}"))
    registry = Registry(journal, providers)
    regions = Session().get_available_regions("cloudformation")
    emulator = CloudFormation(options.account, regions, registry, gaps, journal)
    urls.url_paths = {"{0}/$": service_for(emulator).dispatch}
    elasticache_urls.url_paths = {"{0}/$": caches.service_for(registry, providers.groups).dispatch}
    backup_urls.url_paths[backups.PATH] = backups.service_for(registry).dispatch
    for zone in options.zone:
        hosted_zone(options.account, *zone.split("=", 1))

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    moto = DomainDispatcherApplication(create_backend_app)
    run_simple(options.host, options.port, OwnPages(moto, options.account, journal, registry), threaded=True)


main()
