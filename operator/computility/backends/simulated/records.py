"""What the engine knows of workloads and of their tasks. To everybody outside the engine: read only."""

import enum

import msgspec

from computility.backends.simulated.requests import Request
from computility.lifecycle.evidence import WorkloadState
from computility.model.index_set import IndexSet

ALL_INDICES = IndexSet.first(10_000)


class Ending(enum.Enum):
    """Why a task is over."""

    EXITED = "Exited"
    """By itself."""
    TIME_LIMIT = "TimeLimit"
    CANCELLED = "Cancelled"
    NODE_FAILED = "NodeFailed"
    """A node of it died; nobody wrote a result."""
    FORGOTTEN = "Forgotten"
    """The controller that came back after a crash did not know it; nobody wrote a result."""
    CLAIM_TAKEN = "ClaimTaken"
    """Its wrapper found the claim burned, or another's: the payload was never started."""


class Task(msgspec.Struct, kw_only=True):
    """One start of one index: an allocation, and in it the wrapper with the payload.

    It waits inside its allocation until `go` is said: `began_at` is None until then. `ending` is set as
    soon as its end is decided, `ended_at` once it is over. A payload left a result exactly if
    `has_result`.
    """

    index: int
    nodes: IndexSet
    """The nodes of its group that it holds."""
    started_at: float
    stop_at: float
    """When it is killed: at its limit, or before."""
    run_seconds: float
    """How long the payload runs if nothing ends it."""
    fails: bool = False
    """Whether chance has it end with exit code 1."""
    claimed: bool = False
    began_at: float | None = None
    told_at: float | None = None
    """When it got SIGTERM."""
    due_at: float = 0.0
    """When something happens to it next."""
    ended_at: float | None = None
    ending: Ending | None = None
    exit_code: int | None = None
    signal: int | None = None

    @property
    def has_result(self) -> bool:
        """Whether the wrapper lived to write down how the payload ended."""
        lost = self.ending in (Ending.NODE_FAILED, Ending.FORGOTTEN)
        return self.began_at is not None and self.ended_at is not None and not lost


class Workload(msgspec.Struct, kw_only=True):
    """One accepted submission. `serial` is the engine's own number of it, `id` the scheduler's.

    Each of its indices is in exactly one of `pending` (not started), `tasks` (started, perhaps over) and
    `withdrawn` (cancelled before it started).
    """

    serial: int
    id: int
    request: Request
    submitted_at: float
    is_held: bool
    pending: IndexSet
    withdrawn: IndexSet = IndexSet()
    tasks: dict[int, Task] = msgspec.field(default_factory=dict)
    active: int = 0
    """How many of its tasks hold nodes now."""
    turn: int = 0
    """Its place among those of the same priority: the order of releases."""
    released_at: float | None = None
    ended_at: float | None = None
    is_forgotten: bool = False
    """The controller knows it no more (by its age, or by a crash); only its tasks' files tell of it."""
    is_foreign: bool = False
    """Background load: a job of the centre's own users."""

    @property
    def name(self) -> str:
        return self.request.name

    @property
    def state(self) -> WorkloadState:
        if self.active:
            return WorkloadState.ACTIVE
        if not self.pending:
            return WorkloadState.ENDED
        return WorkloadState.HELD if self.is_held else WorkloadState.QUEUED

    @property
    def next_index(self) -> int:
        """The lowest of those that wait; there is one."""
        bits = self.pending.bits
        return (bits & -bits).bit_length() - 1

    def indices(self, ending: Ending) -> IndexSet:
        """Return the indices that are over and ended so; withdrawn ones count as cancelled."""
        over = (t.index for t in self.tasks.values() if t.ended_at is not None and t.ending is ending)
        return IndexSet.of(over) | (self.withdrawn if ending is Ending.CANCELLED else IndexSet())


class Attempt(msgspec.Struct, kw_only=True):
    """What lies on the shared file system under one name, and the submissions that carry it."""

    go: bool = False
    burned: IndexSet = IndexSet()
    """Claims that the agent took, so that no payload can."""
    claims: dict[int, tuple[Workload, Task]] = msgspec.field(default_factory=dict)
    """Claimed index → the task that has it."""
    workloads: list[Workload] = msgspec.field(default_factory=list)
