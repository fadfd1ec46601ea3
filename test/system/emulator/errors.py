"""Errors: one for a resource that failed, and the API errors of CloudFormation."""

from moto.core.exceptions import ServiceException


class ResourceFailed(Exception):
    """A resource could not be created, updated or deleted; the text is the reason AWS would show."""


class ValidationError(ServiceException):
    """What CloudFormation answers to a template or request it refuses."""

    code = "ValidationError"


class ChangeSetNotFound(ServiceException):
    code = "ChangeSetNotFound"


class AlreadyExists(ServiceException):
    code = "AlreadyExistsException"


def stack_missing(name):
    return ValidationError(f"Stack with id {name} does not exist")


def is_gone(error):
    """Whether a service says that the thing is not there; CloudFormation takes that for deleted."""
    code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
    return any(word in code for word in ("NotFound", "NoSuch", "NonExistent", "DoesNotExist")) or code == "404"
