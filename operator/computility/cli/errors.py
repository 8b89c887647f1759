"""How a command ends that could not do what it was for: one line that names what and the remedy."""

from typing import ClassVar


class CliError(Exception):
    """Refused or failed; the message is for a person.

    A wrong use of the command itself exits with 2, and waiting in vain for an answer with 119 (`verdict`).
    """

    exit_code: ClassVar[int] = 1


class NotFound(CliError):
    """There is no such object."""


class Forbidden(CliError):
    """The person has no right to it."""


class NameTaken(CliError):
    """There is an object of this name already."""


class Unreachable(CliError):
    """The API server gave no answer, or one that a later try may better."""


class Expired(CliError):
    """What a watch was to start from is no longer kept: read the object again."""
