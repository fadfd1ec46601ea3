"""Runs the emulator: python -m emulator -p PORT, or by the folder's path.

Everything a test wants to know about the emulator itself is under /_lectern:
  GET /_lectern/health      {"account": …, "pid": …}
  GET /_lectern/journal     the journal as JSON lines; ?since=N leaves out the first N
  GET /_lectern/resources   every resource alive, retained ones included, as a JSON array
  /_lectern/fail            failures on order: POST ?stack=&resource=&operation=create|update|delete|rollback
                            &when=before|after&times=N orders one, GET lists those to come, DELETE clears them
"""

import argparse
import os
import pathlib
import signal
import sys

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


def main():
    options = arguments()
    # moto reads these when it is imported, so its imports come after.
    os.environ["MOTO_ACCOUNT_ID"] = options.account
    os.environ["MOTO_PORT"] = str(options.port)
    os.environ["MOTO_ACM_VALIDATION_WAIT"] = "0"  # seconds until a certificate counts as proven

    import moto.backup.urls as backup_urls
    import moto.cloudformation.urls as urls
    import moto.elasticache.urls as elasticache_urls
    import moto.resourcegroupstaggingapi.urls as tagging_urls
    from boto3 import Session
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import run_simple

    from . import backups, caches, repairs, tagging
    from .clients import Clients
    from .cloudformation import CloudFormation, service_for
    from .failures import Failures
    from .gaps import Gaps
    from .journal import Journal
    from .pages import OwnPages
    from .providers import Providers
    from .resources import Registry
    from .seeds import hosted_zone

    repairs.apply()
    journal = Journal(options.journal)
    gaps = Gaps(journal)
    failures = Failures(journal)
    clients = Clients(f"http://localhost:{options.port}")
    providers = Providers(gaps, clients)
    registry = Registry(journal, providers, failures, lambda service, r: clients.get(service, r.region))
    regions = Session().get_available_regions("cloudformation")
    emulator = CloudFormation(options.account, regions, registry, gaps, journal)
    urls.url_paths = {"{0}/$": service_for(emulator).dispatch}
    elasticache_urls.url_paths = {"{0}/$": caches.service_for(registry, providers.groups).dispatch}
    backup_urls.url_paths[backups.PATH] = backups.service_for(registry).dispatch
    tagging_urls.url_paths = {"{0}/$": tagging.service_for(registry).dispatch}
    for zone in options.zone:
        hosted_zone(options.account, *zone.split("=", 1))

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    moto = DomainDispatcherApplication(create_backend_app)
    pages = OwnPages(moto, options.account, journal, registry, failures)
    run_simple(options.host, options.port, pages, threaded=True)


main()
