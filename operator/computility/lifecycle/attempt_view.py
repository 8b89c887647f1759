"""What an agent's decision about one attempt is made from, and how long it waits between looks."""

from datetime import datetime, timedelta

from computility.lifecycle.entry import Entry, Refusal
from computility.lifecycle.evidence import Look
from computility.model.assignment import Assignment, Desired
from computility.model.base import Value

SUBMIT_SETTLES = timedelta(seconds=10)
"""A submit without an answer may still arrive this long after it was sent (slurm.md 7)."""

SOON = timedelta(seconds=1)
LATER = timedelta(seconds=10)


def patience(age: timedelta) -> timedelta:
    """Return how long not to look at what has been as it is for so long: a change is seen a tenth late."""
    return min(max(age / 10, SOON), LATER)


class AttemptView(Value, frozen=True, kw_only=True):
    """All that is known of one attempt.

    `assignment` None with `is_gone` means that the hub has no such object, proved by a complete list
    and a 404; without it, that the agent does not know. `look` is the newest since the last effect.
    `is_atomic` says that the backend keeps what it was given in the journal's own transaction: nothing that
    is submitted can be lost, so that no workload has to stand on the Assignment before it is released.
    `start_by` is when what has not started is given up, by our clock. `is_draining`: the member shall
    give back what has not started. `clock_factor` is how many seconds of our clock pass in one of the hub's:
    what is not to be told too often goes by the hub's.
    """

    name: str
    assignment: Assignment | None = None
    is_gone: bool = False
    entry: Entry | None = None
    look: Look | None = None
    refusal: Refusal | None = None
    is_atomic: bool = False
    is_draining: bool = False
    start_by: datetime | None = None
    clock_factor: float = 1.0

    @property
    def wants_cancel(self) -> bool:
        return self.assignment is not None and self.assignment.spec.desired is Desired.CANCEL

    @property
    def recorded(self) -> dict[int, str]:
        """The native id of each chunk that stands on the Assignment."""
        workloads = self.assignment.status.workloads if self.assignment else ()
        return {workload.chunk: workload.native_id for workload in workloads}
