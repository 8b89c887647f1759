"""How far an attempt comes and how it ends, in the words that hub and agent share."""

import enum
from typing import Annotated

from msgspec import Meta

from computility.model.base import Count, Reason, Value
from computility.model.index_set import IndexText


class State(enum.Enum):
    """How far the attempt has come at the member; only ever goes up."""

    PENDING = "Pending"
    HELD = "Held"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    LOST = "Lost"

    @property
    def rank(self) -> int:
        return _RANK[self]

    @property
    def is_terminal(self) -> bool:
        return _RANK[self] == _TERMINAL


_TERMINAL = 3
_RANK = {
    State.PENDING: 0,
    State.HELD: 1,
    State.RUNNING: 2,
    State.SUCCEEDED: _TERMINAL,
    State.FAILED: _TERMINAL,
    State.CANCELLED: _TERMINAL,
    State.LOST: _TERMINAL,
}


class Started(enum.Enum):
    """Whether the payload was ever started: `No` is a proof (the claim was burned), never a guess."""

    NO = "No"
    YES = "Yes"
    UNKNOWN = "Unknown"


class Fault(enum.Enum):
    """Whose doing a bad end is: the payload's, the centre's set-up, or the machinery."""

    USER = "User"
    SITE = "Site"
    INFRA = "Infra"


class Counts(Value, frozen=True, kw_only=True):
    """How many indices stand where."""

    pending: Annotated[Count, Meta(description="Not started yet, or to be started again.")] = 0
    running: Annotated[Count, Meta(description="Running.")] = 0
    succeeded: Annotated[Count, Meta(description="Ended with exit code 0.")] = 0
    failed: Annotated[Count, Meta(description="Ended in any other way, for good.")] = 0


class IndexOutcome(Value, frozen=True, kw_only=True):
    """What became of indices of an array; those that ended alike stand together."""

    indices: Annotated[IndexText, Meta(description="These indices.")]
    state: Annotated[State, Meta(description="How they ended.")]
    reason: Annotated[Reason, Meta(description="Why.")] = ""
    fault: Annotated[Fault | None, Meta(description="Whose doing a bad end is.")] = None
    started: Annotated[Started, Meta(description="Whether the payloads ever started.")] = Started.UNKNOWN
    exit_code: Annotated[
        Annotated[int, Meta(ge=0, le=255)] | None, Meta(description="Exit code of each of them.")
    ] = None
    signal: Annotated[
        Annotated[int, Meta(ge=1, le=64)] | None, Meta(description="Signal that ended each of them.")
    ] = None


Outcomes = Annotated[
    tuple[IndexOutcome, ...],
    Meta(
        max_length=64,
        description=(
            "Of an array: how its indices ended, those alike together. Past 64 kinds of end the exit "
            "codes are left out."
        ),
    ),
]
