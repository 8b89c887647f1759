"""How long one run takes at each pool."""

import math
from typing import NamedTuple

import numpy as np

from computility.model.pool_facts import Benchmark, Measure
from computility.placement.facts import PoolFacts
from computility.placement.question import Question
from computility.placement.request import Request
from computility.placement.table import Floats

CARD_SPREAD = 1.08
"""By which factor a run differs because its cards are not those that were measured: like cards of one centre
differ by 8 % at the mean (Sinha et al., Not All GPUs Are Created Equal, SC 2022)."""


class Runs(NamedTuple):
    """Seconds of one run, expected, low and high, and speed relative to the reference; one a pool.

    Without declared work all are `maxRunSeconds`, and the speed is 1: a bound, and no comparison. With it,
    nan where the pool has no benchmark that tells.
    """

    expected: Floats
    low: Floats
    high: Floats
    relative: Floats


def reckon_runs(q: Question) -> Runs:
    """Reckon run times from the declared work and the benchmark that its bound names."""
    reference = q.request.reference_seconds
    if reference is None:
        bound = np.full(len(q.table), float(q.request.max_run_seconds))
        return Runs(bound, bound, bound, np.ones(len(q.table)))
    relative, spread = q.table.speeds(q.request.measure)
    spread = combine_spreads(spread, CARD_SPREAD, scaling_spread(q.request))
    expected = reference / relative
    return Runs(expected, expected / spread, expected * spread, relative)


def scaling_spread(request: Request) -> float:
    """Return by which factor a run may be longer because it scales worse than declared.

    What is lost to more nodes is a user's figure from elsewhere: here it may be nothing, or twice as much,
    but never more than half of what is said to be left.
    """
    left = request.work.parallel_efficiency if request.work else 1.0
    return min(left / (2 * left - 1), 2.0) if left > 0.5 else 2.0


def combine_spreads(first: Floats, *others: float) -> Floats:
    """Combine factors of errors that have nothing to do with each other: their logarithms add in squares."""
    squares = np.log(first) ** 2 + sum(math.log(each) ** 2 for each in others)
    return np.exp(np.sqrt(squares))


def find_benchmark(pool: PoolFacts, measure: Measure) -> Benchmark | None:
    """Return the pool's benchmark of this measure, or None."""
    return next((each for each in pool.spec.benchmark if each.measure is measure), None)
