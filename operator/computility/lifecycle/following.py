"""What an agent does about an index whose claim a payload has: follow it, end it, wait for its result."""

from datetime import datetime, timedelta

from computility.lifecycle.attempt_view import LATER, SOON
from computility.lifecycle.case import Case
from computility.lifecycle.endings import report_result, report_unexplained
from computility.lifecycle.evidence import Result, SeenWorkload
from computility.model.index_set import IndexSet

RESULT_SETTLES = timedelta(seconds=5)
"""A result may become visible this long after its workload has ended: shared file systems lag."""
KILL_MARGIN = timedelta(seconds=60)
"""Past `maxRunSeconds` and grace, a payload that we cannot see has ended itself by this much later."""
CANCEL_AGAIN = timedelta(seconds=10)


def follow(case: Case, index: int) -> None:
    """Act on an index that a payload has claimed."""
    result = case.sight.of(index).result
    if result is not None:
        _finish(case, index, result)
        return
    active = case.sight.active(index)
    if not active:
        _await_result(case, index)
    elif index in case.entry.ended_at:
        # It is there again: restarted, or a controller remembers. Its end is still to come.
        case.found.back |= IndexSet.only(index)
        case.found.look_by(case.now)
    elif case.entry.tombstone_at is not None:
        _cancel(case, index)
    else:
        _accompany(case, index, active)


def _accompany(case: Case, index: int, active: list[SeenWorkload]) -> None:
    """See that a payload that runs, or waits for the go file, may go on; `progress` tells the hub of it."""
    if case.view.assignment is None:
        case.found.look_by(case.now + LATER)
        return
    own = next((w for w in active if w.native_id == case.sight.of(index).claim.native_id), active[0])
    if own.chunk not in case.view.recorded and not case.view.is_atomic:
        # Somebody else released it: it waits for the go file, not for us.
        if own.chunk not in {w.chunk for w in case.found.recorded}:
            case.found.recorded.append(own.workload)
        case.found.look_by(case.now)
    elif not case.sight.look.go or case.sight.of(index).started_at is None:
        case.found.go = case.found.go or not case.sight.look.go
        case.found.look_by(case.now + SOON)


def _cancel(case: Case, index: int) -> None:
    case.found.look_by(case.now + SOON)
    if case.entry.cancelled_at is None or case.now >= case.entry.cancelled_at + CANCEL_AGAIN:
        if not any(note.field == "cancelled_at" for note in case.found.noted):
            case.found.note("cancelled_at")
        case.found.cancelled |= IndexSet.only(index)


def _await_result(case: Case, index: int) -> None:
    """Wait for the result of a payload that no workload stands for any more."""
    ended_at, now = case.entry.ended_at.get(index), case.now
    if ended_at is None:
        case.found.ended |= IndexSet.only(index)
        case.found.look_by(now + SOON)
        return
    settled_by = ended_at + RESULT_SETTLES
    if not case.sight.covering(index):
        # Gone without a word: a controller that lost its memory leaves its payloads running.
        settled_by = max(settled_by, surely_over(case, index))
    if case.sight.look.taken_at < settled_by:
        # Also when it is over by now: what is said is said on a look from after it.
        case.found.look_by(max(now, min(settled_by, now + LATER)))
    else:
        case.found.end(index, report_unexplained(case.entry, case.sight, index))


def surely_over(case: Case, index: int) -> datetime:
    """Return when a payload that we cannot see has ended itself, whatever became of it."""
    work, seen = case.entry.spec.job, case.sight.of(index)
    seconds = work.max_run_seconds + work.grace_seconds if work else 0
    since = max(t for t in (seen.claim.claimed_at, seen.started_at, case.entry.intent_at) if t is not None)
    return since + timedelta(seconds=seconds) + KILL_MARGIN


def _finish(case: Case, index: int, result: Result) -> None:
    """Settle an index whose payload left a result."""
    ended_at = case.entry.ended_at.get(index)
    if not case.sight.active(index):
        case.found.end(index, report_result(case.entry, case.sight, index, result))
    elif ended_at is None:
        # The scheduler's word tells a kill for memory from any other; the wrapper is about to leave.
        case.found.ended |= IndexSet.only(index)
        case.found.look_by(case.now + SOON)
    elif case.sight.look.taken_at < ended_at + RESULT_SETTLES:
        case.found.look_by(case.now + SOON)
    else:
        case.found.end(index, report_result(case.entry, case.sight, index, result))
