"""What a run draws, and what that emits, by both methods of the GHG protocol."""

from typing import NamedTuple

from computility.placement.question import Question
from computility.placement.table import Floats

_JOULES_PER_KWH = 3.6e6


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
    kwh = watts * table.pue * run_seconds / _JOULES_PER_KWH
    by_location = kwh * table.grid
    return Emissions(kwh, by_location, by_location * (1 - table.green))
