"""Sets of array indices, as compact as batch/v1 writes them: "0-499,700"."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Annotated

from msgspec import Meta

MAX_ARRAY_SIZE = 10_000
"""Most indices of one array. A set of every other one of them takes 24 KiB when written."""

IndexText = Annotated[
    str, Meta(max_length=32_768, pattern=r"^([0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*)?\Z")
]

_RANGE = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")


class IndexSet:
    """An immutable set of indices from 0 to 9,999, kept as the bits of one integer.

    Args:
        bits: Bit n stands for index n.
    """

    __slots__ = ("bits",)

    def __init__(self, bits: int = 0) -> None:
        self.bits = bits

    @classmethod
    def of(cls, indices: Iterable[int]) -> "IndexSet":
        bits = 0
        for index in indices:
            bits |= 1 << index
        return cls(bits)

    @classmethod
    def only(cls, index: int) -> "IndexSet":
        return cls(1 << index)

    @classmethod
    def first(cls, count: int) -> "IndexSet":
        """Return 0 to count - 1."""
        return cls((1 << count) - 1)

    @classmethod
    def parse(cls, text: str) -> "IndexSet":
        """Read the compact form; "" is the empty set.

        Raises:
            ValueError: It is not of this form.
        """
        return _parse(text)

    def __str__(self) -> str:
        return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in self._runs())

    def __repr__(self) -> str:
        return f'IndexSet("{self}")'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IndexSet) and self.bits == other.bits

    def __hash__(self) -> int:
        return hash(self.bits)

    def __bool__(self) -> bool:
        return self.bits != 0

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __contains__(self, index: int) -> bool:
        return bool(self.bits >> index & 1)

    def __iter__(self) -> Iterator[int]:
        for low, high in self._runs():
            yield from range(low, high + 1)

    def __or__(self, other: "IndexSet") -> "IndexSet":
        return IndexSet(self.bits | other.bits)

    def __and__(self, other: "IndexSet") -> "IndexSet":
        return IndexSet(self.bits & other.bits)

    def __sub__(self, other: "IndexSet") -> "IndexSet":
        return IndexSet(self.bits & ~other.bits)

    def take(self, count: int) -> "IndexSet":
        """Return the lowest `count` of them."""
        return IndexSet.of(islice(self, count))

    def _runs(self) -> Iterator[tuple[int, int]]:
        bits, base = self.bits, 0
        while bits:
            gap = (bits & -bits).bit_length() - 1
            bits >>= gap
            length = (~bits & (bits + 1)).bit_length() - 1
            yield base + gap, base + gap + length - 1
            bits >>= length
            base += gap + length


@lru_cache(maxsize=256)
def _parse(text: str) -> IndexSet:
    """Read a set once: what stands in an entry is asked for each of its indices."""
    bits = 0
    for part in text.split(",") if text else ():
        found = _RANGE.fullmatch(part)
        if found is None:
            raise ValueError(f'"{part[:20]}" is no index and no range of indices such as 0-499')
        low = int(found[1])
        high = int(found[2] or low)
        if high < low:
            raise ValueError(f'the range "{part}" ends before it begins')
        bits |= (1 << (high + 1)) - (1 << low)
    return IndexSet(bits)


NO_INDICES = IndexSet()
