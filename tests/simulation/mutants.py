"""Hubs with a protective rule left out."""

from datetime import datetime

import msgspec

from computility.lifecycle.ending import show_counts
from computility.lifecycle.hub_actions import delete
from computility.lifecycle.job import JobDecision, JobView, decide_job
from computility.lifecycle.outcome import take_stock
from computility.model.compute_job import Attempt, AttemptState, Phase


def decide_without_tombstone(view: JobView, now: datetime) -> JobDecision:
    """Book a cancel as done and drop the Assignment at once, without waiting for the agent's report."""
    job = view.job
    if not job.wants_cancel or all(a.state.is_terminal for a in job.status.attempts):
        return decide_job(view, now)
    attempts = tuple(_cancelled(a) for a in job.status.attempts)
    status = msgspec.structs.replace(job.status, phase=Phase.CANCELLED, attempts=attempts)
    status = show_counts(status, job, take_stock(job, attempts))
    return JobDecision(actions=tuple(delete(a) for a in view.assignments.values()), status=status)


def _cancelled(attempt: Attempt) -> Attempt:
    if attempt.state.is_terminal:
        return attempt
    return msgspec.structs.replace(attempt, state=AttemptState.CANCELLED, started="No")
