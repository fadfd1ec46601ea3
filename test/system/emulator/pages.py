"""The emulator's own pages, under /_lectern; __main__ says what they are."""

import json
import os
from urllib.parse import parse_qs


class OwnPages:
    """WSGI: answers /_lectern, and leaves the rest to moto."""

    def __init__(self, application, account, journal, registry, failures):
        self._application, self._account = application, account
        self._journal, self._registry, self._failures = journal, registry, failures

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/_lectern/"):
            return self._application(environ, start_response)
        query = {k: v[0] for k, v in parse_qs(environ.get("QUERY_STRING", "")).items()}
        pages = {"health": self._health, "journal": self._lines, "resources": self._resources, "fail": self._fail}
        page = pages.get(path.removeprefix("/_lectern/"))
        status, answer = page(environ["REQUEST_METHOD"], query) if page else ("404 Not Found", "{}")
        start_response(status, [("Content-Type", "application/json")])
        return [answer.encode()]

    def _health(self, method, query):
        return "200 OK", json.dumps({"account": self._account, "pid": os.getpid()})

    def _lines(self, method, query):
        entries = self._journal.since(int(query.get("since", "0")))
        return "200 OK", "".join(json.dumps(e, default=str) + "\n" for e in entries)

    def _resources(self, method, query):
        self._registry.notice_gone()
        return "200 OK", json.dumps([r.describe() for r in self._registry.alive()], default=str)

    def _fail(self, method, query):
        if method == "POST":
            try:
                self._failures.order(**query)
            except (TypeError, ValueError) as error:
                return "400 Bad Request", json.dumps({"error": str(error)})
        if method == "DELETE":
            self._failures.clear()
        return "200 OK", json.dumps(self._failures.pending())
