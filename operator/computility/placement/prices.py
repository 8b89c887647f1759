"""Prices of all pools, with the dated windows of those that have any."""

from datetime import datetime
from typing import NamedTuple

import numpy as np

from computility.placement.table import Floats, Table

_DIGITS = 9
_LEAST = 1e-9
"""Seconds; stands in for a length of 0, which is not divided by."""


class Prices(NamedTuple):
    """One price of each a pool, in its currency per hour."""

    core_hour: Floats
    card_hour: Floats


def prices_over(table: Table, user_class: str, now: datetime, delay: Floats, seconds: Floats) -> Prices:
    """Return mean prices over the time in which a job would run.

    Args:
        table: The pools.
        user_class: The class of user who pays them; "" for none.
        now: When it is.
        delay: How long after that the run starts, in seconds, one a pool.
        seconds: How long it lasts.
    """
    prices = Prices(table.core_hour, table.card_hour)
    if table.windowed:
        prices = _over_windows(table, now, delay, seconds)
    elif not user_class:
        return prices
    factors = table.factors(user_class) if user_class else 1.0
    # Rounded, so that 3 times 0.1 is not above a cap of 0.3.
    return Prices(*(np.round(each * factors, _DIGITS) for each in prices))


def _over_windows(table: Table, now: datetime, delay: Floats, seconds: Floats) -> Prices:
    core_hour, card_hour, rows = table.core_hour.copy(), table.card_hour.copy(), table.windowed
    start, length = _known(delay[rows]), _known(seconds[rows])
    for begin, end, core_price, card_price in table.windows:
        share = _share(start, length, begin - now.timestamp(), end - now.timestamp())
        core_hour[rows] += np.where(share > 0, share * (core_price - table.core_hour[rows]), 0)
        card_hour[rows] += np.where(share > 0, share * (card_price - table.card_hour[rows]), 0)
    return Prices(core_hour, card_hour)


def _share(start: Floats, length: Floats, begin: Floats, end: Floats) -> Floats:
    """Return which share of each run falls into a stretch; a run of no length is in it, or is not."""
    inside = np.clip(np.minimum(start + length, end) - np.maximum(start, begin), 0, None)
    is_begun = (begin <= start) & (start < end)
    return np.where(length > 0, inside / np.maximum(length, _LEAST), is_begun)


def _known(seconds: Floats) -> Floats:
    """Take 0 where nobody knows."""
    return np.nan_to_num(seconds, nan=0.0, posinf=0.0)
