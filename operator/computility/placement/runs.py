"""How long one run takes at each pool."""

from typing import NamedTuple

import numpy as np

from computility.model.pool_facts import Benchmark, Measure
from computility.placement.facts import PoolFacts
from computility.placement.question import Question
from computility.placement.table import Floats


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
    expected = reference / relative
    return Runs(expected, expected / spread, expected * spread, relative)


def find_benchmark(pool: PoolFacts, measure: Measure) -> Benchmark | None:
    """Return the pool's benchmark of this measure, or None."""
    return next((each for each in pool.spec.benchmark if each.measure is measure), None)
