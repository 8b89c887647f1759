"""Who submits jobs: log-normal sizes and run times with the medians and 99th percentiles of real traces.

Source: computed from public traces: Theta and Blue Waters, Helios (S-Lab) and
Philly (Microsoft); no line of theirs is here.
"""

import random
from math import log
from typing import NamedTuple

_P99 = 2.326
"""How many standard deviations above its middle the 99th percentile of a normal distribution is."""


class Spread(NamedTuple):
    """A log-normal distribution, by its median and its 99th percentile; what is above `most` is `most`."""

    median: float
    p99: float
    most: float

    def draw(self, chance: random.Random) -> float:
        sigma = log(self.p99 / self.median) / _P99
        return min(self.most, max(1.0, chance.lognormvariate(log(self.median), sigma)))


class Population(NamedTuple):
    """Jobs of one kind of users.

    Attributes:
        share: Of all jobs.
        namespace: Whose they are.
        units: How many cards, or nodes of 32 cores; a power of two.
        run_seconds: On the reference.
        has_cards: Whether they take cards.
    """

    share: float
    namespace: str
    units: Spread
    run_seconds: Spread
    has_cards: bool


_HOUR, _DAY = 3600.0, 86_400.0
_WEEK = 7 * _DAY
CORES_PER_NODE = 32

POPULATIONS = (
    Population(0.50, "team-a", Spread(1, 48, 512), Spread(102, 68 * _HOUR, _WEEK), has_cards=True),
    Population(0.20, "team-b", Spread(1, 16, 128), Spread(289, 21 * _DAY, _WEEK), has_cards=True),
    Population(
        0.10, "team-a", Spread(8, 2560, 4096), Spread(23 * 60, 23.6 * _HOUR, 2 * _DAY), has_cards=False
    ),
    Population(0.20, "team-b", Spread(4, 256, 1024), Spread(44 * 60, 48 * _HOUR, 2 * _DAY), has_cards=False),
)
"""Like Helios, Philly, Theta and Blue Waters; how many of each there are is invented."""
