"""What the hub is told of an attempt that has not ended: that it runs, and how far an array is."""

from datetime import datetime, timedelta

import msgspec

from computility.lifecycle.attempt_view import patience
from computility.lifecycle.case import Case
from computility.lifecycle.folding import count_ended
from computility.model.assignment import AssignmentStatus, Counts, Started, State, Workload
from computility.model.index_set import IndexSet

SHORT = timedelta(seconds=1)
"""A payload that ended within this time is reported once, at its end."""
TELL_AGAIN = timedelta(seconds=5)
"""How an array stands is told at most this often: each report is a write, and one more on the job."""


def tell_progress(case: Case) -> None:
    """Tell that the attempt runs, once it is clear that it is no short one; how far it is, of an array."""
    left = case.entry.open_indices
    running = _started(case, left) if case.entry.tombstone_at is None else {}
    if case.view.assignment is None or not (running or (case.entry.so_far and left)):
        return
    # What has ended counts, too: of an array of short payloads none that runs is ever an old one.
    starts = _starts(case, running)
    if running:
        # What only waits in the queue has been given its time already.
        case.found.look_by(case.now + patience(case.now - max(running.values())))
    if case.found.told is not None or not _is_recorded(case):
        return
    status = case.view.assignment.status
    if status.state.rank < State.RUNNING.rank and starts:
        if case.now < (certain := min(starts) + SHORT * case.view.clock_factor):
            case.found.look_by(certain)
            return
        case.found.told = _report(case, running, case.now)
    elif case.entry.array is not None and status.state is State.RUNNING:
        _tell_again(case, running)


def _started(case: Case, left: IndexSet) -> dict[int, datetime]:
    """Return when each payload that runs has started."""
    return {
        index: seen.started_at
        for index, seen in case.sight.look.indices.items()
        if index in left and seen.started_at is not None and seen.result is None and case.sight.active(index)
    }


def _starts(case: Case, running: dict[int, datetime]) -> list[datetime]:
    """Return when what runs has started, and the first of what has ended."""
    so_far = case.entry.so_far
    return [*running.values(), *([so_far.started_at] if so_far and so_far.started_at else [])]


def _is_recorded(case: Case) -> bool:
    """Say whether all that is to be recorded is: that comes before anything else is told."""
    return case.view.is_atomic or all(
        w.chunk in case.view.recorded for w in case.sight.look.workloads if not w.is_ended
    )


def _tell_again(case: Case, running: dict[int, datetime]) -> None:
    assert case.view.assignment is not None  # noqa: S101 - the caller's condition, for the type checker
    status = case.view.assignment.status
    if _count(case, running) == status.counts:
        return
    due = (status.reported_at or case.now) + TELL_AGAIN * case.view.clock_factor
    if status.reported_at is not None and case.now < due:
        case.found.look_by(due)
    else:
        case.found.told = _report(case, running, case.now)


def _report(case: Case, running: dict[int, datetime], now: datetime) -> AssignmentStatus:
    assert case.view.assignment is not None  # noqa: S101 - the caller's condition, for the type checker
    status, so_far = case.view.assignment.status, case.entry.so_far
    starts = [*_starts(case, running), *([status.started_at] if status.started_at else [])]
    told = msgspec.structs.replace(
        status,
        state=State.RUNNING,
        reason="",
        message="",
        started=Started.YES,
        started_at=min(starts, default=None),
        workloads=status.workloads or _seen_workloads(case),
    )
    if case.entry.array is None:
        return told
    outcomes = so_far.outcomes if so_far else ()
    return msgspec.structs.replace(told, counts=_count(case, running), outcomes=outcomes, reported_at=now)


def _seen_workloads(case: Case) -> tuple[Workload, ...]:
    return tuple({w.chunk: w.workload for w in case.sight.look.workloads}.values())


def _count(case: Case, running: dict[int, datetime]) -> Counts:
    succeeded, failed = count_ended(case.entry.so_far)
    left = len(case.entry.open_indices)
    return Counts(pending=left - len(running), running=len(running), succeeded=succeeded, failed=failed)
