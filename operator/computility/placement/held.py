"""What the network's own attempts hold at one pool: each is one stake, and sums follow from the stakes."""

from collections import Counter
from math import ceil
from typing import NamedTuple

from computility.model.resource_pool import Shape


class Held(NamedTuple):
    """An amount of machine that attempts hold, or wait for at the centre.

    Attributes:
        nodes: Those that whoever asks for whole ones finds taken; what shares its node, perhaps one of
            these, is counted by cores and cards alone.
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
        return self if count == 1 else Held(self.nodes * count, self.cores * count, self.cards * count)

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
