"""What a run draws at each pool, and what that emits."""

from typing import NamedTuple

from computility.metering.emissions import kg_location, kg_market, kwh
from computility.placement.question import Question
from computility.placement.table import Floats


class Emissions(NamedTuple):
    """One of each a pool; nan where its energy is not known."""

    kwh: Floats
    kg_location: Floats
    kg_market: Floats


def emissions(q: Question, run_seconds: Floats) -> Emissions:
    """Reckon energy and CO2 of so many seconds of the request's cards, or of its cores without cards."""
    cards, table = q.request.cards, q.table
    # A card's figure has its part of the node in it.
    watts = cards * table.watts_per_card if cards else q.request.cores * table.watts_per_core
    drawn = kwh(watts, table.pue, run_seconds)
    by_location = kg_location(drawn, table.grid)
    return Emissions(drawn, by_location, kg_market(by_location, table.green))
