"""What became of a ComputeJob: its attempts, its receipt, and where it stands."""

import enum
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from computility.model.base import (
    Amount,
    Count,
    Generation,
    MemberName,
    Message,
    ObjectName,
    Reason,
    Seconds,
    Tail,
    Uid,
    Value,
    keyed_by,
)
from computility.model.index_set import MAX_ARRAY_SIZE, IndexText
from computility.model.meta import Conditions
from computility.model.outcome import Counts, Outcomes, Started
from computility.model.pool_facts import Energy
from computility.model.receipt import Receipt
from computility.model.tariff import Tariff


class Phase(enum.Enum):
    """Where a job stands, in one word; derived from its conditions and attempts."""

    SUSPENDED = "Suspended"
    QUEUED = "Queued"
    QUOTED = "Quoted"
    PLACED = "Placed"
    RUNNING = "Running"
    FINISHING = "Finishing"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"

    @property
    def is_terminal(self) -> bool:
        return self in _TERMINAL


_TERMINAL = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED})


class AttemptState(enum.Enum):
    """How far an attempt has come, as the hub booked it."""

    PLACED = "Placed"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    LOST = "Lost"

    @property
    def is_terminal(self) -> bool:
        return self not in _LIVE


_LIVE = frozenset({AttemptState.PLACED, AttemptState.RUNNING})


class Allocated(Value, frozen=True, kw_only=True):
    """An amount of machine that one run holds."""

    cores: Annotated[Count, Meta(description="CPU cores.")] = 0
    cards: Annotated[Count, Meta(description="Accelerator cards.")] = 0


class Attempt(Value, frozen=True, kw_only=True):
    """One try at running the job; with the spec it determines its Assignment wholly."""

    ordinal: Annotated[int, Meta(ge=1, le=999_999_999, description="The attempt's number; never used again.")]
    member: Annotated[MemberName, Meta(description="The member it was given to.")]
    member_uid: Annotated[Uid, Meta(description="That MemberCluster's uid.")] = msgspec.field(
        name="memberUID"
    )
    pool: Annotated[ObjectName, Meta(description="The pool it was placed on.")]
    lease_seconds: Annotated[
        int, Meta(ge=10, le=86_400, description="The member's lease when it was placed.")
    ]
    indices: Annotated[
        IndexText, Meta(description="The indices of the array that it attempts; empty without an array.")
    ] = ""
    max_concurrent: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_ARRAY_SIZE)] | None,
        Meta(description="Its part of the array's `maxConcurrent`."),
    ] = None
    variant: Annotated[
        str,
        Meta(max_length=64, description="Which of the job's variants runs; empty: the template as it is."),
    ] = ""
    allocated: Annotated[
        Allocated | None,
        Meta(description="What one run is charged for, where that is more than it asked for: whole nodes."),
    ] = None
    state: Annotated[AttemptState, Meta(description="How far it has come.")] = AttemptState.PLACED
    placed_at: Annotated[datetime | None, Meta(description="When the hub decided on it.")] = None
    booked_at: Annotated[
        datetime | None, Meta(description="When the hub booked its end, by the hub's clock.")
    ] = None
    native_id: Annotated[str, Meta(max_length=64, description="The scheduler's id of its workload.")] = (
        msgspec.field(name="nativeID", default="")
    )
    reason: Annotated[Reason, Meta(description="Why it ended.")] = ""
    message: Annotated[Message, Meta(description="The same for a person, as the member tells it.")] = ""
    fault: Annotated[
        str, Meta(max_length=8, pattern=r"^(User|Site|Infra)?\Z", description="Whose doing a bad end was.")
    ] = ""
    started: Annotated[
        str,
        Meta(max_length=8, pattern=r"^(No|Yes|Unknown)?\Z", description="Whether the payload was started."),
    ] = ""
    exit_code: Annotated[
        Annotated[int, Meta(ge=0, le=255)] | None, Meta(description="Exit code of the payload.")
    ] = None
    signal: Annotated[Annotated[int, Meta(ge=1, le=64)] | None, Meta(description="Signal that ended it.")] = (
        None
    )
    counts: Annotated[
        Counts | None, Meta(description="Of an array: how many of its indices stand where.")
    ] = None
    outcomes: Outcomes = ()
    started_at: Annotated[datetime | None, Meta(description="When the payload started.")] = None
    ended_at: Annotated[datetime | None, Meta(description="When it ended.")] = None
    run_seconds: Annotated[Seconds | None, Meta(description="How long it ran, in seconds.")] = None
    core_seconds: Annotated[Seconds | None, Meta(description="Cores allocated times seconds run.")] = None
    card_seconds: Annotated[Seconds | None, Meta(description="Cards allocated times seconds run.")] = None
    tariff: Annotated[
        Tariff, Meta(description="The pool's prices when it was placed; the charge is reckoned with them.")
    ] = Tariff()
    price_factor: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="What the namespace's class of user paid of these prices when it was placed.",
        ),
    ] = 1.0
    cost: Annotated[Amount | None, Meta(description="What it cost, in `tariff.currency`.")] = None
    energy: Annotated[
        Energy | None,
        Meta(description="What the pool drew when it was placed; its CO2 is reckoned with it."),
    ] = None
    clock_factor: Annotated[
        float, Meta(ge=1, le=10_000, description="The pool's `clockFactor` when it was placed.")
    ] = 1.0
    speed: Annotated[
        Annotated[float, Meta(gt=0, le=10_000)] | None,
        Meta(
            description="The pool's speed relative to the reference, by the benchmark that the job follows."
        ),
    ] = None
    done_seconds: Annotated[
        Seconds | None,
        Meta(description="From its placement to its end, counted as `receipt.actual.doneSeconds` is."),
    ] = None

    @property
    def is_unstarted(self) -> bool:
        """Whether it is certain that its payload never started."""
        return self.started == Started.NO.value


