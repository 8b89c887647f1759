"""The pools of a snapshot as columns, one row a pool, sorted so that the order of rows decides ties."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from computility.model.pool_facts import Measure
from computility.model.tariff import factor_for
from computility.placement.facts import PoolFacts, PoolKey
from computility.placement.figures import (
    MEASURES,
    NO_FORECAST,
    NO_WAIT,
    NO_WINDOW,
    SPEED_WIDTH,
    WIDTH,
    Figures,
)
from computility.placement.sorts import Bools, Floats, Machine, Sorts, Terms

__all__ = ["Bools", "Floats", "Rows", "Speeds", "Table"]

Rows = NDArray[np.intp]
"""Numbers of rows."""


_DOUBLE_BYTES = 8


class Speeds(NamedTuple):
    """Speed relative to the reference, and by which factor it may be off; nan where there is no benchmark."""

    relative: Floats
    spread: Floats


class Table(Figures[Floats]):
    """Columns of figures; nothing of it ever changes.

    Attributes:
        pools: The rows, sorted by member and pool.
    """

    def __init__(self, pools: Iterable[PoolFacts]) -> None:
        self.pools: tuple[PoolFacts, ...] = tuple(sorted(pools, key=lambda pool: pool.key))
        super().__init__(*_columns([pool.figures for pool in self.pools], WIDTH))
        self._masks: dict[object, Bools] = {}
        self._factors: dict[str, Floats] = {}
        self._standing: dict[frozenset[str], Sorts[PoolFacts]] = {}

    def __len__(self) -> int:
        return len(self.pools)

    @cached_property
    def row_of(self) -> dict[PoolKey, int]:
        """The row of a pool."""
        return {pool.key: row for row, pool in enumerate(self.pools)}

    @cached_property
    def room(self) -> list[tuple[PoolKey, int]]:
        """Of each row its pool, and how many of the network's attempts that takes."""
        return [(pool.key, pool.spec.limits.max_queued) for pool in self.pools]

    @cached_property
    def terms(self) -> Sorts[Terms]:
        return Sorts(pool.terms for pool in self.pools)

    @cached_property
    def machines(self) -> Sorts[Machine]:
        return Sorts(pool.machine for pool in self.pools)

    def standing(self, members: frozenset[str]) -> Sorts[PoolFacts]:
        """Return the pools by where they stand: by region, those of some members by themselves."""
        found = self._standing.get(members)
        if found is None:
            found = self._standing[members] = Sorts(
                ((pool.member if pool.member in members else "", pool.region), pool) for pool in self.pools
            )
        return found

    def factors(self, user_class: str) -> Floats:
        """Return what users of a class pay of the prices."""
        found = self._factors.get(user_class)
        if found is None:
            sorts = self.terms
            found = sorts.spread(factor_for(user_class, terms.factors) for terms in sorts.facts)
            self._factors[user_class] = found
        return found

    def mask(self, key: object, holds: Callable[[PoolFacts], bool]) -> Bools:
        """Say of each pool whether something holds; the answer is kept under a key."""
        found = self._masks.get(key)
        if found is None:
            found = np.fromiter((holds(pool) for pool in self.pools), np.bool_, len(self.pools))
            self._masks[key] = found
        return found

    def speeds(self, measure: Measure) -> Speeds:
        """Return what the benchmarks of one measure say."""
        column = 2 * MEASURES.index(measure)
        return Speeds(self._speeds[column], self._speeds[column + 1])

    @cached_property
    def _speeds(self) -> Floats:
        return _columns([pool.speeds for pool in self.pools], SPEED_WIDTH)

    @cached_property
    def wait_classes(self) -> Floats:
        """Classes of waits, shape (classes, 5, pools): most nodes and seconds, soonest start, p50, p95."""
        return _padded([pool.waits for pool in self.pools], NO_WAIT)

    @cached_property
    def forecast_classes(self) -> Floats:
        """What schedulers say, shape (classes, 3, pools): most nodes and seconds, start since the epoch."""
        return _padded([pool.forecast for pool in self.pools], NO_FORECAST)

    @cached_property
    def windowed(self) -> Sequence[int]:
        """The rows whose prices change with time."""
        return [row for row, pool in enumerate(self.pools) if pool.windows]

    @cached_property
    def windows(self) -> Floats:
        """Their stretches of other prices, shape (stretches, 4, rows): begin, end, core-hour, card-hour."""
        return _padded([self.pools[row].windows for row in self.windowed], NO_WINDOW)


def _columns(rows: Sequence[bytes], width: int) -> Floats:
    """Turn packed rows of doubles into columns, shape (width, rows)."""
    packed = np.frombuffer(b"".join(rows), np.float64)
    return np.ascontiguousarray(packed.reshape(len(rows), width).T)


def _padded(rows: Sequence[bytes], nothing: bytes) -> Floats:
    """Turn packed rows of some records each into columns, shape (records, doubles of one, rows)."""
    longest = max(map(len, rows), default=0)
    count, width = longest // len(nothing), len(nothing) // _DOUBLE_BYTES
    filled = [row + nothing * ((longest - len(row)) // len(nothing)) for row in rows]
    return _columns(filled, count * width).reshape(count, width, len(rows))
