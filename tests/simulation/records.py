"""What a simulated centre keeps: records of its controller, wrappers on its nodes, files that they leave."""

from dataclasses import dataclass, field
from datetime import datetime

from computility.lifecycle.evidence import Claim, IndexLook, Result, SeenWorkload, WorkloadState
from computility.model.assignment import Fault
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason

Payload = tuple[str, int]
"""One index of an attempt: the attempt's name and the index."""


@dataclass(frozen=True)
class Chunk:
    """What is submitted at once: indices of an attempt, and how many of them may be active at a time."""

    name: str
    number: int
    indices: IndexSet
    most: int


@dataclass
class Record:
    """What the controller knows of one task of a workload; those of one array share its id."""

    native_id: int
    name: str
    chunk: int
    index: int
    most: int
    """How many tasks of the array may be active at a time."""
    state: WorkloadState
    submitted_at: datetime
    word: str = ""
    ending: Reason | None = None
    fault: Fault | None = None
    purged: bool = False
    hidden: bool = False
    """Not listed for now, although the list looks whole: an amnesia that passes."""

    @property
    def seen(self) -> SeenWorkload:
        return SeenWorkload(
            native_id=str(self.native_id),
            chunk=self.chunk,
            indices=IndexSet.only(self.index),
            state=self.state,
            word=self.word,
            ending=self.ending,
            fault=self.fault,
            submitted_at=self.submitted_at,
        )


@dataclass
class Wrapper:
    """The process on the node; it lives on when the controller forgets it."""

    native_id: int
    payload: Payload
    claimed: bool = False
    started_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass
class Files:
    """What lies on the shared file system for one index of an attempt."""

    claim: Claim = field(default_factory=Claim)
    started_at: datetime | None = None
    result: Result | None = None
    visible_at: datetime | None = None
    is_tidy: bool = False

    def look(self, now: datetime) -> IndexLook:
        is_visible = self.visible_at is not None and self.visible_at <= now
        return IndexLook(
            claim=self.claim,
            traces=self.started_at is not None,
            started_at=self.started_at,
            result=self.result if is_visible else None,
        )


@dataclass
class Start:
    """A payload that was started, and when it ended."""

    payload: Payload
    native_id: int
    ended_at: datetime | None = None
    exit_code: int | None = None
