"""What the pools' schedulers themselves say of when a request would start."""

from datetime import datetime
from math import inf

import numpy as np

from computility.model.pool_facts import StartForecast
from computility.placement.facts import PoolFacts
from computility.placement.figures import AT_ONCE
from computility.placement.question import Question
from computility.placement.request import Request
from computility.placement.table import Floats

FRESH_SECONDS = 600.0
"""How old a forecast may be. An agent confirms its figures every five minutes, also those that stay."""
SOON_SECONDS = 1.0
"""What is left of a wait that should be over by now: nobody has said yet that the job would start at once."""

ASKED_SECONDS = 60.0
"""How long before a report the scheduler may have been asked."""
ARRIVAL_SECONDS = 30.0
"""How long it takes until what was placed is submitted, unless something is amiss."""


def told_starts(q: Question) -> Floats:
    """Return in how many seconds the request would start, one a pool: 0 at once, nan where nobody says.

    The classes were asked for at their upper ends: what they are told is late for what is smaller.
    """
    nodes, seconds, now = q.request.nodes, q.request.max_run_seconds, q.now.timestamp()
    starts = np.full(len(q.table), np.nan)
    for most_nodes, most_seconds, starts_at in q.table.forecast_classes[::-1]:
        np.copyto(starts, starts_at, where=(nodes <= most_nodes) & (seconds <= most_seconds))
    told = np.where(starts == AT_ONCE, 0.0, np.maximum(starts - now, SOON_SECONDS))
    told[~(now - q.table.observed_at <= FRESH_SECONDS)] = np.nan
    return told


def find_forecast(pool: PoolFacts, request: Request, now: datetime) -> StartForecast | None:
    """Return the first of a pool's forecasts that covers the request, if they are fresh."""
    observed_at = pool.status.observed_at
    if observed_at is None or (now - observed_at).total_seconds() > FRESH_SECONDS:
        return None
    return next((each for each in pool.status.forecast if _covers(each, request)), None)


def promised_nodes(pool: PoolFacts, request: Request) -> int:
    """Return on how many nodes the scheduler said that a job as long as this would start at once."""
    said = (
        each.max_nodes
        for each in pool.status.forecast
        if each.starts_at is None and request.max_run_seconds <= each.max_run_seconds
    )
    return max(said, default=0)


def known_until(pool: PoolFacts) -> float:
    """Return since when what was placed may be unknown to the scheduler's word, in seconds since the epoch.

    It was asked at most a minute before the pool's figures were read, and of an attempt it knows once that
    has come to the centre.
    """
    observed_at = pool.status.observed_at
    return observed_at.timestamp() - ASKED_SECONDS - ARRIVAL_SECONDS if observed_at else -inf


def _covers(forecast: StartForecast, request: Request) -> bool:
    return request.nodes <= forecast.max_nodes and request.max_run_seconds <= forecast.max_run_seconds
