"""Prices of all pools, with the dated windows of those that have any."""

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from computility.metering.price import spans
from computility.placement.table import Floats, Table


class Prices(NamedTuple):
    """One price of each a pool, in its currency per hour."""

    core_hour: Floats
    card_hour: Floats


def prices_over(table: Table, now: datetime, delay: Floats, seconds: Floats) -> Prices:
    """Return mean prices over the time in which a job would run.

    Args:
        table: The pools.
        now: When it is.
        delay: How long after that the run starts, in seconds, one a pool.
        seconds: How long it lasts.
    """
    if not table.windowed:
        return Prices(table.core_hour, table.card_hour)
    core_hour, card_hour = table.core_hour.copy(), table.card_hour.copy()
    for row in table.windowed:
        start = now + timedelta(seconds=_finite(delay[row]))
        tariff = table.pools[row].spec.tariff
        parts = list(spans(tariff, start, _finite(seconds[row])))
        core_hour[row] = sum(part.share * float(part.per_core_hour) for part in parts)
        card_hour[row] = sum(part.share * float(part.per_card_hour) for part in parts)
    return Prices(core_hour, card_hour)


def _finite(seconds: float) -> float:
    """Keep what nobody knows out of the calendar."""
    return float(min(seconds, 1e9)) if np.isfinite(seconds) else 0.0
