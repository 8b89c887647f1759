"""What is submitted to a simulated centre, and what it answers."""

import enum
from typing import Annotated

from msgspec import Meta, field

from computility.model.base import Seconds, Value
from computility.model.index_set import IndexSet, IndexText

Positive = Annotated[int, Meta(ge=1)]
Signal = Annotated[int, Meta(ge=1, le=64)]


class Run(Value, frozen=True, kw_only=True):
    """What a payload does, since nothing is really executed."""

    seconds: Annotated[Seconds | None, Meta(description="How long it runs; unset means drawn.")] = None
    exit_code: Annotated[int, Meta(ge=0, le=255, description="What it ends with by itself.")] = 0
    signal: Annotated[Signal | None, Meta(description="What it dies of instead.")] = None
    wind_down_seconds: Annotated[
        float, Meta(ge=0, description="How long after SIGTERM it ends; after its grace it is killed.")
    ] = 0


class Request(Value, frozen=True, kw_only=True):
    """One submission: a set of tasks that are all alike. A job without an array has the one task 0."""

    name: str
    account: str
    partition: str
    nodes: Annotated[int, Meta(ge=1, description="Nodes of one task.")]
    cores_per_node: Positive
    limit_seconds: Annotated[float, Meta(gt=0, description="Requested time; a task is killed at its end.")]
    cards_per_node: Annotated[int, Meta(ge=0)] = 0
    memory_mib: Annotated[int, Meta(ge=0, description="Memory of each node.")] = 0
    grace_seconds: Annotated[
        float,
        Meta(ge=0, description="SIGTERM comes this long before the limit, or before a cancel's SIGKILL."),
    ] = 0
    tasks: Annotated[IndexText, Meta(description="Which tasks.")] = "0"
    max_concurrent: Annotated[Positive | None, Meta(description="Most tasks that run at once.")] = None
    run: Annotated[Run, Meta(description="What each task does.")] = Run()
    runs: Annotated[dict[int, Run], Meta(description="What certain tasks do instead.")] = field(
        default_factory=dict
    )

    @property
    def index_set(self) -> IndexSet:
        return IndexSet.parse(self.tasks)

    def run_of(self, index: int) -> Run:
        return self.runs.get(index, self.run)


class RefusalReason(enum.Enum):
    """Why a submission is not taken."""

    UNKNOWN_PARTITION = "UnknownPartition"
    LIMIT_EXCEEDED = "LimitExceeded"
    NEVER_FITS = "NeverFits"
    BEYOND_QUEUE = "BeyondQueue"
    QUEUE_FULL = "QueueFull"


class Refusal(Value, frozen=True, kw_only=True):
    """The submission was certainly not taken."""

    reason: RefusalReason
    message: str

    @property
    def passes(self) -> bool:
        """Whether the same submission can be taken later."""
        return self.reason is RefusalReason.QUEUE_FULL
