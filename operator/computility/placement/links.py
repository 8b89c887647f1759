"""Ways between places: which link leads to a pool, how far it is, and how long data takes on it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from computility.model.data_link import MEMBER, DataLinkSpec
from computility.placement.currency import CURRENCY
from computility.placement.facts import PoolFacts


class Transfer(NamedTuple):
    """What it takes to bring a job's data to a pool; nan seconds where no link is known."""

    seconds: float
    cost: float


def _is_priced(way: DataLinkSpec) -> bool:
    """Say whether what it costs can be added to the rest."""
    return way.currency == CURRENCY or not Decimal(way.cost_per_gb)


NO_WAY = Transfer(float("nan"), float("nan"))


class Links:
    """The links of a snapshot, by where they lead from and to.

    Args:
        links: Of two that lead the same way the first counts.
        regions: The region of each member.

    Attributes:
        members: Those that a link names.
    """

    def __init__(self, links: Iterable[DataLinkSpec], regions: dict[str, str]) -> None:
        self._regions = regions
        self._ways: dict[tuple[str, str], DataLinkSpec] = {}
        for link in links:
            self._ways.setdefault((link.from_, link.to), link)
            if link.both_ways:
                self._ways.setdefault((link.to, link.from_), link)
        places = (place for ends in self._ways for place in ends)
        self.members = frozenset(p.removeprefix(MEMBER) for p in places if p.startswith(MEMBER))

    def is_at(self, place: str, pool: PoolFacts) -> bool:
        """Say whether a place is where the pool is: its member, or its region."""
        return place in (MEMBER + pool.member, pool.region)

    def way(self, place: str, pool: PoolFacts) -> DataLinkSpec | None:
        """Return the link from a place to a pool: one that names the members goes before one of regions."""
        member = place.removeprefix(MEMBER)
        starts = (place, self._regions.get(member, "")) if member != place else (place,)
        ends = (MEMBER + pool.member, pool.region)
        ways = (self._ways.get((start, end)) for start in starts for end in ends)
        return next((way for way in ways if way is not None), None)

    def round_trip(self, place: str, pool: PoolFacts) -> float | None:
        """Return the round trip between a place and a pool in ms; None where nobody knows it."""
        if place == MEMBER + pool.member:
            return 0.0
        way = self.way(place, pool)
        if way is not None:
            return way.round_trip_millis
        return 0.0 if self.is_at(place, pool) else None

    def is_within(self, millis: float, place: str, pool: PoolFacts) -> bool:
        """Say whether a pool is known to be no further away than so many ms."""
        found = self.round_trip(place, pool)
        return found is not None and found <= millis

    def transfer(self, sizes: dict[str, int], pool: PoolFacts) -> Transfer:
        """Reckon what it takes to bring data to a pool.

        Seconds are bytes * 8 / (gbps * 10^9 * usable share); what comes over one link adds up, different
        links work at the same time.

        Args:
            sizes: Bytes by the place where they are.
            pool: Where they are to go.
        """
        seconds: dict[int, float] = {}
        cost = Decimal(0)
        for place, size in sizes.items():
            if self.is_at(place, pool):
                continue
            way = self.way(place, pool)
            if way is None or not _is_priced(way):
                return NO_WAY
            took = size * 8 / 1e9 / way.gbps / way.usable_share
            seconds[id(way)] = seconds.get(id(way), 0.0) + took
            cost += Decimal(size) / 10**9 * Decimal(way.cost_per_gb)
        return Transfer(max(seconds.values(), default=0.0), float(cost))
