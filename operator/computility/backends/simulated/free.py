"""What is free on a group's nodes."""

from typing import NamedTuple


class Amount(NamedTuple):
    """An amount of one node."""

    cores: int
    cards: int
    memory_mib: int


class FreeTable:
    """How much of each node is free. Sets of nodes are the bits of integers, node 0 the lowest.

    Nodes with equally much free stand together, so that a job on a thousand whole nodes costs no more
    than one on a single node.
    """

    __slots__ = ("classes",)

    def __init__(self, classes: dict[Amount, int]) -> None:
        self.classes = classes
        """Free amount → the nodes that have it; no class is empty."""

    @classmethod
    def of_idle(cls, nodes: int, each: Amount) -> "FreeTable":
        return cls({each: (1 << nodes) - 1})

    def copy(self) -> "FreeTable":
        return FreeTable(self.classes.copy())

    def fitting(self, need: Amount) -> int:
        """Return the nodes on which so much is free."""
        nodes = 0
        cores, cards, memory_mib = need
        for free, members in self.classes.items():
            if free[0] >= cores and free[1] >= cards and free[2] >= memory_mib:
                nodes |= members
        return nodes

    def choose(self, fitting: int, count: int) -> int:
        """Choose so many of these nodes, the fullest first and of those the lowest; 0 if they are too few."""
        surplus = fitting.bit_count() - count
        if surplus <= 0:
            return 0 if surplus else fitting
        chosen = 0
        for free in sorted(self.classes):
            here = self.classes[free] & fitting
            size = here.bit_count()
            if size >= count:
                return chosen | lowest(here, count)
            chosen |= here
            count -= size
        return chosen

    def is_full(self) -> bool:
        """Whether no node has a free core."""
        return all(free[0] == 0 for free in self.classes)

    def take(self, nodes: int, need: Amount) -> None:
        """Let a task have so much on each of these nodes."""
        self._shift(nodes, -need[0], -need[1], -need[2])

    def give(self, nodes: int, need: Amount) -> None:
        """Get it back."""
        self._shift(nodes, need[0], need[1], need[2])

    def _shift(self, nodes: int, cores: int, cards: int, memory_mib: int) -> None:
        classes = self.classes
        moved = [(free, here) for free, members in classes.items() if (here := members & nodes)]
        for free, here in moved:
            left = classes[free] ^ here
            if left:
                classes[free] = left
            else:
                del classes[free]
        for free, here in moved:
            to = Amount(free[0] + cores, free[1] + cards, free[2] + memory_mib)
            classes[to] = classes.get(to, 0) | here

    def sum_cores(self, among: int) -> int:
        return sum(free.cores * (members & among).bit_count() for free, members in self.classes.items())

    def sum_cards(self, among: int) -> int:
        return sum(free.cards * (members & among).bit_count() for free, members in self.classes.items())


def lowest(nodes: int, count: int) -> int:
    """Return the `count` lowest of these nodes, of which there are at least as many."""
    if count == 1:
        return nodes & -nodes
    low, high = count, nodes.bit_length()
    while low < high:
        middle = (low + high) // 2
        if (nodes & ((1 << middle) - 1)).bit_count() >= count:
            high = middle
        else:
            low = middle + 1
    return nodes & ((1 << low) - 1)
