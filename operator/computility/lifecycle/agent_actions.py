"""What an agent can do about one attempt: one effect each, safe to repeat."""

from datetime import datetime

from computility.lifecycle.entry import Refusal
from computility.model.assignment import AssignmentStatus, Workload
from computility.model.base import Value


class WriteIntent(Value, frozen=True, kw_only=True):
    """Journal that this attempt is ours from now on."""

    tombstone: bool = False
    refusal: Refusal | None = None


class Note(Value, frozen=True, kw_only=True):
    """Journal one instant in the entry's field of this name; None takes it back."""

    field: str
    at: datetime | None


class Submit(Value, frozen=True, kw_only=True):
    """Journal that a submit begins, submit held, journal the answer if there is one."""


class Record(Value, frozen=True, kw_only=True):
    """Write Held and the native id on the Assignment, if it is still the one that was looked at."""

    workload: Workload


class Go(Value, frozen=True, kw_only=True):
    """Write the go file."""


class Release(Value, frozen=True, kw_only=True):
    """Release the held workload."""

    native_id: str


class Burn(Value, frozen=True, kw_only=True):
    """Take the claim, unless the payload has it."""


class Cancel(Value, frozen=True, kw_only=True):
    """End every workload of this name."""


class Tidy(Value, frozen=True, kw_only=True):
    """Remove what an ended attempt needs no more at the centre; its claim stays."""


class Settle(Value, frozen=True, kw_only=True):
    """Journal the end of the attempt; it never changes again."""

    status: AssignmentStatus


class Report(Value, frozen=True, kw_only=True):
    """Write this status on the Assignment."""

    status: AssignmentStatus


Action = WriteIntent | Note | Submit | Record | Go | Release | Burn | Cancel | Tidy | Settle | Report


class Decision(Value, frozen=True, kw_only=True):
    """Actions in order, of which each needs the one before; then when to look next (None: no need)."""

    actions: tuple[Action, ...] = ()
    look_at: datetime | None = None
