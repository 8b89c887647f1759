"""The pools of a snapshot as columns, one row a pool, sorted so that the order of rows decides ties."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from computility.model.quantity import parse_bytes
from computility.model.resource_pool import Capacity
from computility.placement.facts import PoolFacts, PoolKey

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
"""Numbers of rows."""


class Table:
    """Columns of figures, made when first asked for; nothing of it ever changes.

    Attributes:
        pools: The rows, sorted by member and pool.
        row_of: The row of a pool.
    """

    def __init__(self, pools: Iterable[PoolFacts]) -> None:
        self.pools: tuple[PoolFacts, ...] = tuple(sorted(pools, key=lambda pool: pool.key))
        self.row_of: dict[PoolKey, int] = {pool.key: row for row, pool in enumerate(self.pools)}
        self._masks: dict[object, Bools] = {}
        self._columns: dict[object, Floats] = {}

    def __len__(self) -> int:
        return len(self.pools)

    def column(self, read: Callable[[PoolFacts], float]) -> Floats:
        """Read one figure of each pool."""
        return np.fromiter((read(pool) for pool in self.pools), np.float64, len(self.pools))

    def kept(self, key: object, read: Callable[[PoolFacts], float]) -> Floats:
        """Read one figure of each pool; the column is kept under a key."""
        found = self._columns.get(key)
        if found is None:
            found = self._columns[key] = self.column(read)
        return found

    def mask(self, key: object, holds: Callable[[PoolFacts], bool]) -> Bools:
        """Say of each pool whether something holds; the answer is kept under a key."""
        found = self._masks.get(key)
        if found is None:
            found = np.fromiter((holds(pool) for pool in self.pools), np.bool_, len(self.pools))
            self._masks[key] = found
        return found

    @cached_property
    def nodes(self) -> Floats:
        return self.column(lambda p: p.spec.shape.nodes)

    @cached_property
    def max_nodes(self) -> Floats:
        """Nodes that one job may take."""
        limits = self.column(lambda p: p.spec.limits.max_nodes or p.spec.shape.nodes)
        return np.minimum(limits, self.nodes)

    @cached_property
    def max_cards(self) -> Floats:
        """Cards that one job may take."""
        limits = self.column(lambda p: p.spec.limits.max_cards or np.inf)
        return np.minimum(limits, self.nodes * self.cards_per_node)

    @cached_property
    def cards_per_node(self) -> Floats:
        return self.column(lambda p: p.spec.shape.cards_per_node)

    @cached_property
    def cores_per_node(self) -> Floats:
        return self.column(lambda p: p.spec.shape.cores_per_node)

    @cached_property
    def memory_per_node(self) -> Floats:
        """In bytes."""
        return self.column(lambda p: parse_bytes(p.spec.shape.memory_per_node))

    @cached_property
    def card_memory(self) -> Floats:
        """In bytes; 0 where it is unknown."""
        return self.column(lambda p: parse_bytes(p.spec.card_memory) if p.spec.card_memory else 0)

    @cached_property
    def max_run_seconds(self) -> Floats:
        return self.column(lambda p: p.spec.limits.max_run_seconds)

    @cached_property
    def max_queued(self) -> Floats:
        return self.column(lambda p: p.spec.limits.max_queued)

    @cached_property
    def core_hour(self) -> Floats:
        return self.column(lambda p: float(p.spec.tariff.per_core_hour))

    @cached_property
    def card_hour(self) -> Floats:
        return self.column(lambda p: float(p.spec.tariff.per_card_hour))

    @cached_property
    def observed_at(self) -> Floats:
        """Seconds since the epoch; nan where nobody has looked."""
        return self.column(lambda p: p.status.observed_at.timestamp() if p.status.observed_at else np.nan)

    @cached_property
    def valid_seconds(self) -> Floats:
        return self.column(lambda p: p.spec.valid_seconds)

    @cached_property
    def free_nodes(self) -> Floats:
        """What was free when it was last reported, without what the network's own attempts hold.

        A pool whose agent has not counted yet is taken to be as big as it was declared, and free.
        """
        return self._free(lambda c: c.nodes, self.nodes)

    @cached_property
    def free_cores(self) -> Floats:
        return self._free(lambda c: c.cores, self.nodes * self.cores_per_node)

    @cached_property
    def free_cards(self) -> Floats:
        return self._free(lambda c: c.cards, self.nodes * self.cards_per_node)

    def _free(self, amount: Callable[[Capacity], float], declared: Floats) -> Floats:
        def read(pool: PoolFacts) -> float:
            status = pool.status
            return amount(status.total) - amount(status.used_by_others) - amount(status.unavailable)

        is_counted = self.mask("counted", lambda p: p.status.total.nodes > 0)
        return np.where(is_counted, np.maximum(self.column(read), 0), declared)

    @cached_property
    def windowed(self) -> Sequence[int]:
        """The rows whose prices change with time."""
        return [row for row, pool in enumerate(self.pools) if pool.spec.tariff.windows]
