"""What is found about the indices of one attempt, gathered into one decision."""

from dataclasses import dataclass, field
from datetime import datetime

from computility.lifecycle.agent_actions import (
    Action,
    Burn,
    Cancel,
    Decision,
    Go,
    IndexEnd,
    Note,
    NoteClaimsLost,
    NoteEnded,
    NoteStarted,
    Record,
    Release,
    Report,
    Settle,
    Submit,
)
from computility.model.assignment import AssignmentStatus, Workload
from computility.model.index_set import NO_INDICES, IndexSet


@dataclass
class Findings:
    """Gathers, index by index, what is to be done; `decision` puts it in order.

    First what the journal must know, then what ends something at the centre, then what brings something
    nearer to its start, and last what the hub is told, unless there is other news for the Assignment.
    """

    now: datetime
    noted: list[Note] = field(default_factory=list)
    ended: IndexSet = NO_INDICES
    back: IndexSet = NO_INDICES
    started: IndexSet = NO_INDICES
    claims_lost: IndexSet = NO_INDICES
    ends: list[IndexEnd] = field(default_factory=list)
    burned: IndexSet = NO_INDICES
    cancelled: IndexSet = NO_INDICES
    submitted: list[int] = field(default_factory=list)
    recorded: list[Workload] = field(default_factory=list)
    go: bool = False
    released: list[str] = field(default_factory=list)
    told: AssignmentStatus | None = None
    look_at: datetime | None = None

    def look_by(self, at: datetime) -> None:
        """Look again at this instant, if not before."""
        self.look_at = at if self.look_at is None else min(self.look_at, at)

    def end(self, index: int, status: AssignmentStatus) -> None:
        """Settle an index."""
        self.ends.append(IndexEnd(indices=IndexSet.only(index), status=status))
        self.look_by(self.now)

    def note(self, field_name: str) -> None:
        """Keep this instant in the entry's field of this name."""
        self.noted.append(Note(field=field_name, at=self.now))

    def decision(self) -> Decision:
        """Put everything that was found in order."""
        actions = [*self._journal(), *self._centre()]
        if self.told is not None and not self.ends and not self.recorded:
            actions.append(Report(status=self.told))
        return Decision(actions=tuple(actions), look_at=self.look_at)

    def _journal(self) -> list[Action]:
        actions: list[Action] = [*self.noted]
        if self.ended:
            actions.append(NoteEnded(indices=self.ended, at=self.now))
        if self.back:
            actions.append(NoteEnded(indices=self.back, at=None))
        if self.started:
            actions.append(NoteStarted(indices=self.started))
        if self.claims_lost:
            actions.append(NoteClaimsLost(indices=self.claims_lost))
        if self.ends:
            actions.append(Settle(ends=tuple(self.ends)))
        return actions

    def _centre(self) -> list[Action]:
        actions: list[Action] = []
        if self.burned:
            actions.append(Burn(indices=self.burned))
        if self.cancelled:
            actions.append(Cancel(indices=self.cancelled))
        if self.submitted:
            actions.append(Submit(chunks=tuple(self.submitted)))
        if self.recorded:
            actions.append(Record(workloads=tuple(self.recorded)))
        if self.go:
            actions.append(Go())
        if self.released:
            actions.append(Release(native_ids=tuple(self.released)))
        return actions
