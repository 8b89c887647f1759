"""How many of an array's runs pools end in a time, one pool or several together.

    runs = rounds that fit * runs at once,   rounds = floor((seconds - start) / run)

Of some pools those are taken that end most. Where `maxConcurrent` is less than they could run at once, it is
dealt out by rounds, the most first, at least one to each: that is the most that these pools end, if perhaps
not the most that any do.
"""

from collections.abc import Sequence
from math import ceil, inf
from typing import NamedTuple

import numpy as np

from computility.placement.estimates import Estimates
from computility.placement.request import Request
from computility.placement.table import Floats, Rows


class Pace(NamedTuple):
    """What each pool ends in a time.

    Attributes:
        rounds: How many runs one after the other.
        at_once: How many beside each other, if no other pool runs any.
    """

    rounds: Floats
    at_once: Floats

    @property
    def runs(self) -> Floats:
        """How many runs it ends alone."""
        return self.rounds * self.at_once


def pace_within(found: Estimates, seconds: float) -> Pace:
    """Return what each pool is expected to end in so many seconds; nothing where the time is not known."""
    start, run = found.start.expected, found.run.expected
    with np.errstate(over="ignore", invalid="ignore"):  # a centre may publish any wait
        rounds = np.floor(np.nan_to_num((seconds - start) / run, nan=0.0) + 0.5)
        rounds -= start + rounds * run > seconds  # as `take` promises it, to the last digit
    return Pace(np.clip(np.nan_to_num(rounds, nan=0.0), 0, None), found.at_once)


def deal_limits(pace: Pace, rows: Sequence[int], most: int | None) -> list[int]:
    """Return how many runs each of some pools may have at a time, together no more than `most`; None: any."""
    if most is None:
        return [int(pace.at_once[row]) for row in rows]
    limits, spare = [1] * len(rows), most - len(rows)
    for place in sorted(range(len(rows)), key=lambda place: -pace.rounds[rows[place]]):
        more = max(0, min(int(pace.at_once[rows[place]]) - 1, spare))
        limits[place] += more
        spare -= more
    return limits


def ended_by(pace: Pace, rows: Sequence[int], most: int | None) -> float:
    """Return how many runs some pools end together."""
    limits = deal_limits(pace, rows, most)
    return sum(limit * float(pace.rounds[row]) for limit, row in zip(limits, rows, strict=True))


def best_among(pace: Pace, rows: Rows, most_parts: int) -> list[int]:
    """Return those of some pools that end most, at most so many."""
    runs = pace.runs[rows]
    if len(rows) > most_parts:
        rows = rows[np.argpartition(-runs, most_parts - 1)[:most_parts]]
    able: list[int] = rows[pace.rounds[rows] > 0].tolist()
    return able


def are_enough(request: Request, found: Estimates, rows: Rows, seconds: float) -> bool:
    """Say whether some pools end all of an array in so many seconds, split over as many as may be."""
    pace = pace_within(found, seconds)
    best = best_among(pace, rows, request.most_parts)
    return ended_by(pace, best, request.max_concurrent) >= request.count


def best_end(request: Request, found: Estimates, rows: Rows) -> float:
    """Return in how many whole seconds some pools end all of an array at best; inf if they never do."""
    alone = float(np.fmin.reduce(found.done.expected[rows], initial=inf))
    if not alone < inf:
        return inf
    too_soon, enough = 0, ceil(alone)
    while enough - too_soon > 1:
        middle = (too_soon + enough) // 2
        if are_enough(request, found, rows, middle):
            enough = middle
        else:
            too_soon = middle
    return float(enough)
