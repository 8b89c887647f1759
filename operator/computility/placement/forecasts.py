"""What the pools' schedulers themselves say of when a request would start."""

from datetime import datetime

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


def _covers(forecast: StartForecast, request: Request) -> bool:
    return request.nodes <= forecast.max_nodes and request.max_run_seconds <= forecast.max_run_seconds
