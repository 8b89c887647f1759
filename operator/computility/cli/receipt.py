"""A job's receipt as rows to print: what was chosen, what was not, what it was to cost and what it did."""

from collections.abc import Iterator
from datetime import datetime

from computility.cli.array_sections import failed_indices, indices, shares
from computility.cli.indices import describe_counts
from computility.cli.printing import phase_word
from computility.cli.section import Row, Section, exit_cell
from computility.model.compute_job import Attempt, Candidate, ComputeJob, Receipt, Rejection
from computility.model.meta import Condition


def headline(job: ComputeJob) -> str:
    """Say in one line what the job is and where it stands."""
    counted = f", {counts}" if (counts := describe_counts(job)) else ""
    return f"{job.metadata.namespace}/{job.metadata.name}: {phase_word(job)}{counted}"


def sections(job: ComputeJob) -> Iterator[Section]:
    """Yield the parts of the answer to "why?", in the order in which a reader asks."""
    receipt = job.status.receipt
    if receipt is not None:
        yield _pools(receipt)
        yield _rejected(receipt)
        yield _costs(job, receipt)
        yield shares(receipt)
    yield indices(job)
    yield failed_indices(job)
    yield _attempts(job)
    yield _conditions(job)
    yield _error_tail(job)


def _pools(receipt: Receipt) -> Section:
    chosen = [("chosen", *_candidate(receipt.chosen))] if receipt.chosen else []
    others = [(f"next {place}", *_candidate(each)) for place, each in enumerate(receipt.runners_up, start=1)]
    title = (
        f"{receipt.fitting} of {receipt.considered} pools fit; policy {receipt.policy.value}, "
        f"decided at {_instant(receipt.decided_at)}"
    )
    return Section(title, ("", "Member", "Pool", "Cost at most"), [*chosen, *others])


def _candidate(candidate: Candidate) -> Row:
    return candidate.member, candidate.pool, f"{candidate.cost} {candidate.currency}"


def _rejected(receipt: Receipt) -> Section:
    heads = ("Reason", "Pools", "Wanted", "Found", "Such as")
    count = sum(each.count for each in receipt.rejected)
    title = f"Turned down: {count} of {receipt.considered} pools"
    return Section(title, heads, [_rejection(each) for each in receipt.rejected])


def _rejection(rejection: Rejection) -> Row:
    examples = ", ".join(f"{each.member}/{each.pool}" for each in rejection.examples)
    return rejection.reason, str(rejection.count), rejection.wanted, rejection.found, examples


def _costs(job: ComputeJob, receipt: Receipt) -> Section:
    chosen, actual = receipt.chosen, receipt.actual
    rows: list[Row] = []
    if chosen is not None:
        each = " each" if job.spec.array else ""
        seconds = f"{job.spec.max_run_seconds} s{each}"
        rows.append(("promised, at most", f"{chosen.cost} {chosen.currency}", seconds))
    if actual is not None:
        rows.append(("came to", f"{actual.cost} {actual.currency}", f"{actual.run_seconds:.1f} s"))
    return Section("Promise and outcome", ("", "Cost", "Run time"), rows)


def _attempts(job: ComputeJob) -> Section:
    heads = ("Number", "Member", "Pool", "Native id", "State", "Reason", "Exit", "Run time", "Cost")
    return Section("Attempts", heads, [_attempt(each) for each in job.status.attempts])


def _attempt(attempt: Attempt) -> Row:
    run = "" if attempt.run_seconds is None else f"{attempt.run_seconds:.1f} s"
    cost = "" if attempt.cost is None else f"{attempt.cost} {attempt.tariff.currency}"
    return (
        str(attempt.ordinal),
        attempt.member,
        attempt.pool,
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
