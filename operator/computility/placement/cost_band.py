"""Between which ends the cost at one pool lies, wherever in the windows of its tariff the runs may fall.

    cost(s, d) = count / rounds * integral of the rate over [s, s + d] + egress        with d = rounds * run

No price is below 0, so it grows with d: the low end is one of the shortest run, the high end of the longest.
Of a given length it is piecewise linear in s, and bends only where the runs begin or end at an edge of a
window: it is least, and most, at a bend or at the earliest or the latest start. That makes some 130 starts at
most, of one pool; for the thousands that are compared what is expected will do.
"""

from datetime import datetime
from typing import NamedTuple

import numpy as np

from computility.model.tariff import factor_for
from computility.placement.estimates import Ends, Estimates
from computility.placement.evaluation import Evaluation
from computility.placement.figures import WINDOW_WIDTH
from computility.placement.prices import Prices, known_seconds, mean_prices
from computility.placement.table import Floats


class CostBand(NamedTuple):
    """Amounts in the pool's currency, transfers included; nan where the run time is not known."""

    low: float
    high: float


def cost_band(evaluation: Evaluation, row: int, found: Estimates) -> CostBand:
    """Return the least and the most that all runs may cost at one pool, by what is estimated there."""
    count = evaluation.question.request.count
    expected, egress = float(found.cost[row]), float(found.egress[row])
    short, long = float(found.run.low[row]), float(found.run.high[row])
    with np.errstate(over="ignore", invalid="ignore"):  # a centre may publish any wait
        low = float(_rates(evaluation, row, found, short).min()) * short * count + egress
        high = float(_rates(evaluation, row, found, long).max()) * long * count + egress
    # Prices are rounded: of many hours that could put an end beyond what is expected.
    return CostBand(min(low, expected), max(high, expected))


def _rates(evaluation: Evaluation, row: int, found: Estimates, run: float) -> Floats:
    """Return what one run costs a second, from each start at which that may be least or most."""
    question, pool = evaluation.question, evaluation.pool(row)
    table = question.table
    if not pool.windows:
        return found.holding.at(row).rate(found.prices.at(row))
    length = float(known_seconds(run * found.rounds[row]))
    stretches = np.frombuffer(pool.windows, np.float64).reshape(-1, WINDOW_WIDTH)
    starts = _bends(stretches, question.now, length, found.start.at(row))
    usual = Prices(table.core_hour[row], table.card_hour[row])
    factor = factor_for(question.request.user_class, pool.spec.tariff.factors)
    prices = mean_prices(usual, stretches, question.now, starts, length).times(factor)
    return found.holding.at(row).rate(prices)


def _bends(stretches: Floats, now: datetime, length: float, start: Ends) -> Floats:
    """Return the two ends of what a start may be, and where between them the cost of a run bends.

    Args:
        stretches: Shape (stretches, 4), as `mean_prices` takes them.
        now: When it is.
        length: How long the run is, in seconds.
        start: How long after now it starts, at one pool.
    """
    earliest, latest = known_seconds(np.array([start.low, start.high]))
    edges = np.unique(stretches[:, :2]) - now.timestamp()
    turns = np.concatenate([edges, edges - length])
    return np.concatenate([[earliest, latest], turns[(earliest < turns) & (turns < latest)]])