class ComputeJobStatus(Value, frozen=True, kw_only=True):
    """What became of it; the hub alone writes it."""

    observed_generation: Annotated[
        Generation, Meta(description="Spec generation last acted on; -1: not looked at yet.")
    ] = -1
    phase: Annotated[Phase | None, Meta(description="Where the job stands, in one word.")] = None
    reason: Annotated[Reason, Meta(description="Why it stands there, one word from docs/reasons.md.")] = ""
    message: Annotated[Message, Meta(description="The same, a sentence for a person.")] = ""
    counts: Annotated[
        Counts | None, Meta(description="Of an array: how many of its indices stand where.")
    ] = None
    succeeded_indices: Annotated[IndexText, Meta(description="Of an array: those that succeeded.")] = ""
    failed_indices: Annotated[
        IndexText, Meta(description="Of an array: those that ended in another way, for good.")
    ] = ""
    last_ordinal: Annotated[Count, Meta(description="Number of the newest attempt; never falls.")] = 0
    attempts: Annotated[
        tuple[Attempt, ...],
        Meta(max_length=32, extra_json_schema=keyed_by("ordinal"), description="Its attempts, oldest first."),
    ] = ()
    receipt: Annotated[Receipt | None, Meta(description="Why it went where it went, or why it waits.")] = None
    started_at: Annotated[datetime | None, Meta(description="When the payload first started.")] = None
    ended_at: Annotated[datetime | None, Meta(description="When the job ended.")] = None
    exit_code: Annotated[
        Annotated[int, Meta(ge=0, le=255)] | None,
        Meta(description="Exit code of the attempt whose output is shown."),
    ] = None
    signal: Annotated[
        Annotated[int, Meta(ge=1, le=64)] | None, Meta(description="Signal that ended that attempt.")
    ] = None
    stdout_tail: Annotated[
        Tail,
        Meta(
            description=(
                "The end of the last attempt's standard output; of an array, of the first attempt of which "
                "an index failed for good."
            )
        ),
    ] = ""
    stderr_tail: Annotated[Tail, Meta(description="The end of that attempt's standard error.")] = ""
    conditions: Annotated[
        Conditions,
        Meta(
            description="Placed, MemberReachable, Complete, Failed; Reconciling, Stalled, Ready for kstatus.",
        ),
    ] = ()
