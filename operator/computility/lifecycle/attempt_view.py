"""What an agent's decision about one attempt is made from, and how long it waits between looks."""

from datetime import timedelta

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
    """

    name: str
    assignment: Assignment | None = None
    is_gone: bool = False
    entry: Entry | None = None
    look: Look | None = None
    refusal: Refusal | None = None

    @property
    def wants_cancel(self) -> bool:
        return self.assignment is not None and self.assignment.spec.desired is Desired.CANCEL

    @property
    def recorded_id(self) -> str:
        """The native id that stands on the Assignment; "" while none does."""
        workloads = self.assignment.status.workloads if self.assignment else ()
        return workloads[0].native_id if workloads else ""
