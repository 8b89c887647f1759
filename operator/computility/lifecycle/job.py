"""What the hub does next about one ComputeJob.

Two rules carry the rest. A new ordinal is written, with member, pool and receipt, in one conditional
write before anything leaves the hub; from then on any hub process, also a leader that slept, can only
create exactly that Assignment. And an Assignment is deleted only when its end is reported and booked:
until then it is the tombstone against a late create.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from computility.lifecycle.booking import book
from computility.lifecycle.conditions import (
    MEMBER_REACHABLE,
    PLACED,
    Stamp,
    ended,
    live_phase,
    set_conditions,
    under_way,
)
from computility.lifecycle.hub_actions import Action, Create, delete, give_up
from computility.lifecycle.outcome import Again, Ended, conclude
from computility.lifecycle.render import render_assignment
from computility.metering.charge import add_amounts
from computility.model.assignment import Assignment, Desired
from computility.model.base import Value
from computility.model.compute_job import Actual, Attempt, ComputeJob, ComputeJobStatus, Phase
from computility.model.meta import find_condition
from computility.model.names import assignment_name
from computility.model.reasons import Reason
from computility.placement.place import Outcome, place
from computility.placement.snapshot import Request, Snapshot

BUSY_DEBOUNCE = timedelta(seconds=2)
"""That all pools are busy is written only once it has lasted this long."""
BACK_OFF = timedelta(seconds=1)


class JobView(Value, frozen=True, kw_only=True):
    """All that the hub knows of one job.

    `assignments` are those of the job's uid by name, listed before the job was read. `is_live` says that
    the job was just read from the API server and not from a watch. `silent` maps members that are silent
    to when they were heard of last. `predecessor` names an Assignment of an earlier job of the same name
    that has not ended.
    """

    job: ComputeJob
    assignments: Mapping[str, Assignment]
    snapshot: Snapshot
    is_live: bool = False
    silent: Mapping[str, datetime | None] = {}
    predecessor: str = ""


class JobDecision(Value, frozen=True, kw_only=True):
    """Actions in order, then the status to write (None: as it is), then when to look next.

    `needs_live` asks for the same view with the job read live: nothing is decided on a lagging one.
    """

    actions: tuple[Action, ...] = ()
    status: ComputeJobStatus | None = None
    look_at: datetime | None = None
    needs_live: bool = False


def decide_job(view: JobView, now: datetime) -> JobDecision:
    """Decide what the hub does next about a job; `now` is the hub's clock."""
    job = view.job
    if not view.is_live and not _knows_all(view):
        return JobDecision(needs_live=True)
    actions = _tend(view)
    if job.status.phase is not None and job.status.phase.is_terminal:
        return JobDecision(actions=actions)
    attempts = _book_all(view)
    status, look_at = _next_status(view, attempts, now)
    return JobDecision(actions=actions, status=None if status == job.status else status, look_at=look_at)


def _knows_all(view: JobView) -> bool:
    """Say whether every Assignment seen has its entry: if not, the job that we see is an old one."""
    return all(a.spec.ordinal <= view.job.status.last_ordinal for a in view.assignments.values())


def _tend(view: JobView) -> tuple[Action, ...]:
    """Make each recorded attempt's Assignment what it should be."""
    job = view.job
    entries = {assignment_name(job.metadata.uid, a.ordinal): a for a in job.status.attempts}
    actions: list[Action] = []
    for name, attempt in entries.items():
        assignment = view.assignments.get(name)
        if assignment is not None:
            actions.extend(_tend_one(attempt, assignment, wanted=not job.wants_cancel))
        elif not attempt.state.is_terminal:
            desired = Desired.CANCEL if job.wants_cancel else Desired.RUN
            actions.append(Create(assignment=render_assignment(job, attempt, desired)))
    for name in sorted(view.assignments.keys() - entries.keys()):
        actions.extend(_tend_one(None, view.assignments[name], wanted=False))
    return tuple(actions)


