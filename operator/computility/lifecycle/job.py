"""What the hub does next about one ComputeJob.

Two rules carry the rest. A new ordinal is written, with member, pool and receipt, in one conditional
write before anything leaves the hub; from then on any hub process, also a leader that slept, can only
create exactly that Assignment. And an Assignment is deleted only when its end is reported and booked:
until then it is the tombstone against a late create.
"""

from datetime import datetime

from computility.lifecycle.booking import book, book_removed
from computility.lifecycle.hub_actions import Action, Create, delete, give_up
from computility.lifecycle.job_status import next_status
from computility.lifecycle.job_view import JobDecision, JobView
from computility.lifecycle.prospects import foresee
from computility.lifecycle.render import render_assignment
from computility.model.assignment import Assignment, Desired
from computility.model.compute_job import Attempt
from computility.model.names import assignment_name

__all__ = ["JobDecision", "JobView", "decide_job"]


def decide_job(view: JobView, now: datetime) -> JobDecision:
    """Decide what the hub does next about a job; `now` is the hub's clock."""
    job = view.job
    if not view.is_live and not _knows_all(view):
        return JobDecision(needs_live=True)
    actions = _tend(view)
    if job.status.phase is not None and job.status.phase.is_terminal:
        return JobDecision(actions=actions)
    attempts = _book_all(view, now)
    status, look_at = next_status(view, attempts, now)
    return JobDecision(
        actions=actions,
        status=None if status == job.status else status,
        look_at=look_at,
        prospect=foresee(view, status, attempts, now),
    )


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
            actions.extend(_tend_one(attempt, assignment, wanted=not job.wants_stop))
        elif not attempt.state.is_terminal and attempt.member_uid not in view.removed:
            desired = Desired.CANCEL if job.wants_stop else Desired.RUN
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


def _book_all(view: JobView, now: datetime) -> tuple[Attempt, ...]:
    return tuple(_book_one(attempt, view, now) for attempt in view.job.status.attempts)


def _book_one(attempt: Attempt, view: JobView, now: datetime) -> Attempt:
    assignment = view.assignments.get(assignment_name(view.job.metadata.uid, attempt.ordinal))
    booked = book(attempt, assignment, now) if assignment is not None else attempt
    if attempt.member_uid in view.removed and not booked.state.is_terminal:
        return book_removed(attempt, now)
    return booked
