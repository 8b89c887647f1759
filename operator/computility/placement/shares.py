"""What a part of an array takes at its pool, and what all parts take together."""

from collections.abc import Iterable
from math import ceil, inf
from typing import NamedTuple

from computility.model.base import Value
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolFacts


class Part(Value, frozen=True, kw_only=True):
    """How many indices a pool gets."""

    pool: PoolFacts
    count: int


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


def take(evaluation: Evaluation, part: Part) -> Taken:
    """Return what a part takes: its indices' runs, and bringing all of the data."""
    row, found = evaluation.question.table.row_of[part.pool.key], evaluation.estimates
    request = evaluation.question.request
    of_all = part.count / request.count
    egress = float(found.egress[row])
    at_once = min(float(found.at_once[row]), (request.max_concurrent or inf) * of_all)
    rounds = ceil(part.count / max(at_once, 1))
    return Taken(
        cost=(float(found.cost.expected[row]) - egress) * of_all + egress,
        done_seconds=float(found.start[row]) + rounds * float(found.run.expected[row]),
        kg_market=float(found.emissions.kg_market[row]) * of_all,
        kg_location=float(found.emissions.kg_location[row]) * of_all,
    )


def take_all(taken: Iterable[Taken]) -> Taken:
    """Return what parts take together: they run side by side."""
    cost, done, kg_market, kg_location = zip(*taken, strict=True)
    return Taken(sum(cost), max(done), sum(kg_market), sum(kg_location))
