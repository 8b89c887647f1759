"""How long a request waits in each pool's queue: by its scheduler's word, else by what others waited."""

from datetime import datetime
from math import inf
from typing import NamedTuple

import numpy as np

from computility.model.pool_facts import QueueWait
from computility.placement.facts import PoolFacts
from computility.placement.forecasts import SOON_SECONDS, find_forecast, told_starts
from computility.placement.question import Question
from computility.placement.request import Request
from computility.placement.slots import free_slots
from computility.placement.table import Bools, Floats

FREE = "free"
UNKNOWN = "unknown"
BUSY = "busy"
SCHEDULER = "scheduler"
PROMPT_SECONDS = 60.0
"""High end for a job that is said to start at once: so long its scheduler was not asked again."""


class Waits(NamedTuple):
    """Seconds in the queue, the expected and the high end (p50 and p95); one a pool."""

    expected: Floats
    high: Floats


class Queues(NamedTuple):
    """How long a request waits, as far as pools tell it, and what the network's own attempts can change.

    Attributes:
        told: Where the pools are as they were last reported, and nothing there is ours.
        behind: Where ours hold what it would have started on; the same where it would not have.
        may_start: Where it would start at once if nothing there were ours.
        is_word: Where that is the scheduler's own word.
    """

    told: Waits
    behind: Waits
    may_start: Bools
    is_word: Bools


def reckon_waits(q: Question) -> Queues:
    """Take the scheduler's word where it starts the request at once, else the quantiles of the class.

    A later start that a scheduler names rests on requested times, and most jobs end sooner. So it only
    selects the class of quantiles (`minStartSeconds`). Where no class goes by it, it moves the expected end
    within the quantiles; where there are none at all it is the high end, and half of it is expected.

    Where nobody says anything a request that fits into what is free does not wait. For one that does not, a
    run as long as its own is taken to be ahead of it, two at the high end: it is worse than a free pool. It
    is the same for one that would have started at once, and finds the network's own attempts there; what
    others waited that did not start at once is known better.
    """
    starts = told_starts(q)
    is_word = starts == 0
    behind, is_covered = _by_quantiles(q, np.where(is_word, SOON_SECONDS, starts), ~is_word)
    is_free = np.isnan(starts) & ~is_covered & (free_slots(q.request, q.table) >= 1)
    may_start = is_word | is_free
    told = Waits(
        np.where(may_start, 0.0, behind.expected),
        np.where(is_word, PROMPT_SECONDS, np.where(is_free, 0.0, behind.high)),
    )
    return Queues(told, behind, may_start, is_word)


def _by_quantiles(q: Question, told: Floats, is_named: Bools) -> tuple[Waits, Bools]:
    """Return what others of the class waited, and where there is such a class.

    Args:
        q: What is asked.
        told: In how many seconds the scheduler would start it; nan where it does not say.
        is_named: Where that is a start that it has named.
    """
    nodes, seconds = q.request.nodes, q.request.max_run_seconds
    expected, high = np.full(len(q.table), float(seconds)), np.full(len(q.table), 2.0 * seconds)
    is_told, is_covered = is_named & (told > 0), np.zeros(len(q.table), np.bool_)
    is_any_told = bool(is_told.any())
    if is_any_told:
        np.copyto(expected, told / 2, where=is_told)
        np.copyto(high, told, where=is_told)
    starts = np.where(np.isnan(told), -inf, told)
    for most_nodes, most_seconds, soonest, p50, p95 in q.table.wait_classes[::-1]:
        covers = (nodes <= most_nodes) & (seconds <= most_seconds) & (starts >= soonest)
        np.copyto(expected, p50, where=covers)
        most = np.maximum(p50, p95)
        if is_any_told:
            is_moved = covers & is_told & np.isneginf(soonest)
            np.copyto(expected, np.clip(told / 2, p50, most), where=is_moved)
        np.copyto(high, most, where=covers)
        is_covered |= covers
    return Waits(expected, high), is_covered


def find_quantiles(pool: PoolFacts, request: Request, now: datetime) -> QueueWait | None:
    """Return the first of a pool's classes that covers the request, or None."""
    forecast = find_forecast(pool, request, now)
    starts_at = forecast.starts_at if forecast else None
    told = max(SOON_SECONDS, (starts_at - now).total_seconds()) if starts_at else 0.0
    return _first_class(pool, request, told)


def wait_basis(
    pool: PoolFacts, request: Request, now: datetime, seconds: float, *, is_behind: bool = False
) -> str:
    """Say in a word where a wait comes from.

    Args:
        pool: Where it waits.
        request: What is asked for.
        now: When.
        seconds: How long it waits.
        is_behind: Whether it would start at once, if the network's own attempts were not there.
    """
    forecast = find_forecast(pool, request, now)
    if is_behind:
        found = _first_class(pool, request, 0.0 if forecast is None else SOON_SECONDS)
        return found.source.value if found else BUSY
    if forecast is not None:
        return SCHEDULER
    found = find_quantiles(pool, request, now)
    if found is not None:
        return found.source.value
    return UNKNOWN if seconds else FREE


def _first_class(pool: PoolFacts, request: Request, told: float) -> QueueWait | None:
    return next((each for each in pool.spec.queue_wait if _covers(each, request, told)), None)


def _covers(wait: QueueWait, request: Request, told: float) -> bool:
    return (
        request.nodes <= (wait.max_nodes or inf)
        and request.max_run_seconds <= (wait.max_run_seconds or inf)
        and told >= (wait.min_start_seconds or 0)
    )
