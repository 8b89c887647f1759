"""One request put to all pools at one moment: what filters and estimates are asked with."""

from datetime import datetime
from typing import NamedTuple

from computility.model.data_link import MEMBER
from computility.placement.facts import PoolFacts
from computility.placement.links import Links
from computility.placement.request import Request
from computility.placement.sorts import Sorts
from computility.placement.table import Table


class Question(NamedTuple):
    """A request, the pools, the ways between them, and when."""

    request: Request
    table: Table
    links: Links
    now: datetime

    def standing(self, *places: str) -> Sorts[PoolFacts]:
        """Return the pools by where they stand, as far as the links and these places tell them apart."""
        named = {place.removeprefix(MEMBER) for place in places if place.startswith(MEMBER)}
        return self.table.standing(self.links.members | named)
