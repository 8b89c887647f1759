"""The status that follows for a job from its attempts as booked: live, ended, placed or waiting."""

from datetime import datetime, timedelta

import msgspec

from computility.lifecycle.conditions import (
    MEMBER_REACHABLE,
    PLACED,
    Stamp,
    ended,
    live_phase,
    set_conditions,
    under_way,
)
from computility.lifecycle.job_view import JobView
from computility.lifecycle.outcome import Again, Ended, conclude
from computility.metering.charge import add_amounts
from computility.model.compute_job import Actual, Attempt, ComputeJobStatus, Phase, Receipt
from computility.model.meta import find_condition
from computility.model.names import assignment_name
from computility.model.reasons import Reason
from computility.placement.place import Outcome, place
from computility.placement.snapshot import Request

BUSY_DEBOUNCE = timedelta(seconds=2)
"""That all pools are busy is written only once it has lasted this long."""
BACK_OFF = timedelta(seconds=1)


def next_status(
    view: JobView, attempts: tuple[Attempt, ...], now: datetime
) -> tuple[ComputeJobStatus, datetime | None]:
    """Return the job's status as it should be, and when to look at it again."""
    job = view.job
    stamp = Stamp(generation=job.metadata.generation, now=now)
    status = msgspec.structs.replace(
        job.status, observed_generation=job.metadata.generation, attempts=attempts
    )
    status = _show_last(status, view)
    if any(not a.state.is_terminal for a in attempts):
        return _live(status, view, stamp), None
    step = conclude(attempts, wants_cancel=job.wants_cancel)
    if isinstance(step, Ended):
        return _end(status, step, stamp), None
    return _place(status, step, view, stamp)


def _show_last(status: ComputeJobStatus, view: JobView) -> ComputeJobStatus:
    """Lift the last attempt's times, exit and tails onto the job, where people look."""
    if not status.attempts:
        return status
    last = status.attempts[-1]
    status = msgspec.structs.replace(
        status,
        started_at=status.started_at or last.started_at,
        exit_code=last.exit_code,
        signal=last.signal,
    )
    assignment = view.assignments.get(assignment_name(view.job.metadata.uid, last.ordinal))
    if assignment is None or not last.state.is_terminal:
        return status
    report = assignment.status
    return msgspec.structs.replace(status, stdout_tail=report.stdout_tail, stderr_tail=report.stderr_tail)


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


def _end(status: ComputeJobStatus, end: Ended, stamp: Stamp) -> ComputeJobStatus:
    return msgspec.structs.replace(
        status,
        phase=end.phase,
        reason=end.reason,
        message=end.message[:1024],
        ended_at=next((a.ended_at for a in reversed(status.attempts) if a.ended_at), stamp.now),
        receipt=_settle_receipt(status),
        conditions=set_conditions(status.conditions, *ended(stamp, end.phase, end.reason, end.message)),
    )


def _settle_receipt(status: ComputeJobStatus) -> Receipt | None:
    """Write what it came to beside what was promised; a job that was never placed promised nothing."""
    if status.receipt is None or not status.attempts:
        return status.receipt
    actual = Actual(
        cost=add_amounts(*(a.cost or "0" for a in status.attempts)),
        currency=status.attempts[-1].tariff.currency,
        run_seconds=sum(a.run_seconds or 0.0 for a in status.attempts),
    )
    return msgspec.structs.replace(status.receipt, actual=actual)


def _place(
    status: ComputeJobStatus, again: Again, view: JobView, stamp: Stamp
) -> tuple[ComputeJobStatus, datetime | None]:
    """Take a new ordinal if there is a place for it; else say why the job waits."""
    if view.predecessor:
        message = f'"{view.predecessor}" of an earlier job of this name has not ended yet'
        return _wait(status, stamp, Reason.PREDECESSOR_ENDING, message), None
    failed = again.attempt
    if failed is not None and stamp.now < (not_before := _not_before(failed, again.failures, stamp.now)):
        message = f"attempt {failed.ordinal} never started ({failed.reason}); it is placed again"
        return _wait(status, stamp, Reason.BACKING_OFF, message), not_before
    outcome = _choose(view, again, stamp.now)
    if outcome.chosen is not None:
        return _record(status, outcome, stamp), stamp.now
    if failed is not None and not _may_wait(outcome):
        end = Ended(
            phase=Phase.FAILED,
            reason=failed.reason,
            message=f"attempt {failed.ordinal} never started; {outcome.message}",
        )
        return _end(status, end, stamp), None
    receipt = _same_receipt(status, outcome)
    waiting = msgspec.structs.replace(status, receipt=receipt)
    if outcome.reason is Reason.POOLS_BUSY and failed is None:
        created = view.job.metadata.creation_timestamp
        if created is not None and stamp.now < created + BUSY_DEBOUNCE:
            return view.job.status, created + BUSY_DEBOUNCE
    return _wait(waiting, stamp, outcome.reason, outcome.message), None


def _not_before(attempt: Attempt, failures: int, now: datetime) -> datetime:
    """Return when the next attempt may be made: a pause that doubles, counted by the hub's own clock."""
    return (attempt.booked_at or now) + BACK_OFF * float(2 ** (failures - 1))


def _choose(view: JobView, again: Again, now: datetime) -> Outcome:
    request = Request.of(view.job)
    outcome = place(request, view.snapshot, now, avoid=again.avoid | again.prefer_not)
    if outcome.chosen is None and again.prefer_not:
        return place(request, view.snapshot, now, avoid=again.avoid)
    return outcome


def _may_wait(outcome: Outcome) -> bool:
    """Say whether time alone may bring a place: a pool is only busy, or its member only silent."""
    passing = {Reason.MEMBER_SILENT.value, Reason.NO_STATUS.value}
    return outcome.reason is Reason.POOLS_BUSY or any(r.reason in passing for r in outcome.receipt.rejected)


def _same_receipt(status: ComputeJobStatus, outcome: Outcome) -> Receipt | None:
    """Keep the receipt that says the same: the hour of another look is no news."""
    old = status.receipt
    if old is not None and msgspec.structs.replace(outcome.receipt, decided_at=old.decided_at) == old:
        return old
    return outcome.receipt


def _wait(status: ComputeJobStatus, stamp: Stamp, reason: Reason, message: str) -> ComputeJobStatus:
    conditions = set_conditions(
        status.conditions, stamp.condition(PLACED, False, reason, message), *under_way(stamp)
    )
    return msgspec.structs.replace(
        status, phase=Phase.QUEUED, reason=reason.value, message=message[:1024], conditions=conditions
    )


def _record(status: ComputeJobStatus, outcome: Outcome, stamp: Stamp) -> ComputeJobStatus:
    pool = outcome.chosen
    assert pool is not None  # noqa: S101 - the caller's condition, for the type checker
    attempt = Attempt(
        ordinal=status.last_ordinal + 1,
        member=pool.member,
        member_uid=pool.member_uid,
        pool=pool.pool,
        lease_seconds=pool.lease_seconds,
        placed_at=stamp.now,
        tariff=pool.spec.tariff,
    )
    conditions = set_conditions(
        status.conditions,
        stamp.condition(PLACED, True, Reason.PLACED, outcome.message),
        stamp.condition(MEMBER_REACHABLE, True, Reason.RENEWED),
        *under_way(stamp),
    )
    return msgspec.structs.replace(
        status,
        phase=Phase.PLACED,
        reason=Reason.PLACED.value,
        message=outcome.message,
        last_ordinal=attempt.ordinal,
        attempts=(*status.attempts, attempt),
        receipt=outcome.receipt,
        conditions=conditions,
    )
