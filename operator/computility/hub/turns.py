"""Waiting jobs are called one after the other, and have what room became free before anybody else."""

from collections.abc import Iterable, Iterator, Set

from computility.model.meta import Key
from computility.placement.facts import PoolKey


class Turns:
    """Whose turn it is, and which pools have room that is not for others.

    A waiting job has found every pool full that fits it. Room that it can use thus comes only from a pool
    that lets an attempt go. From that moment until all that are called next were decided on, a job that was
    not called finds that pool as full as they did. What is left then is of no use to them, and for anybody.

    Who is next is asked only once the one before was decided on: what that one got may change the order.
    """

    def __init__(self) -> None:
        self._freed: set[PoolKey] = set()
        self._offered: set[PoolKey] = set()
        self._order: Iterator[Key] = iter(())
        self._with_freed = True
        self._called: Key | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether a job was called that has not been decided on."""
        return self._called is not None

    def free(self, pools: Iterable[PoolKey]) -> None:
        """Keep for those who wait the room that pools have got; they are to be called soon."""
        self._freed.update(pools)

    def begin(self, order: Iterator[Key], *, with_freed: bool = True) -> Key | None:
        """Call these jobs, in this order; return the first.

        Args:
            order: Who is called.
            with_freed: Whether all that was freed is offered to them; else it stays for a later call.
        """
        self._with_freed = with_freed
        if with_freed:
            self._offered |= self._freed
            self._freed.clear()
        self._order = order
        return self._call_next()

    def answer(self, job: Key) -> Key | None:
        """Take in that a job was decided on; return the next that is called, if it was this one's turn."""
        return self._call_next() if job == self._called else None

    def closed_to(self, job: Key) -> Set[PoolKey]:
        """Return the pools whose room a job leaves to others."""
        if job != self._called:
            return self._freed | self._offered
        return frozenset() if self._with_freed else self._freed

    def forget(self) -> None:
        """Begin anew: whoever was called is not looked at any more."""
        self._freed.clear()
        self._order = iter(())
        self._call_next()

    def _call_next(self) -> Key | None:
        self._called = next(self._order, None)
        if self._called is None:
            self._offered.clear()
        return self._called
