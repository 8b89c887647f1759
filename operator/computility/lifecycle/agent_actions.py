"""What an agent can do about one attempt: one effect each, safe to repeat."""

from datetime import datetime

from computility.lifecycle.entry import Refusal
from computility.model.assignment import AssignmentStatus, Workload
from computility.model.base import Value
from computility.model.index_set import IndexSet


class WriteIntent(Value, frozen=True, kw_only=True):
    """Journal that this attempt is ours from now on."""

    tombstone: bool = False
    refusal: Refusal | None = None


class Note(Value, frozen=True, kw_only=True):
    """Journal one instant in the entry's field of this name; None takes it back."""

    field: str
    at: datetime | None


class NoteEnded(Value, frozen=True, kw_only=True):
    """Journal when the workloads of these indices were seen ended; None takes it back."""

    indices: IndexSet
    at: datetime | None


class NoteStarted(Value, frozen=True, kw_only=True):
    """Journal that the payloads of these indices have started."""

    indices: IndexSet


class NoteClaimsLost(Value, frozen=True, kw_only=True):
    """Journal that somebody must have had the claims of these indices, although nobody has them."""

    indices: IndexSet


class Submit(Value, frozen=True, kw_only=True):
    """Journal that submits of these chunks begin, submit them held, journal the answers if there are any."""

    chunks: tuple[int, ...] = (0,)


class Record(Value, frozen=True, kw_only=True):
    """Write Held and native ids on the Assignment, if it is still the one that was looked at."""

    workloads: tuple[Workload, ...]


class Go(Value, frozen=True, kw_only=True):
    """Write the go file."""


class Release(Value, frozen=True, kw_only=True):
    """Release these held workloads."""

    native_ids: tuple[str, ...]


class Burn(Value, frozen=True, kw_only=True):
    """Take the claims of these indices, unless a payload has them."""

    indices: IndexSet


class Cancel(Value, frozen=True, kw_only=True):
    """End every workload that stands for these indices."""

    indices: IndexSet


class Tidy(Value, frozen=True, kw_only=True):
    """Remove what an ended attempt needs no more at the centre; its claims stay."""


class IndexEnd(Value, frozen=True, kw_only=True):
    """How indices ended, all of them alike: each as `status` says of one."""

    indices: IndexSet
    status: AssignmentStatus


class Settle(Value, frozen=True, kw_only=True):
    """Journal the ends of indices; they never change again."""

    ends: tuple[IndexEnd, ...]


class Report(Value, frozen=True, kw_only=True):
    """Write this status on the Assignment."""

    status: AssignmentStatus


Action = (
    WriteIntent
    | Note
    | NoteEnded
    | NoteStarted
    | NoteClaimsLost
    | Submit
    | Record
    | Go
    | Release
    | Burn
    | Cancel
    | Tidy
    | Settle
    | Report
)


class Decision(Value, frozen=True, kw_only=True):
    """Actions in order, of which each needs the one before; then when to look next (None: no need)."""

    actions: tuple[Action, ...] = ()
    look_at: datetime | None = None
