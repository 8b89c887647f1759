"""A job's receipt as rows to print: what was chosen, what was not, what it was to cost and what it did."""

from collections.abc import Iterator
from datetime import datetime

from computility.cli.array_sections import failed_indices, indices, shares
from computility.cli.candidates import candidates, describe_fit, is_compared
from computility.cli.figures import between, change, duration
from computility.cli.indices import describe_counts
from computility.cli.printing import phase_word
from computility.cli.section import Row, Section, exit_cell
from computility.model.compute_job import Actual, Attempt, Candidate, ComputeJob, Receipt, Rejection
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
        yield _costs(job, receipt)
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
    examples = ", ".join(f"{each.member}/{each.pool}" for each in rejection.examples)
    return rejection.reason, str(rejection.count), rejection.wanted, rejection.found, examples


def _costs(job: ComputeJob, receipt: Receipt) -> Section:
    """Show the promise, and once the job has ended what it came to beside it."""
    chosen, actual = receipt.chosen, receipt.actual
    rows: list[Row] = []
    if chosen is not None:
        each = " each" if job.spec.array else ""
        run = f"{duration(chosen.run_seconds or job.spec.max_run_seconds)}{each}"
        word = "promised" if is_compared(receipt) else "promised, at most"
        rows.append((word, f"{chosen.cost} {chosen.currency}", _range(chosen), run))
    if actual is not None:
        cost = f"{actual.cost} {actual.currency}"
        rows.append(("came to", cost, _against(chosen, actual), duration(actual.run_seconds)))
    return Section("Promise and outcome", ("", "Cost", "Between", "Run time"), rows)


def _range(chosen: Candidate) -> str:
    return between(chosen.cost_range.low, chosen.cost_range.high) if chosen.cost_range else ""


def _against(chosen: Candidate | None, actual: Actual) -> str:
    """Say how far the cost is from what was promised, and whether it is within the range."""
    if chosen is None or chosen.currency != actual.currency:
        return ""
    apart = change(float(actual.cost), float(chosen.cost))
    if chosen.cost_range is None:
        return apart
    low, high = float(chosen.cost_range.low), float(chosen.cost_range.high)
    where = "below" if float(actual.cost) < low else "above" if float(actual.cost) > high else "within"
    return f"{where}: {apart}" if apart else where


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
