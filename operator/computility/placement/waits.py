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
from computility.placement.table import Floats

FREE = "free"
UNKNOWN = "unknown"
SCHEDULER = "scheduler"
PROMPT_SECONDS = 60.0
"""High end for a job that is said to start at once: so long its scheduler was not asked again."""


class Waits(NamedTuple):
    """Seconds in the queue, the expected and the high end (p50 and p95); one a pool."""

    expected: Floats
    high: Floats


def reckon_waits(q: Question) -> Waits:
    """Take the scheduler's word where it starts the request at once, else the quantiles of the class.

    A later start that a scheduler names rests on requested times, and most jobs end sooner. So it only
    selects the class of quantiles (`minStartSeconds`). Where no class goes by it, it moves the expected end
    within the quantiles; where there are none at all it is the high end, and half of it is expected.

    Where nobody says anything a request that fits into what is free does not wait. For one that does not, a
    run as long as its own is taken to be ahead of it, two at the high end: it is worse than a free pool.
    """
    told = told_starts(q)
    found = _by_quantiles(q, told)
    is_prompt = told == 0
    np.copyto(found.expected, 0.0, where=is_prompt)
    np.copyto(found.high, PROMPT_SECONDS, where=is_prompt)
    return found


def _by_quantiles(q: Question, told: Floats) -> Waits:
    nodes, seconds = q.request.nodes, q.request.max_run_seconds
    expected = np.where(free_slots(q.request, q.table) >= 1, 0.0, float(seconds))
    high = 2 * expected
    is_told = told > 0
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
    return Waits(expected, high)


def find_quantiles(pool: PoolFacts, request: Request, now: datetime) -> QueueWait | None:
    """Return the first of a pool's classes that covers the request, or None."""
    forecast = find_forecast(pool, request, now)
    starts_at = forecast.starts_at if forecast else None
    told = max(SOON_SECONDS, (starts_at - now).total_seconds()) if starts_at else 0.0
    return next((each for each in pool.spec.queue_wait if _covers(each, request, told)), None)


def wait_basis(pool: PoolFacts, request: Request, now: datetime, seconds: float) -> str:
    """Say in a word where a wait comes from."""
    if find_forecast(pool, request, now) is not None:
        return SCHEDULER
    found = find_quantiles(pool, request, now)
    if found is not None:
        return found.source.value
    return UNKNOWN if seconds else FREE


def _covers(wait: QueueWait, request: Request, told: float) -> bool:
    return (
        request.nodes <= (wait.max_nodes or inf)
        and request.max_run_seconds <= (wait.max_run_seconds or inf)
        and told >= (wait.min_start_seconds or 0)
    )
