"""What an agent does about an attempt whose claim a payload has: follow it, end it, wait for its result."""

from datetime import datetime, timedelta

from computility.lifecycle.agent_actions import Cancel, Decision, Go, Note, Record, Report, Settle
from computility.lifecycle.attempt_view import LATER, SOON, AttemptView, patience
from computility.lifecycle.endings import report_result, report_running, report_unexplained
from computility.lifecycle.entry import Entry
from computility.lifecycle.evidence import Look, SeenWorkload
from computility.model.assignment import AssignmentStatus, State

RESULT_SETTLES = timedelta(seconds=5)
"""A result may become visible this long after its workload has ended: shared file systems lag."""
KILL_MARGIN = timedelta(seconds=60)
"""Past `maxRunSeconds` and grace, a payload that we cannot see has ended itself by this much later."""
SHORT = timedelta(seconds=1)
"""A payload that ended within this time is reported once, at its end."""
CANCEL_AGAIN = timedelta(seconds=10)


def follow(view: AttemptView, entry: Entry, look: Look, now: datetime) -> Decision:
    """Follow a claimed payload that has left no result yet."""
    active = [w for w in look.workloads if not w.is_ended]
    if not active:
        return _await_result(entry, look, now)
    if entry.ended_at is not None:
        # It is there again: restarted, or a controller remembers. Its end is still to come.
        return Decision(actions=(Note(field="ended_at", at=None),), look_at=now)
    if entry.tombstone_at is not None:
        return _cancel(entry, now)
    if not view.recorded_id:
        return _record_claimed(view, look, active, now)
    if view.assignment is not None and not look.go:
        return Decision(actions=(Go(),), look_at=now + SOON)
    return _report_start(view, look, now)


def _report_start(view: AttemptView, look: Look, now: datetime) -> Decision:
    """Report that the payload runs, once it is clear that it is not a short one."""
    assignment, started = view.assignment, look.started_at
    if started is None:
        return Decision(look_at=now + SOON)
    if assignment is None or assignment.status.state.rank >= State.RUNNING.rank:
        return Decision(look_at=now + patience(now - started))
    if now < started + SHORT:
        return Decision(look_at=started + SHORT)
    return Decision(actions=(Report(status=report_running(assignment, look)),), look_at=now + SOON)


def _record_claimed(view: AttemptView, look: Look, active: list[SeenWorkload], now: datetime) -> Decision:
    """Record a workload that somebody else released: it waits for the go file, not for us."""
    if view.assignment is None:
        return Decision(look_at=now + LATER)
    own = next((w for w in active if w.native_id == look.claim.native_id), active[0])
    return Decision(actions=(Record(workload=own.workload),), look_at=now)


def _cancel(entry: Entry, now: datetime) -> Decision:
    if entry.cancelled_at is not None and now < entry.cancelled_at + CANCEL_AGAIN:
        return Decision(look_at=now + SOON)
    return Decision(actions=(Note(field="cancelled_at", at=now), Cancel()), look_at=now + SOON)


def _await_result(entry: Entry, look: Look, now: datetime) -> Decision:
    """Wait for the result of a payload that no workload stands for any more."""
    if entry.ended_at is None:
        return Decision(actions=(Note(field="ended_at", at=now),), look_at=now + SOON)
    settled_by = entry.ended_at + RESULT_SETTLES
    if not look.workloads:
        # Gone without a word: a controller that lost its memory leaves its payloads running.
        settled_by = max(settled_by, _surely_over(entry, look))
    if look.taken_at < settled_by:
        # Also when it is over by now: what is said is said on a look from after it.
        return Decision(look_at=max(now, min(settled_by, now + LATER)))
    return settle(report_unexplained(entry, look), now)


def _surely_over(entry: Entry, look: Look) -> datetime:
    work = entry.spec.job
    seconds = work.max_run_seconds + work.grace_seconds if work else 0
    since = max(t for t in (look.claim.claimed_at, look.started_at, entry.intent_at) if t is not None)
    return since + timedelta(seconds=seconds) + KILL_MARGIN


def finish(entry: Entry, look: Look, now: datetime) -> Decision:
    """Settle an attempt whose payload left a result."""
    active = any(not w.is_ended for w in look.workloads)
    if active and entry.ended_at is None:
        # The scheduler's word tells a kill for memory from any other; the wrapper is about to leave.
        return Decision(actions=(Note(field="ended_at", at=now),), look_at=now + SOON)
    if active and entry.ended_at is not None and look.taken_at < entry.ended_at + RESULT_SETTLES:
        return Decision(look_at=now + SOON)
    assert look.result is not None  # noqa: S101 - the caller's condition, for the type checker
    return settle(report_result(entry, look, look.result), now)


def settle(status: AssignmentStatus, now: datetime) -> Decision:
    """Journal this end; what follows from it is decided next."""
    return Decision(actions=(Settle(status=status),), look_at=now)
