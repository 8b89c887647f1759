"""Randomness that can be gone back to: each draw comes from its own name, and nothing has to be saved."""

import math
from random import Random

from computility.backends.simulated.config import Spread
from computility.backends.simulated.faults_config import Range

_SIGMAS_TO_P99 = 2.3263478740408408


class Chance:
    """A seed, and the generators that come of it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def stream(self, *name: object) -> Random:
        """Return the generator of this name: the same one whenever it is asked for."""
        return Random("/".join(map(str, (self._seed, *name))))  # noqa: S311 - a simulation, no secret


def draw_range(span: Range, random: Random) -> float:
    """Draw evenly between the two bounds."""
    return span.least + (span.most - span.least) * random.random()


def draw_spread(spread: Spread, random: Random) -> float:
    """Draw from the log-normal distribution with these quantiles."""
    return spread.median * math.exp(random.gauss(0.0, _sigma(spread)))


def mean_of(spread: Spread) -> float:
    """Return the mean of the log-normal distribution with these quantiles."""
    return spread.median * math.exp(_sigma(spread) ** 2 / 2)


def _sigma(spread: Spread) -> float:
    return abs(math.log(spread.p99 / spread.median) / _SIGMAS_TO_P99)


def draw_gap(mean_seconds: float, random: Random) -> float:
    """Draw the time to the next of events that come independently of each other."""
    return random.expovariate(1.0 / mean_seconds)
