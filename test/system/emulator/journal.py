"""The journal: one JSON object a line, for tests to read, in the order things happened.

Events: STACK (a stack's status changed), CREATED, UPDATED, REPLACEMENT (a create-only
property changed), DELETED, RETAINED, ABANDONED (CloudFormation gave up deleting it), GONE
(somebody deleted it in its service), REFUSED (a request AWS would refuse), FAILED
(a resource or template failed, with its reason), ORDERED and INJECTED (a failure that a
test asked for, and its coming), GAP (something was papered over).
"""

import json
import threading
import time


class Journal:
    def __init__(self, path=None):
        self._entries = []
        self._lock = threading.Lock()
        self._file = open(path, "a", encoding="utf-8") if path else None

    def write(self, event, **fields):
        with self._lock:
            entry = {
                "seq": len(self._entries) + 1,
                "time": round(time.time(), 3),
                "event": event,
                **{k: v for k, v in fields.items() if v is not None},
            }
            self._entries.append(entry)
            if self._file:
                self._file.write(json.dumps(entry, default=str) + "\n")
                self._file.flush()

    def since(self, seq=0):
        with self._lock:
            return self._entries[seq:]
