"""What a use of machines draws, and what that emits, by both methods of the GHG protocol."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", float, NDArray[np.float64])
"""One figure, or one of each a pool."""

_JOULES_PER_KWH = 3.6e6


def kwh(watts: Number, pue: Number, seconds: Number) -> Number:
    """Return what so many busy watts draw in so many seconds, the building's share included, in kWh."""
    return watts * pue * seconds / _JOULES_PER_KWH


def kg_location(kwh_drawn: Number, grid_kg_per_kwh: Number) -> Number:
    """Return the kg of CO2 by the grid that the machines stand in."""
    return kwh_drawn * grid_kg_per_kwh


def kg_market(by_location: Number, green_share: Number) -> Number:
    """Return the kg of CO2 that are left once contracted green power, 0 to 1 of it, is taken off."""
    return by_location * (1 - green_share)
