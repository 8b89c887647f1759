"""Draws the jobs of a trace; the same seed draws the same."""

import random
from collections.abc import Iterator
from math import log2, pi, sin

from computility.lab.traces.populations import CORES_PER_NODE, POPULATIONS, Population

HEADS = ("submit_seconds", "run_seconds", "cards", "cores", "requested_seconds", "namespace")
_HOUR, _DAY = 3600, 86_400
_LIMITS = tuple(_HOUR * hours for hours in (1, 2, 4, 8, 12, 24, 48, 96, 168, 336))
"""What people ask for."""
_MORNING = 9 / 24
_SWING = 0.6
"""By which share of the mean the day's rate of submissions rises in the afternoon, and falls at night."""


def draw_trace(jobs: int, hours: float, seed: int) -> Iterator[str]:
    """Draw the lines of a CSV.

    Args:
        jobs: How many.
        hours: Over how long they are submitted, about.
        seed: Where all its randomness comes from.
    """
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    mean_rate, now = jobs / (hours * _HOUR), 0.0
    yield ",".join(HEADS)
    for _ in range(jobs):
        now += chance.expovariate(mean_rate * _daytime(now))
        (population,) = chance.choices(POPULATIONS, [each.share for each in POPULATIONS])
        yield _draw_job(chance, round(now), population)


def _daytime(now: float) -> float:
    """Return the rate of submissions at this time of a day beside the mean; a trace begins at midnight."""
    return 1 + _SWING * sin(2 * pi * (now / _DAY - _MORNING))


def _draw_job(chance: random.Random, submit: int, population: Population) -> str:
    units = 2 ** round(log2(population.units.draw(chance)))
    run = round(population.run_seconds.draw(chance))
    cards, cores = (units, 0) if population.has_cards else (0, units * CORES_PER_NODE)
    return f"{submit},{run},{cards},{cores},{_draw_limit(chance, run)},{population.namespace}"


def _draw_limit(chance: random.Random, run: int) -> int:
    """Return the next usual limit above what a user fears that the run may take."""
    feared = run * (1 + chance.expovariate(1))
    return next((limit for limit in _LIMITS if limit >= feared), max(run, _LIMITS[-1]))
