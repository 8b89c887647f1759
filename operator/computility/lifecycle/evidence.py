"""What an agent can know about one attempt at its centre: workloads, claim, go file and result."""

import enum
from collections.abc import Mapping
from datetime import datetime

from computility.model.assignment import Fault, Workload
from computility.model.base import Value
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason


class WorkloadState(enum.Enum):
    """What a backend says of a workload, in the words that decisions need."""

    HELD = "Held"
    QUEUED = "Queued"
    ACTIVE = "Active"
    ENDED = "Ended"
    UNKNOWN = "Unknown"


ONE = IndexSet.first(1)
"""The index of an attempt at a job without an array."""


class SeenWorkload(Value, frozen=True, kw_only=True):
    """A workload that carries the attempt's name, or a part of one, as one look found it.

    `chunk` says which part of the attempt it was submitted for, `indices` which of the attempt's indices
    this record stands for: an array that a scheduler keeps as one workload is seen as several records of
    one `native_id`, one for each state; each index that is active or has ended has a record of its own.
    `ending` and `fault` say how the backend explains the end of an ENDED workload (None: it ended by
    itself); `word` is the backend's own state, kept for people and for states that we do not know.
    """

    native_id: str
    state: WorkloadState
    chunk: int = 0
    indices: IndexSet = ONE
    cluster: str = ""
    word: str = ""
    ending: Reason | None = None
    fault: Fault | None = None
    submitted_at: datetime | None = None
    elapsed_seconds: float | None = None

    @property
    def is_ended(self) -> bool:
        return self.state is WorkloadState.ENDED

    @property
    def workload(self) -> Workload:
        """What stands of it on the Assignment."""
        return Workload(
            native_id=self.native_id,
            chunk=self.chunk,
            cluster=self.cluster,
            submitted_at=self.submitted_at,
        )


class ClaimHolder(enum.Enum):
    """Who has an index's claim, of which there is exactly one in each attempt, for ever."""

    NOBODY = "Nobody"
    PAYLOAD = "Payload"
    AGENT = "Agent"
    """Burned: the agent took the claim, so that no payload of this index can ever start."""


class Claim(Value, frozen=True, kw_only=True):
    """The claim as read back."""

    holder: ClaimHolder = ClaimHolder.NOBODY
    native_id: str = ""
    claimed_at: datetime | None = None


class Result(Value, frozen=True, kw_only=True):
    """What the wrapper wrote when the payload ended; only kept if its nonce is the claim's.

    Exactly one of `exit_code` and `signal` is set. `limit` says that the wrapper itself ended the
    payload because `maxRunSeconds` were over; `told`, that it passed a SIGTERM from outside on; `unstarted`,
    that the centre's modules could not be loaded, so that the payload was never started.
    """

    started_at: datetime
    ended_at: datetime
    run_seconds: float
    exit_code: int | None = None
    signal: int | None = None
    limit: bool = False
    told: bool = False
    unstarted: bool = False


class IndexLook(Value, frozen=True, kw_only=True):
    """What was found of one index of an attempt.

    `traces` says that a start or a result was written, whoever has the claim: a payload can destroy its
    own claim.
    """

    claim: Claim = Claim()
    traces: bool = False
    started_at: datetime | None = None
    result: Result | None = None


class Look(Value, frozen=True, kw_only=True):
    """Everything about one attempt, read at one time.

    `complete` is False when any source failed or may hide records: then what is absent means nothing.
    `indices` has those of which anything was found; nobody has the claim of the others.
    `stdout_tail` and `stderr_tail` are the ends of the output of the index `tail_index`: of the first one
    asked for that ended badly, else of the first that ended; "" while none has.
    """

    taken_at: datetime
    complete: bool
    workloads: tuple[SeenWorkload, ...] = ()
    indices: Mapping[int, IndexLook] = {}
    go: bool = False
    tail_index: int | None = None
    stdout_tail: str = ""
    stderr_tail: str = ""
    problem: str = ""

    def index(self, index: int) -> IndexLook:
        """Return what was found of one index."""
        return self.indices.get(index, _NOTHING)


_NOTHING = IndexLook()


class SubmitAnswer(Value, frozen=True, kw_only=True):
    """What a backend answered to a submit: a workload, a refusal, a delay, or nothing certain.

    `workload` set: accepted, and held. `refused` set: certainly not accepted, never will be. `postponed`
    set: certainly not accepted now, for a cause that passes; the attempt is submitted again later, and
    that try does not count. None of them: nobody knows (a time-out, a lost answer); only a later look
    can tell.
    """

    workload: Workload | None = None
    refused: Reason | None = None
    postponed: Reason | None = None
    fault: Fault | None = None
    message: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether it says what the scheduler did."""
        return self.workload is not None or self.refused is not None or self.postponed is not None
