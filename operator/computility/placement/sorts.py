"""Pools that are alike in some of their facts: what depends on these alone is asked once a sort."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from computility.model.base import Architecture, ModuleAlias, Value, Word
from computility.model.pool_facts import Precision, Taint, Toolkit
from computility.model.reasons import Reason
from computility.model.tariff import PriceFactor

T = TypeVar("T")
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Terms(Value, frozen=True, kw_only=True):
    """For whom a pool is, and whether it takes anything now."""

    region: str
    labels: dict[str, str]
    namespaces: tuple[str, ...]
    taints: tuple[Taint, ...]
    currency: str
    factors: tuple[PriceFactor, ...]
    accepted: bool
    closed: Reason | None
    silent: bool


class Machine(Value, frozen=True, kw_only=True):
    """What a pool's machines are, numbers apart."""

    architecture: Architecture
    card_model: str | None
    precisions: tuple[Precision, ...]
    toolkits: tuple[Toolkit, ...]
    modules: tuple[ModuleAlias, ...]
    mpi: tuple[Word, ...]


class Sorts(Generic[T]):
    """Rows by sort.

    Args:
        rows: For each row what its sort is known by, and the facts that all of the sort have in common.
    """

    def __init__(self, rows: Iterable[tuple[Hashable, T]]) -> None:
        numbers: dict[Hashable, int] = {}
        self.facts: list[T] = []
        of_rows = []
        for key, facts in rows:
            number = numbers.setdefault(key, len(numbers))
            if number == len(self.facts):
                self.facts.append(facts)
            of_rows.append(number)
        self._of_rows = np.array(of_rows, np.intp)
        self._masks: dict[object, Bools] = {}

    def mask(self, key: object, holds: Callable[[T], bool]) -> Bools:
        """Say of each row whether something holds; the answer is kept under a key."""
        found = self._masks.get(key)
        if found is None:
            answers = np.fromiter((holds(each) for each in self.facts), np.bool_, len(self.facts))
            found = self._masks[key] = answers[self._of_rows]
        return found

    def spread(self, figures: Iterable[float]) -> Floats:
        """Give each row the figure of its sort."""
        return np.fromiter(figures, np.float64, len(self.facts))[self._of_rows]
