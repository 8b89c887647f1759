"""What the network's own attempts hold at the pools: each is one stake, and sums follow from the stakes."""

from collections import Counter
from math import ceil
from typing import NamedTuple

from computility.model.resource_pool import Shape
from computility.placement.facts import PoolKey


class Held(NamedTuple):
    """An amount of machine that attempts hold, or wait for at the centre.

    Attributes:
        nodes: Those that they share with nobody; what shares its node is counted by cores and cards alone.
        cores, cards: All of them.
    """

    nodes: int = 0
    cores: int = 0
    cards: int = 0

    def plus(self, other: "Held") -> "Held":
        return Held(self.nodes + other.nodes, self.cores + other.cores, self.cards + other.cards)

    def minus(self, other: "Held") -> "Held":
        return Held(self.nodes - other.nodes, self.cores - other.cores, self.cards - other.cards)

    def times(self, count: int) -> "Held":
        return Held(self.nodes * count, self.cores * count, self.cards * count)

    def nodes_of(self, shape: Shape) -> int:
        """Return how many nodes of a pool that is, those that share one packed as tightly as can be."""
        by_cores = ceil(self.cores / shape.cores_per_node)
        by_cards = ceil(self.cards / shape.cards_per_node) if shape.cards_per_node else 0
        return max(self.nodes, by_cores, by_cards)


NOTHING = Held()


class Stake(NamedTuple):
    """What one attempt holds, and since when: seconds since the epoch, by the hub's clock."""

    held: Held
    since: int


class Stakes:
    """The stakes at one pool, on top of those that somebody else counts.

    Sums are of whole numbers: no order of events changes them.

    Args:
        under: The others, which stay as they are meanwhile.

    Attributes:
        held: All together; another object once it has changed.
    """

    __slots__ = ("_each", "_later", "_later_than", "_under", "held")

    def __init__(self, under: "Stakes | None" = None) -> None:
        self.held: Held = under.held if under else NOTHING
        self._under = under
        self._each: Counter[Stake] = Counter()
        self._later_than: float | None = None
        self._later = NOTHING

    def add(self, stake: Stake) -> None:
        self._each[stake] += 1
        self.held = self.held.plus(stake.held)
        if self._later_than is not None and stake.since > self._later_than:
            self._later = self._later.plus(stake.held)

    def remove(self, stake: Stake) -> None:
        """Take out a stake that was added."""
        self._each[stake] -= 1
        if not self._each[stake]:
            del self._each[stake]
        self.held = self.held.minus(stake.held)
        if self._later_than is not None and stake.since > self._later_than:
            self._later = self._later.minus(stake.held)

    @property
    def is_empty(self) -> bool:
        return not self._each

    def later_than(self, moment: float) -> Held:
        """Return what those hold that came after a moment; asked mostly of the same one as before."""
        if moment != self._later_than:
            self._later_than, self._later = moment, self._sum_later_than(moment)
        return self._later

    def _sum_later_than(self, moment: float) -> Held:
        later = self._under.later_than(moment) if self._under else NOTHING
        for stake, count in self._each.items():
            if stake.since > moment:
                later = later.plus(stake.held.times(count))
        return later


class Ours:
    """The network's own stakes at all pools, counted while attempts come and go.

    Args:
        under: What these come on top of, for a trial: it stays as it is meanwhile.

    Attributes:
        releases: How many stakes were taken out so far.
    """

    def __init__(self, under: "Ours | None" = None) -> None:
        self._under = under
        self._pools: dict[PoolKey, Stakes] = {}
        self._released: dict[PoolKey, int] = {}
        self.releases = 0

    def at(self, pool: PoolKey) -> Stakes | None:
        """Return the stakes at a pool; None if there are none."""
        found = self._pools.get(pool)
        return found if found is not None or self._under is None else self._under.at(pool)

    def add(self, pool: PoolKey, stake: Stake) -> None:
        stakes = self._pools.get(pool)
        if stakes is None:
            stakes = self._pools[pool] = Stakes(self._under.at(pool) if self._under else None)
        stakes.add(stake)

    def remove(self, pool: PoolKey, stake: Stake) -> None:
        """Take out a stake that was added here."""
        self._pools[pool].remove(stake)
        if self._pools[pool].is_empty:
            del self._pools[pool]
        self.releases += 1
        self._released.pop(pool, None)
        self._released[pool] = self.releases

    def released_after(self, number: int) -> list[PoolKey]:
        """Return the pools at which a stake was taken out since there were so many releases."""
        found = []
        for pool, latest in reversed(self._released.items()):
            if latest <= number:
                break
            found.append(pool)
        return found
