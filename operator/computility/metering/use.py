"""How much of the network a job's attempts use, in card-hours as fair share counts them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from computility.metering.fair_share import card_hours
from computility.model.compute_job import Allocated, Attempt, AttemptState, ComputeJob, Resources
from computility.model.index_set import IndexSet


class Use(NamedTuple):
    """So many card-hours, counted as used at an instant by the hub's own clock."""

    hours: float
    at: datetime


def uses_of(job: ComputeJob, attempts: Iterable[Attempt], until: datetime | None = None) -> Iterator[Use]:
    """Yield what each attempt uses: what was booked; of a live one what it uses if it runs as long as it may.

    Args:
        job: Whose attempts they are.
        attempts: As they stand there, or are about to.
        until: Live ones end here, unreported: only what ran counts, up to now.
    """
    for attempt in attempts:
        at = attempt.booked_at or attempt.placed_at
        if at is not None:
            yield Use(_hours(job, attempt, until), at)


def _hours(job: ComputeJob, attempt: Attempt, until: datetime | None) -> float:
    """Return an attempt's use, and never more than it may: a centre that reports too much harms nobody."""
    count = len(IndexSet.parse(attempt.indices)) if attempt.indices else 1
    resources, allocated = job.spec.resources, attempt.allocated
    most = hours_of_one(resources, allocated, job.spec.max_run_seconds) * count
    if attempt.state.is_terminal:
        cards, cores = attempt.card_seconds or 0.0, attempt.core_seconds or 0.0
        reported = card_hours(1, 0, cards) if resources.cards else card_hours(0, 1, cores)
        return min(reported, most)
    if until is None:
        return most
    return min(most, hours_of_one(resources, allocated, _seconds_run(attempt, until)) * count)


def _seconds_run(attempt: Attempt, until: datetime) -> float:
    if attempt.state is not AttemptState.RUNNING:
        return 0.0
    since = attempt.started_at or attempt.placed_at or until
    return max(0.0, (until - since).total_seconds())


def hours_of_one(resources: Resources, allocated: Allocated | None, seconds: float) -> float:
    """Return the use of one index: of what it asks for, or of whole nodes where these are allocated."""
    cards, cores = resources.cards, resources.cores
    if allocated is not None:
        cards, cores = allocated.cards if cards else 0, allocated.cores
    return card_hours(cards, cores, seconds)
