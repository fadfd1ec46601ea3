"""Failures on order: a test says which resource is to fail, when, and how often.

A failure comes before the resource is touched (a refused call) or after (it was made or
changed, and did not become stable), which leaves the most behind to clean up. "rollback"
is an update that puts back what a failed one changed.
"""

import threading

from .errors import ResourceFailed

OPERATIONS = ("create", "update", "delete", "rollback")
WHEN = ("before", "after")


class Failures:
    def __init__(self, journal):
        self._journal = journal
        self._lock = threading.Lock()
        self._orders = []

    def order(self, stack, resource, operation, when="before", times=1):
        """Raises ValueError when the order cannot be meant; says what was ordered."""
        if not stack or not resource:
            raise ValueError("stack and resource are required: the stack's name, the resource's logical id")
        if operation not in OPERATIONS:
            raise ValueError(f"operation: {operation!r} is none of {', '.join(OPERATIONS)}")
        if when not in WHEN:
            raise ValueError(f"when: {when!r} is none of {', '.join(WHEN)}")
        order = {"stack": stack, "resource": resource, "operation": operation, "when": when, "times": int(times)}
        with self._lock:
            self._orders.append(order)
        self._write("ORDERED", order)
        return order

    def pending(self):
        with self._lock:
            return [dict(o) for o in self._orders if o["times"] > 0]

    def clear(self):
        with self._lock:
            self._orders.clear()

    def before(self, resource, operation):
        self._fail(resource, operation, "before", f"Ordered failure: {operation} of {resource.logical_id} was refused")

    def after(self, resource, operation):
        self._fail(
            resource, operation, "after", f"Ordered failure: {resource.logical_id} did not stabilize after {operation}"
        )

    def _fail(self, resource, operation, when, reason):
        wanted = (resource.stack_name, resource.logical_id, operation, when)
        with self._lock:
            for order in self._orders:
                named = (order["stack"], order["resource"], order["operation"], order["when"])
                if order["times"] > 0 and named == wanted:
                    order["times"] -= 1
                    break
            else:
                return
        self._write("INJECTED", order)
        raise ResourceFailed(reason)

    def _write(self, event, order):
        self._journal.write(
            event,
            stack=order["stack"],
            logicalId=order["resource"],
            subject=f"{order['operation']} {order['when']}",
        )
