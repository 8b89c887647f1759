"""Prices of all pools, with the dated windows of those that have any."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import numpy as np

from computility.placement.table import Bools, Floats, Table

_DIGITS = 9
_CAP_PLACES = 6
"""Those of a cap: what looks equal is equal."""
CAP_ROUNDING = 0.5e-6
"""By so much a price may be above a cap that looks equal."""
_LEAST = 1e-9
"""Seconds; stands in for a length of 0, which is not divided by."""


class Prices(NamedTuple):
    """One price of each a pool, in its currency per hour."""

    core_hour: Floats
    card_hour: Floats

    def at(self, row: int) -> "Prices":
        """Return those of one pool."""
        return Prices(self.core_hour[row], self.card_hour[row])

    def times(self, factor: float | Floats) -> "Prices":
        """Return what somebody pays of them, rounded: so that 3 times 0.1 is not above a cap of 0.3."""
        return Prices(*(np.round(each * factor, _DIGITS) for each in self))


def is_within(prices: Floats, cap: float) -> Bools:
    """Say whether prices are not above a cap."""
    within: Bools = np.round(prices, _CAP_PLACES) <= cap
    return within


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
    return prices.times(table.factors(user_class) if user_class else 1.0)


def _over_windows(table: Table, now: datetime, delay: Floats, seconds: Floats) -> Prices:
    core_hour, card_hour, rows = table.core_hour.copy(), table.card_hour.copy(), table.windowed
    start, length = known_seconds(delay[rows]), known_seconds(seconds[rows])
    usual = Prices(core_hour[rows], card_hour[rows])
    core_hour[rows], card_hour[rows] = mean_prices(usual, table.windows, now, start, length)
    return Prices(core_hour, card_hour)


def mean_prices(
    usual: Prices, stretches: Iterable[Floats], now: datetime, start: Floats, length: float | Floats
) -> Prices:
    """Return the mean prices of runs.

    Args:
        usual: What holds outside of all stretches.
        stretches: Of each its begin and end since the epoch, and what a core-hour and a card-hour cost
            meanwhile; they do not overlap.
        now: When it is.
        start: How long after that runs start, in seconds; of any shape that one figure of the others fits.
        length: How long they last, in seconds.
    """
    core_hour, card_hour = (np.zeros(np.shape(start)) + each for each in usual)
    moment = now.timestamp()
    for begin, end, core_price, card_price in stretches:
        share = _share(start, length, begin - moment, end - moment)
        core_hour += np.where(share > 0, share * (core_price - usual.core_hour), 0)
        card_hour += np.where(share > 0, share * (card_price - usual.card_hour), 0)
    return Prices(core_hour, card_hour)


def _share(start: Floats, length: float | Floats, begin: Floats, end: Floats) -> Floats:
    """Return which share of each run falls into a stretch; a run of no length is in it, or is not."""
    inside = np.clip(np.minimum(start + length, end) - np.maximum(start, begin), 0, None)
    is_begun = (begin <= start) & (start < end)
    return np.where(length > 0, inside / np.maximum(length, _LEAST), is_begun)


def known_seconds(seconds: Floats) -> Floats:
    """Take 0 where nobody knows."""
    return np.nan_to_num(seconds, nan=0.0, posinf=0.0)
