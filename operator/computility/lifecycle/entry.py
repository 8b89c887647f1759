"""What the journal holds of one attempt."""

from datetime import datetime

from computility.lifecycle.evidence import SubmitAnswer
from computility.model.assignment import AssignmentSpec, AssignmentStatus, Fault
from computility.model.base import Value
from computility.model.reasons import Reason


class Refusal(Value, frozen=True, kw_only=True):
    """Why this centre will not run an assignment: its own tables and checks say so."""

    reason: Reason
    fault: Fault
    message: str


class Entry(Value, frozen=True, kw_only=True):
    """What the journal holds of one attempt; written before the effect that it announces.

    `account` is the local account; empty when the attempt was refused before it got one.
    """

    name: str
    spec: AssignmentSpec
    account: str
    intent_at: datetime
    refusal: Refusal | None = None
    submits: int = 0
    submitted_at: datetime | None = None
    answer: SubmitAnswer | None = None
    tombstone_at: datetime | None = None
    withdrawn_at: datetime | None = None
    cancelled_at: datetime | None = None
    ended_at: datetime | None = None
    claim_lost_at: datetime | None = None
    missing_at: datetime | None = None
    settled: AssignmentStatus | None = None
    settled_at: datetime | None = None
    tidied_at: datetime | None = None

    @property
    def given_up_at(self) -> datetime | None:
        """When it was decided that this attempt shall not start: on the hub's order, or for want of it."""
        return self.tombstone_at or self.withdrawn_at

    @property
    def is_uncertain(self) -> bool:
        """Whether a submit may have put more at the centre than the journal knows."""
        return self.submits > 1 or (self.submits == 1 and self.answer is None)

    @property
    def is_open(self) -> bool:
        """Whether something may still have to be done: until it is tidied, if it ever came to the centre.

        What is tidied is certain, too: whatever a submit may have put there has been looked for.
        """
        return self.settled is None or (self.refusal is None and self.tidied_at is None)
