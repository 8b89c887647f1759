"""What a part of an array takes at its pool, and what all parts take together."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import ceil, inf
from typing import NamedTuple

from computility.model.base import Value
from computility.placement.allocation import hold
from computility.placement.facts import PoolFacts
from computility.placement.held import Stake
from computility.placement.ranking import Ranking
from computility.placement.request import Request


class Part(Value, frozen=True, kw_only=True):
    """How many indices a pool gets, and how many of them may run at a time; None: as many as can."""

    pool: PoolFacts
    count: int
    max_concurrent: int | None = None

    @property
    def at_a_time(self) -> int:
        """How many of them may run at a time."""
        return min(self.count, self.max_concurrent or self.count)


def make_parts(
    pools: Sequence[PoolFacts], counts: Sequence[int], max_concurrent: int | None
) -> tuple[Part, ...]:
    """Give each pool so many indices, and its part of what may run at a time.

    Args:
        pools: The pools.
        counts: How many indices each gets, at least one.
        max_concurrent: How many may run at a time, at all pools together; no less than there are pools. It is
            dealt out in proportion to the indices, at least one to each.
    """
    if max_concurrent is None:
        limits: list[int | None] = [None] * len(pools)
    else:
        spare = max_concurrent - len(pools)
        dealt = [1 + spare * count // sum(counts) for count in counts]
        dealt[0] += max_concurrent - sum(dealt)
        limits = [*dealt]
    return tuple(
        Part(pool=pool, count=count, max_concurrent=limit)
        for pool, count, limit in zip(pools, counts, limits, strict=True)
    )


def stake_of(part: Part, request: Request, now: datetime) -> Stake:
    """Return what a part holds at its pool once it is placed: as many runs as may be at a time."""
    return Stake(hold(request, part.pool.spec).times(part.at_a_time), int(now.timestamp()))


class Taken(NamedTuple):
    """What is expected of some indices.

    Attributes:
        cost: In the pool's currency, bringing the data included.
        done_seconds: Until the last of them is over.
        kg_market, kg_location: CO2; nan where it is not known.
    """

    cost: float
    done_seconds: float
    kg_market: float
    kg_location: float


def take(ranking: Ranking, part: Part) -> Taken:
    """Return what a part takes: its indices' runs, and bringing all of the data."""
    evaluation = ranking.evaluation
    row = evaluation.question.table.row_of[part.pool.key]
    found = ranking.estimates(row)
    request = evaluation.question.request
    of_all = part.count / request.count
    egress = float(found.egress[row])
    at_once = min(float(found.at_once[row]), part.max_concurrent or inf)
    rounds = ceil(part.count / max(at_once, 1))
    return Taken(
        cost=(float(found.cost[row]) - egress) * of_all + egress,
        done_seconds=float(found.start.expected[row]) + rounds * float(found.run.expected[row]),
        kg_market=float(found.emissions.kg_market[row]) * of_all,
        kg_location=float(found.emissions.kg_location[row]) * of_all,
    )


def take_all(taken: Iterable[Taken]) -> Taken:
    """Return what parts take together: they run side by side."""
    cost, done, kg_market, kg_location = zip(*taken, strict=True)
    return Taken(sum(cost), max(done), sum(kg_market), sum(kg_location))
