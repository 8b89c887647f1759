"""An array's indices in words: how many stand where, and how the failed ones ended."""

from collections.abc import Iterator
from typing import NamedTuple

from computility.model.compute_job import Attempt, ComputeJob
from computility.model.index_set import IndexSet
from computility.model.outcome import IndexOutcome

_SHOWN = 48
"""Longer sets of indices are cut: `-o json` has them whole."""


class Failure(NamedTuple):
    """Indices that failed for good in the same attempt and the same way."""

    indices: IndexSet
    attempt: Attempt
    outcome: IndexOutcome


def describe_counts(job: ComputeJob) -> str:
    """Say how many of an array's indices stand where, "14/20 succeeded, 1 failed"; "" without an array."""
    array, counts = job.spec.array, job.status.counts
    if array is None or counts is None:
        return ""
    others = {"failed": counts.failed, "running": counts.running, "pending": counts.pending}
    told = [f"{count} {word}" for word, count in others.items() if count]
    return ", ".join([f"{counts.succeeded}/{array.size} succeeded", *told])


def failures(job: ComputeJob) -> list[Failure]:
    """Return how the failed indices ended, each by its last attempt, the lowest first."""
    return sorted(_failures(job), key=lambda failure: next(iter(failure.indices)))


def _failures(job: ComputeJob) -> Iterator[Failure]:
    left = IndexSet.parse(job.status.failed_indices)
    for attempt in reversed(job.status.attempts):
        for outcome in attempt.outcomes:
            if found := IndexSet.parse(outcome.indices) & left:
                yield Failure(found, attempt, outcome)
                left = left - found


def shorten(indices: IndexSet) -> str:
    """Write a set of indices, cut between two of its ranges where it is long."""
    text = str(indices)
    if len(text) <= _SHOWN:
        return text
    return f"{text[:_SHOWN].rpartition(',')[0] or text[:_SHOWN]},…"
