"""What the journal holds of one attempt."""

from datetime import datetime

from computility.lifecycle.chunks import split_into_chunks
from computility.lifecycle.evidence import ONE, SubmitAnswer
from computility.model.assignment import AssignmentSpec, AssignmentStatus, Fault
from computility.model.base import Value
from computility.model.index_set import IndexSet, IndexText
from computility.model.reasons import Reason


class Refusal(Value, frozen=True, kw_only=True):
    """Why this centre will not run an assignment: its own tables and checks say so."""

    reason: Reason
    fault: Fault
    message: str


class ChunkEntry(Value, frozen=True, kw_only=True):
    """What is known of submitting one chunk of the attempt's indices."""

    submits: int = 0
    submitted_at: datetime | None = None
    answer: SubmitAnswer | None = None

    @property
    def is_uncertain(self) -> bool:
        """Whether a submit may have put more at the centre than the journal knows."""
        return self.submits > 1 or (self.submits == 1 and self.answer is None)


class Entry(Value, frozen=True, kw_only=True):
    """What the journal holds of one attempt; written before the effect that it announces.

    `tombstone_at`, `withdrawn_at` and `expired_at` say since when it shall not start: on the hub's order, for
    want of it, or because the job's deadline has passed.

    `account` is the local account; empty when the attempt was refused before it got one. `ended_at` says
    when the workload of an index that has left no result was first seen ended. `started` are the indices of
    an array whose payloads were seen started: what they leave behind they can remove. `done` are the indices
    whose end is settled, and `so_far` what they came to; once all are, `settled` says it.
    """

    name: str
    spec: AssignmentSpec
    account: str
    intent_at: datetime
    refusal: Refusal | None = None
    chunks: tuple[ChunkEntry, ...] = (ChunkEntry(),)
    tombstone_at: datetime | None = None
    withdrawn_at: datetime | None = None
    expired_at: datetime | None = None
    cancelled_at: datetime | None = None
    missing_at: datetime | None = None
    ended_at: dict[int, datetime] = {}  # noqa: RUF012 - msgspec copies an empty literal
    started: IndexText = ""
    claim_lost: IndexText = ""
    done: IndexText = ""
    so_far: AssignmentStatus | None = None
    settled: AssignmentStatus | None = None
    settled_at: datetime | None = None
    tidied_at: datetime | None = None

    @property
    def array(self) -> IndexSet | None:
        """The indices of an attempt at an array; None without an array."""
        work = self.spec.job
        return work.index_set if work is not None and work.array_size else None

    @property
    def indices(self) -> IndexSet:
        """Everything that is attempted."""
        return ONE if self.array is None else self.array

    @property
    def open_indices(self) -> IndexSet:
        """What has not come to a settled end yet."""
        if self.settled is not None:
            return IndexSet()
        return self.indices - IndexSet.parse(self.done)

    @property
    def chunk_sets(self) -> tuple[IndexSet, ...]:
        """The indices of each chunk."""
        array = self.array
        return (ONE,) if array is None else split_into_chunks(array)

    def chunk_of(self, index: int) -> ChunkEntry:
        """Return what is known of submitting an index."""
        number = next((n for n, chunk in enumerate(self.chunk_sets) if index in chunk), 0)
        return self.chunks[number]

    @property
    def given_up_at(self) -> datetime | None:
        """When it was decided that this attempt shall not start, whatever the cause."""
        return self.tombstone_at or self.withdrawn_at or self.expired_at

    @property
    def submitted_at(self) -> datetime | None:
        """When anything of it was submitted last."""
        return max((c.submitted_at for c in self.chunks if c.submitted_at), default=None)

    @property
    def is_uncertain(self) -> bool:
        """Whether a submit may have put more at the centre than the journal knows."""
        return any(chunk.is_uncertain for chunk in self.chunks)

    @property
    def is_open(self) -> bool:
        """Whether something may still have to be done: until it is tidied, if it ever came to the centre.

        What is tidied is certain, too: whatever a submit may have put there has been looked for.
        """
        return self.settled is None or (self.refusal is None and self.tidied_at is None)
