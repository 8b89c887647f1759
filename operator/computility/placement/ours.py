"""What the network's own attempts hold, by pool, and where they have let something go."""

from computility.placement.facts import PoolKey
from computility.placement.held import Stake, Stakes


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
