"""Fn::GetStackOutput: a weak read of another stack's output, in any region of the account.

Weak means: nothing keeps the producer from changing or going; the consumer holds the
value it read until it is next deployed.
"""

from .errors import ResourceFailed


def read(backends, account, home_region, arguments):
    region = arguments.get("Region") or home_region
    name, key = arguments["StackName"], arguments["OutputName"]
    where = f"Fn::GetStackOutput({name}, {region}, {key})"
    if arguments.get("RoleArn"):
        raise ResourceFailed(f"{where}: reading through a role in another account is not emulated")
    if region not in backends:
        raise ResourceFailed(f"{where}: no such region")
    stack = backends[region].live_stack(name)
    if stack is None or stack.status in ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "CREATE_FAILED"):
        raise ResourceFailed(f"{where}: stack does not exist")
    for output in stack.outputs:
        if output["OutputKey"] == key:
            return output["OutputValue"]
    raise ResourceFailed(f"{where}: stack has no such output")
