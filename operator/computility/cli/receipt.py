"""A job's receipt as rows to print: what was chosen, what was not, what it was to cost and what it did."""

from collections.abc import Iterator
from datetime import datetime

from computility.cli.array_sections import failed_indices, indices, shares
from computility.cli.candidates import candidates, describe_fit
from computility.cli.indices import describe_counts
from computility.cli.outcome import outcome
from computility.cli.pool_name import pool_name
from computility.cli.printing import phase_word
from computility.cli.section import Row, Section, exit_cell
from computility.model.compute_job import Attempt, ComputeJob, Receipt, Rejection
from computility.model.meta import Condition
from computility.model.reasons import Reason

_SET_APART = {Reason.NOT_COMPARED, Reason.TRIED_BEFORE}
"""Counted with what was turned down, although no filter refuses them."""


def headline(job: ComputeJob) -> str:
    """Say in one line what the job is and where it stands."""
    counted = f", {counts}" if (counts := describe_counts(job)) else ""
    return f"{job.metadata.namespace}/{job.metadata.name}: {phase_word(job)}{counted}"


def sections(job: ComputeJob) -> Iterator[Section]:
    """Yield the parts of the answer to "why?", in the order in which a reader asks."""
    receipt = job.status.receipt
    if receipt is not None:
        title = f"{describe_fit(receipt)}, decided at {_instant(receipt.decided_at)}"
        yield from candidates(job, receipt, title)
        yield rejected(receipt)
        yield outcome(job, receipt)
        yield shares(receipt)
    yield indices(job)
    yield failed_indices(job)
    yield _attempts(job)
    yield _conditions(job)
    yield _error_tail(job)


def rejected(receipt: Receipt) -> Section:
    """Show what was turned down, counted by reason."""
    heads = ("Reason", "Pools", "Wanted", "Found", "Such as")
    apart = sum(each.count for each in receipt.rejected if each.reason in _SET_APART)
    count = sum(each.count for each in receipt.rejected) - apart
    title = f"Turned down: {count} of {receipt.considered} pools"
    if apart:
        title += f"; {apart} would fit, and were set apart"
    return Section(title, heads, [_rejection(each) for each in receipt.rejected])


def _rejection(rejection: Rejection) -> Row:
    examples = ", ".join(map(pool_name, rejection.examples))
    return rejection.reason, str(rejection.count), rejection.wanted, rejection.found, examples


def _attempts(job: ComputeJob) -> Section:
    heads = ("Number", "Member", "Pool", "Native id", "State", "Reason", "Exit", "Run time", "Cost")
    return Section("Attempts", heads, [_attempt(each) for each in job.status.attempts])


def _attempt(attempt: Attempt) -> Row:
    run = "" if attempt.run_seconds is None else f"{attempt.run_seconds:.1f} s"
    cost = "" if attempt.cost is None else f"{attempt.cost} {attempt.tariff.currency}"
    return (
        str(attempt.ordinal),
        attempt.member,
        f"{attempt.pool} as {attempt.variant}" if attempt.variant else attempt.pool,
        attempt.native_id,
        attempt.state.value,
        attempt.reason,
        exit_cell(attempt),
        run,
        cost,
    )


def _conditions(job: ComputeJob) -> Section:
    heads = ("Condition", "Status", "Reason", "Since", "Message")
    return Section("Conditions", heads, [_condition(each) for each in job.status.conditions])


def _condition(condition: Condition) -> Row:
    since = _instant(condition.last_transition_time)
    return condition.type, condition.status.value, condition.reason, since, condition.message


def _error_tail(job: ComputeJob) -> Section:
    lines = job.status.stderr_tail.splitlines() if job.status.exit_code or job.status.signal else []
    return Section("The end of its standard error", ("",), [(line,) for line in lines])


def _instant(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"
