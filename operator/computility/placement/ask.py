"""What a job that waits for a place asks of placement."""

from collections.abc import Set
from typing import NamedTuple

from computility.placement.facts import PoolKey
from computility.placement.request import Request
from computility.placement.split import MOST_PARTS


class Ask(NamedTuple):
    """A request, and what follows for it from earlier attempts.

    Attributes:
        request: What is wanted.
        avoid: Pools that are not to be tried again.
        rather_not: Pools to which it goes only when no other has room.
        most_parts: Over how many pools an array may be split.
    """

    request: Request
    avoid: Set[PoolKey] = frozenset()
    rather_not: Set[PoolKey] = frozenset()
    most_parts: int = MOST_PARTS
