"""What an agent does about an attempt whose end is settled: tell it, end what comes late, tidy up."""

from datetime import datetime

import msgspec

from computility.lifecycle.agent_actions import Cancel, Decision, Note, Report, Tidy
from computility.lifecycle.attempt_view import LATER, SOON, SUBMIT_SETTLES, AttemptView
from computility.lifecycle.entry import Entry
from computility.model.assignment import AssignmentStatus


def deliver(view: AttemptView, entry: Entry, settled: AssignmentStatus, now: datetime) -> Decision:
    """Say what the journal knows, also to an Assignment that was made again; then end what came late."""
    if view.assignment is not None and not view.assignment.status.state.is_terminal:
        return Decision(actions=(Report(status=_with_workloads(view, settled)),), look_at=now)
    if not entry.is_open:
        return Decision()
    if entry.is_uncertain and entry.submitted_at is not None:
        return _end_late(view, entry, entry.submitted_at + SUBMIT_SETTLES, now)
    return _tidy(view, now)


def _end_late(view: AttemptView, entry: Entry, settles: datetime, now: datetime) -> Decision:
    """Cancel what a submit without an answer has left behind, once it cannot leave any more."""
    if view.look is None or view.look.taken_at < settles:
        return Decision(look_at=max(now, settles))
    if not view.look.complete:
        return Decision(look_at=now + SOON)
    if any(not w.is_ended for w in view.look.workloads):
        return Decision(actions=(Cancel(indices=entry.indices),), look_at=now + SOON)
    return _tidy(view, now)


def _tidy(view: AttemptView, now: datetime) -> Decision:
    """Leave only claim, result and output at the centre once the end is told: the journal knows the rest."""
    if view.assignment is None and not view.is_gone:
        return Decision(look_at=now + LATER)
    return Decision(actions=(Tidy(), Note(field="tidied_at", at=now)))


def _with_workloads(view: AttemptView, status: AssignmentStatus) -> AssignmentStatus:
    if status.workloads or view.assignment is None:
        return status
    return msgspec.structs.replace(status, workloads=view.assignment.status.workloads)
