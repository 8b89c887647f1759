"""What a quote cannot see: how fast a pool really is, how well it scales, how busy its own users are."""

import math
import random
from typing import NamedTuple

from computility.model.pool_facts import Source
from computility.placement.facts import PoolFacts
from computility.placement.request import Request
from computility.placement.runs import find_benchmark

SPEED_SIGMA = {Source.MEASURED: 0.05, Source.NOMINAL: 0.15, Source.ESTIMATED: 0.25}
"""Of the logarithm of true over published speed. These are assumptions of the bench, not findings."""
NOISE_SIGMA = 0.03
"""Of the logarithm of one run's time over the next one's, on the same nodes."""
DECLARED_LOSS = 0.03
"""Share of the speed that users say is lost whenever the nodes double; what is lost goes up to twice that."""
LOAD_EITHER_WAY = 0.15
"""By how much the share of nodes that a centre's own users ask for differs from the fleet's mean."""


class Truth(NamedTuple):
    """One pool's hidden figures.

    Attributes:
        speed_factor: True over published speed.
        loss: Share of the speed that is lost whenever the nodes double.
        load: Share of the nodes that the centre's own users ask for.
        seed: Of the centre: when its own users submit, and what.
    """

    speed_factor: float
    loss: float
    load: float
    seed: int


def draw_truth(chance: random.Random, source: Source, error_scale: float, load: float) -> Truth:
    """Draw a pool's hidden figures.

    Args:
        chance: The hidden generator.
        source: Where the pool's published speed comes from.
        error_scale: By how much all errors are larger than assumed; 0 for a pool that is as it says.
        load: Share of the nodes that own users ask for, the mean of all centres.
    """
    error = chance.gauss(0, SPEED_SIGMA[source])
    off = chance.uniform(-DECLARED_LOSS, DECLARED_LOSS)
    return Truth(
        speed_factor=math.exp(error * error_scale),
        loss=min(0.5, max(0.0, DECLARED_LOSS + off * error_scale)),
        load=chance.uniform(load - LOAD_EITHER_WAY, load + LOAD_EITHER_WAY),
        seed=chance.randrange(1 << 30),
    )


def efficiency(nodes: int, loss: float) -> float:
    """Return the share of the speed that is left on so many nodes."""
    return float((1 - loss) ** math.log2(nodes))


def true_run_seconds(request: Request, pool: PoolFacts, truth: Truth, noise: float) -> float:
    """Return how long a run really takes.

    Args:
        request: It declares its work, and `efficiency(nodes, DECLARED_LOSS)`.
        pool: It publishes a benchmark of the request's measure.
        truth: The pool's hidden figures.
        noise: This run's time over the usual one.

    Raises:
        ValueError: The work or the benchmark is missing; the message says at which pool.
    """
    found, declared = find_benchmark(pool, request.measure), request.reference_seconds
    if found is None or declared is None or request.work is None:
        raise ValueError(f'pool "{pool.pool}" of "{pool.member}" was quoted without work or benchmark')
    ideal = declared * request.work.parallel_efficiency
    speed = found.relative * truth.speed_factor * efficiency(request.nodes, truth.loss)
    return ideal / speed * noise
