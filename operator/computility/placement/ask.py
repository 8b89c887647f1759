"""What a job that waits for a place asks of placement."""

from collections.abc import Set
from typing import NamedTuple

from computility.placement.facts import PoolKey
from computility.placement.request import Request


class Ask(NamedTuple):
    """A request, and what follows for it from earlier attempts.

    Attributes:
        request: What is wanted.
        avoid: Pools that are not to be tried again.
        rather_not: Pools to which it goes only when no other has room.
    """

    request: Request
    avoid: Set[PoolKey] = frozenset()
    rather_not: Set[PoolKey] = frozenset()
