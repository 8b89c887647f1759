"""What the hub's queue is about: one key for each thing that is looked at as a whole."""

import enum
from typing import NamedTuple

from computility.model.meta import Key
from computility.model.names import member_namespace

_PREFIX = member_namespace("")


class Task(enum.Enum):
    """What is to be done about a key."""

    JOB = "job"
    """Reconcile the ComputeJob of this namespace and name, and Assignments of earlier ones of that name."""
    MEMBER = "member"
    TELL = "tell"
    """Write the Event of this namespace and name."""
    DISPOSE = "dispose"
    """Delete the ended Assignments of this namespace that were collected."""
    IDENTIFY = "identify"
    """Look at the members whose cpid, or whose pools' cpids, are not what is written down of them."""
    WAKE = "wake"
    """Let every waiting job be placed anew."""
    ROOM = "room"
    """Let as many waiting jobs be placed anew as pools have room for."""
    OPENED = "opened"
    """Let the waiting jobs be placed anew for which a tariff's window has begun."""
    FIGURES = "figures"
    """Let the waiting jobs be placed anew that miss no deadline any more."""
    SWEEP = "sweep"
    """Compare the copy of one kind (`name` is its plural) with a whole list."""


class Work(NamedTuple):
    """One item of work; equal ones are done once."""

    task: Task
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        return f"{self.task.value} {Key(self.namespace, self.name)}"


WAKE = Work(Task.WAKE)
ROOM = Work(Task.ROOM)
OPENED = Work(Task.OPENED)
FIGURES = Work(Task.FIGURES)
IDENTIFY = Work(Task.IDENTIFY)


class Lane(enum.IntEnum):
    """What goes first: ends and cancels free what new placements wait for."""

    CALLED = 0
    """The one waiting job whose turn it is: all that wait come after it."""
    ENDS = 1
    NEWS = 2


def job_work(key: Key) -> Work:
    """Name the work on the job at a key."""
    return Work(Task.JOB, key.namespace, key.name)


def member_work(member: str) -> Work:
    """Name the work on a member."""
    return Work(Task.MEMBER, name=member)


def member_of(namespace: str) -> str:
    """Return the member whose namespace this is; "" if it is no member's."""
    return namespace.removeprefix(_PREFIX) if namespace.startswith(_PREFIX) else ""
