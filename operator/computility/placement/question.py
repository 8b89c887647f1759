"""One request put to all pools at one moment: what filters and estimates are asked with."""

from datetime import datetime
from typing import NamedTuple

import numpy as np

from computility.placement.links import Links
from computility.placement.prices import Prices, prices_over
from computility.placement.request import Request
from computility.placement.table import Table


class Question(NamedTuple):
    """A request, the pools, the ways between them, and when."""

    request: Request
    table: Table
    links: Links
    now: datetime

    @property
    def prices(self) -> Prices:
        """The prices that hold now."""
        nothing = np.zeros(len(self.table))
        return prices_over(self.table, self.now, nothing, nothing)