def _tend_one(attempt: Attempt | None, assignment: Assignment, *, wanted: bool) -> tuple[Action, ...]:
    is_booked = attempt is None or attempt.state.is_terminal
    if assignment.status.state.is_terminal:
        return (delete(assignment),) if is_booked else ()
    if assignment.spec.desired is Desired.RUN and (is_booked or not wanted):
        return (give_up(assignment),)
    return ()


def _book_all(view: JobView) -> tuple[Attempt, ...]:
    uid = view.job.metadata.uid
    booked = []
    for attempt in view.job.status.attempts:
        assignment = view.assignments.get(assignment_name(uid, attempt.ordinal))
        booked.append(book(attempt, assignment) if assignment is not None else attempt)
    return tuple(booked)


def _next_status(
    view: JobView, attempts: tuple[Attempt, ...], now: datetime
) -> tuple[ComputeJobStatus, datetime | None]:
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
    return msgspec.structs.replace(status, phase=phase, conditions=conditions)


def _end(status: ComputeJobStatus, end: Ended, stamp: Stamp) -> ComputeJobStatus:
    return msgspec.structs.replace(
        status,
        phase=end.phase,
        ended_at=next((a.ended_at for a in reversed(status.attempts) if a.ended_at), stamp.now),
        receipt=_settle_receipt(status),
        conditions=set_conditions(status.conditions, *ended(stamp, end.phase, end.reason, end.message)),
    )


def _settle_receipt(status: ComputeJobStatus) -> object:
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
    if again.attempt is not None and (not_before := _not_before(status, again, stamp.now)) > stamp.now:
        message = (
            f"attempt {again.attempt.ordinal} never started ({again.attempt.reason}); it is placed again"
        )
        return _wait(status, stamp, Reason.BACKING_OFF, message), not_before
    outcome = _choose(view, again, stamp.now)
    if outcome.chosen is not None:
        return _record(status, outcome, stamp), stamp.now
    if again.attempt is not None and not _may_wait(outcome):
        end = Ended(
            phase=Phase.FAILED,
            reason=again.attempt.reason,
            message=f"attempt {again.attempt.ordinal} never started; {outcome.message}",
        )
        return _end(status, end, stamp), None
    receipt = _same_receipt(status, outcome)
    waiting = msgspec.structs.replace(status, receipt=receipt)
    if outcome.reason is Reason.POOLS_BUSY:
        created = view.job.metadata.creation_timestamp
        if created is not None and stamp.now < created + BUSY_DEBOUNCE:
            return view.job.status, created + BUSY_DEBOUNCE
    return _wait(waiting, stamp, outcome.reason, outcome.message), None


def _not_before(status: ComputeJobStatus, again: Again, now: datetime) -> datetime:
    """Return when the next attempt may be made, counted from when the hub first backed off for this one."""
    placed = find_condition(status.conditions, PLACED)
    is_backing_off = placed is not None and placed.reason == Reason.BACKING_OFF.value
    since = placed.last_transition_time if placed is not None and is_backing_off else now
    return since + BACK_OFF * float(2 ** (again.failures - 1))


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


def _same_receipt(status: ComputeJobStatus, outcome: Outcome) -> object:
    """Keep the receipt that says the same: the hour of another look is no news."""
    old = status.receipt
    if old is not None and msgspec.structs.replace(outcome.receipt, decided_at=old.decided_at) == old:
        return old
    return outcome.receipt


def _wait(status: ComputeJobStatus, stamp: Stamp, reason: Reason, message: str) -> ComputeJobStatus:
    conditions = set_conditions(
        status.conditions, stamp.condition(PLACED, False, reason, message), *under_way(stamp)
    )
    return msgspec.structs.replace(status, phase=Phase.QUEUED, conditions=conditions)


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
        last_ordinal=attempt.ordinal,
        attempts=(*status.attempts, attempt),
        receipt=outcome.receipt,
        conditions=conditions,
    )
