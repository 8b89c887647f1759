"""What a run draws, and what that emits, by both methods of the GHG protocol."""

from typing import NamedTuple

import numpy as np

from computility.model.pool_facts import Energy
from computility.placement.facts import PoolFacts
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
    cards, cores = q.request.cards, q.request.cores

    def watts(pool: PoolFacts) -> float:
        energy = pool.spec.energy
        if energy is None:
            return np.nan
        return _watts(energy, cards, cores) * energy.pue

    kwh = q.table.kept(("watts", cards, cores), watts) * run_seconds / _JOULES_PER_KWH
    grid = q.table.kept("grid", lambda p: p.spec.energy.grid_kg_per_kwh if p.spec.energy else np.nan)
    green = q.table.kept("green", lambda p: p.spec.energy.green_share if p.spec.energy else np.nan)
    return Emissions(kwh, kwh * grid, kwh * grid * (1 - green))


def _watts(energy: Energy, cards: int, cores: int) -> float:
    """Return what is drawn at the machine: a card's figure has its part of the node in it."""
    return cards * energy.watts_per_card if cards else cores * energy.watts_per_core
