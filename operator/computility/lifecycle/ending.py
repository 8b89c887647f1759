"""How a job ends, and how an array stands."""

import msgspec

from computility.lifecycle.actual import settle_receipt
from computility.lifecycle.conditions import Stamp, ended, set_conditions
from computility.lifecycle.outcome import REPLACEMENTS, Stock
from computility.model.assignment import Counts, IndexOutcome
from computility.model.base import Value, cut_message
from computility.model.compute_job import Attempt, ComputeJob, ComputeJobStatus, Phase, Resources
from computility.model.reasons import Reason


class Ended(Value, frozen=True, kw_only=True):
    """The job has ended, and how."""

    phase: Phase
    reason: str
    message: str


def conclude(job: ComputeJob, stock: Stock) -> Ended:
    """Say how a job ended of which nothing is live or wants a place; what succeeded wins over a cancel."""
    if not stock.failed and not stock.open:
        return Ended(
            phase=Phase.SUCCEEDED, reason=Reason.SUCCEEDED.value, message=_describe_success(job, stock)
        )
    if stock.open:
        return Ended(phase=Phase.CANCELLED, reason=Reason.CANCELLED.value, message="cancelled by its user")
    assert stock.first_failure is not None  # noqa: S101 - something failed, for the type checker
    attempt, outcome = stock.first_failure
    if stock.over_limit:
        message = f"{REPLACEMENTS + 1} attempts never started; the last: {_describe(attempt, outcome)}"
        return Ended(phase=Phase.FAILED, reason=Reason.ATTEMPT_LIMIT.value, message=message)
    message = _describe(attempt, outcome)
    if job.spec.array is not None:
        message = f"{len(stock.failed)} of {job.spec.array.size} indices failed; the first of them: {message}"
    return Ended(phase=Phase.FAILED, reason=outcome.reason, message=message)


def _describe_success(job: ComputeJob, stock: Stock) -> str:
    if job.spec.array is None:
        return "the payload ended with exit code 0"
    return f"all {len(stock.succeeded)} indices ended with exit code 0"


def _describe(attempt: Attempt, outcome: IndexOutcome) -> str:
    how = f'attempt {attempt.ordinal} on "{attempt.member}" ended {outcome.state.value} ({outcome.reason})'
    return f"{how}: {attempt.message}" if attempt.message else how


def end(status: ComputeJobStatus, ending: Ended, resources: Resources, stamp: Stamp) -> ComputeJobStatus:
    """Write a job's end; `resources` are what one run of it asked for."""
    return msgspec.structs.replace(
        status,
        phase=ending.phase,
        reason=ending.reason,
        message=cut_message(ending.message),
        ended_at=max((a.ended_at for a in status.attempts if a.ended_at), default=stamp.now),
        receipt=settle_receipt(status, resources),
        conditions=set_conditions(
            status.conditions, *ended(stamp, ending.phase, ending.reason, ending.message)
        ),
    )


def show_counts(status: ComputeJobStatus, job: ComputeJob, stock: Stock) -> ComputeJobStatus:
    """Show how many of an array's indices stand where, and which have succeeded and failed."""
    if job.spec.array is None:
        return status
    failed = stock.failed if not job.wants_cancel else stock.failed | stock.open
    live = [a.counts for a in status.attempts if not a.state.is_terminal and a.counts]
    running = sum(c.running for c in live)
    # What has failed in an attempt that goes on may be tried again once that has ended: it is pending.
    pending = job.spec.array.size - len(stock.succeeded) - len(failed) - running
    return msgspec.structs.replace(
        status,
        counts=Counts(
            pending=max(0, pending), running=running, succeeded=len(stock.succeeded), failed=len(failed)
        ),
        succeeded_indices=str(stock.succeeded),
        failed_indices=str(failed),
    )
