"""The status that follows for a job from its attempts as booked: live, ended, placed or waiting."""

from datetime import datetime

import msgspec

from computility.lifecycle.conditions import (
    MEMBER_REACHABLE,
    PLACED,
    SUSPENDED,
    Stamp,
    live_phase,
    set_conditions,
    under_way,
)
from computility.lifecycle.dependencies import judge_predecessors
from computility.lifecycle.ending import Ended, conclude, end, show_counts
from computility.lifecycle.job_view import JobView
from computility.lifecycle.outcome import Stock, has_no_room, take_stock
from computility.lifecycle.placing import choose, hold_back, may_wait, suspend, wait_for_place
from computility.lifecycle.quoting import is_quoted, quote, wants_quote
from computility.lifecycle.recording import record
from computility.model.compute_job import Attempt, ComputeJobStatus, Phase
from computility.model.meta import find_condition
from computility.model.names import assignment_name
from computility.model.reasons import Reason


def next_status(
    view: JobView, attempts: tuple[Attempt, ...], now: datetime
) -> tuple[ComputeJobStatus, datetime | None]:
    """Return the job's status as it should be, and when to look at it again."""
    job = view.job
    stamp = Stamp(generation=job.metadata.generation, now=now)
    stock = take_stock(job, attempts)
    status = msgspec.structs.replace(
        job.status, observed_generation=job.metadata.generation, attempts=attempts
    )
    status = show_counts(_show_output(status, view, stock), job, stock)
    if not job.spec.suspend and find_condition(status.conditions, SUSPENDED) is not None:
        resumed = stamp.condition(SUSPENDED, False, Reason.RESUMED)
        status = msgspec.structs.replace(status, conditions=set_conditions(status.conditions, resumed))
    if any(not a.state.is_terminal for a in attempts):
        return _live(status, view, stamp), None
    if stock.open and not job.wants_stop:
        return _place(status, stock, view, stamp)
    if stock.open and job.spec.suspend and not job.wants_cancel:
        return suspend(status, stamp), None
    return end(status, conclude(job, stock), job.spec.resources, stamp), None


def _show_output(status: ComputeJobStatus, view: JobView, stock: Stock) -> ComputeJobStatus:
    """Lift times, exit and tails of one attempt onto the job, where people look.

    That is the last one; of an array the first of which something failed for good.
    """
    if not status.attempts:
        return status
    shown = stock.first_failure[0] if view.job.spec.array and stock.first_failure else status.attempts[-1]
    status = msgspec.structs.replace(
        status,
        started_at=status.started_at or _first_start(status),
        exit_code=shown.exit_code,
        signal=shown.signal,
    )
    assignment = view.assignments.get(assignment_name(view.job.metadata.uid, shown.ordinal))
    if assignment is None or not shown.state.is_terminal:
        return status
    report = assignment.status
    return msgspec.structs.replace(status, stdout_tail=report.stdout_tail, stderr_tail=report.stderr_tail)


def _first_start(status: ComputeJobStatus) -> datetime | None:
    return min((a.started_at for a in status.attempts if a.started_at), default=None)


def _live(status: ComputeJobStatus, view: JobView, stamp: Stamp) -> ComputeJobStatus:
    live = tuple(a for a in status.attempts if not a.state.is_terminal)
    conditions = set_conditions(status.conditions, *under_way(stamp))
    silent = next((a.member for a in live if a.member in view.silent), None)
    if silent is not None:
        heard = view.silent[silent]
        since = f"renewed its lease last at {heard:%FT%TZ}" if heard else "has not renewed its lease"
        conditions = set_conditions(
            conditions,
            stamp.condition(MEMBER_REACHABLE, False, Reason.MEMBER_SILENT, f'member "{silent}" {since}'),
        )
    elif find_condition(conditions, MEMBER_REACHABLE) is not None:
        conditions = set_conditions(conditions, stamp.condition(MEMBER_REACHABLE, True, Reason.RENEWED))
    phase = live_phase(view.job, tuple(a.state for a in live))
    shown = find_condition(conditions, PLACED if silent is None else MEMBER_REACHABLE)
    return msgspec.structs.replace(
        status,
        phase=phase,
        reason=shown.reason if shown else "",
        message=shown.message if shown else "",
        conditions=conditions,
    )


def _place(
    status: ComputeJobStatus, stock: Stock, view: JobView, stamp: Stamp
) -> tuple[ComputeJobStatus, datetime | None]:
    """Take a new ordinal if there is a place for what wants one; else say why the job waits."""
    if wants_quote(view.job):
        if is_quoted(view.job):
            return view.job.status, None
        return quote(status, choose(view, stock, stamp.now), view, stamp), None
    hopeless = _hopeless(status, view, stamp.now)
    if hopeless is not None:
        return _stop(status, stock, view, hopeless, stamp), None
    held = hold_back(status, stock, view, stamp)
    if held is not None:
        return held
    outcome = choose(view, stock, stamp.now)
    if outcome.chosen is not None:
        return record(status, outcome, stock.open, view, stamp), stamp.now
    if stock.retried is not None and not may_wait(outcome, view, stock, stamp.now):
        last = stock.retried
        ending = _failed(last.reason, f"attempt {last.ordinal} {_how(last)}; {outcome.message}")
        return _stop(status, stock, view, ending, stamp), None
    return wait_for_place(status, outcome, view, stamp)


def _hopeless(status: ComputeJobStatus, view: JobView, now: datetime) -> Ended | None:
    """Say why there will be no place for a job, wherever there is room."""
    if has_no_room(status.attempts):
        return _failed(Reason.ATTEMPT_LIMIT, "its status has no room for another attempt: make a new job")
    deadline = view.job.spec.deadline
    if deadline is not None and deadline <= now:
        message = f"it had no place by its deadline, {deadline:%FT%TZ}: make a new job with a later one"
        return _failed(Reason.DEADLINE_PASSED, message)
    judged = judge_predecessors(view.job, view.predecessors)
    return _failed(judged.reason, judged.message) if judged and judged.is_final else None


def _how(attempt: Attempt) -> str:
    return "never started" if attempt.is_unstarted else f"ended {attempt.state.value} ({attempt.reason})"


def _failed(reason: str, message: str) -> Ended:
    return Ended(phase=Phase.FAILED, reason=str(reason), message=message)


def _stop(
    status: ComputeJobStatus, stock: Stock, view: JobView, ending: Ended, stamp: Stamp
) -> ComputeJobStatus:
    """End a job for which there will be no other place."""
    stock.failed |= stock.open
    return end(show_counts(status, view.job, stock), ending, view.job.spec.resources, stamp)
