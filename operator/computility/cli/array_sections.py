"""An array's part of the answer to "why?": its split, who has which indices, and what failed."""

from computility.cli.indices import Failure, describe_counts, failures, shorten
from computility.cli.section import Row, Section, exit_cell
from computility.model.compute_job import Attempt, ComputeJob, Receipt
from computility.model.index_set import IndexSet
from computility.model.outcome import Counts


def shares(receipt: Receipt) -> Section:
    """Show which pool got how many indices."""
    heads = ("Member", "Pool", "Indices", "Cost")
    rows: list[Row] = [(s.member, s.pool, str(s.count), f"{s.cost} {s.currency}") for s in receipt.shares]
    return Section("How the array was split", heads, rows)


def indices(job: ComputeJob) -> Section:
    """Show who has which indices, and how far they are there."""
    heads = ("Attempt", "Member", "Pool", "Indices", "Pending", "Running", "Succeeded", "Failed")
    rows = [_counted(each, each.counts) for each in job.status.attempts if each.counts is not None]
    return Section(f"Indices: {describe_counts(job)}", heads, rows)


def _counted(attempt: Attempt, counts: Counts) -> Row:
    numbers = (counts.pending, counts.running, counts.succeeded, counts.failed)
    which = shorten(IndexSet.parse(attempt.indices))
    return (str(attempt.ordinal), attempt.member, attempt.pool, which, *map(str, numbers))


def failed_indices(job: ComputeJob) -> Section:
    """Show how the failed indices ended."""
    heads = ("Indices", "Attempt", "Member", "State", "Reason", "Exit")
    return Section("Failed indices", heads, [_failure(each) for each in failures(job)])


def _failure(failure: Failure) -> Row:
    attempt, outcome = failure.attempt, failure.outcome
    return (
        shorten(failure.indices),
        str(attempt.ordinal),
        attempt.member,
        outcome.state.value,
        outcome.reason,
        exit_cell(outcome),
    )
