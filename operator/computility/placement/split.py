"""Split an array over pools: the preferred ones first, each as much as it can run at once."""

from collections.abc import Sequence

from computility.model.base import Value
from computility.model.quantity import parse_bytes
from computility.placement.snapshot import PoolFacts, Request

MOST_PARTS = 8
"""Over so many pools an array is split at most: each is an attempt with an Assignment of its own."""


class Part(Value, frozen=True, kw_only=True):
    """How many indices a pool gets."""

    pool: PoolFacts
    count: int


def split(request: Request, ranked: Sequence[PoolFacts], most_parts: int = MOST_PARTS) -> tuple[Part, ...]:
    """Split the request's indices over pools.

    Args:
        request: What is asked for, and how many times.
        ranked: The pools that fit and have room, the preferred first.
        most_parts: How many of them may be used.

    Returns:
        Parts in the order of the pools; their counts add up to `request.count`. Whatever these pools could
        not run at once is dealt out in proportion to what each can; if none has anything free, the preferred
        one gets all. Empty if there are no pools.
    """
    if request.count == 1 or len(ranked) <= 1:
        return tuple(Part(pool=pool, count=request.count) for pool in ranked[:1])
    able = [(pool, slots) for pool in ranked if (slots := free_slots(request, pool)) > 0][:most_parts]
    if not able:
        return (Part(pool=ranked[0], count=request.count),)
    shares = _deal(request.count, [slots for _, slots in able])
    return tuple(Part(pool=pool, count=count) for (pool, _), count in zip(able, shares, strict=True) if count)


def _deal(count: int, slots: list[int]) -> list[int]:
    """Give each as much as it has slots for, in order; what is left over goes to all, in proportion."""
    shares, left = [], count
    for slot in slots:
        shares.append(min(slot, left))
        left -= shares[-1]
    extra = [left * slot // sum(slots) for slot in slots]
    extra[0] += left - sum(extra)
    return [share + more for share, more in zip(shares, extra, strict=True)]


def free_slots(request: Request, pool: PoolFacts) -> int:
    """Return how many of the request's indices the pool could run at once, as it was last reported.

    What the network's own attempts hold there is not known to a snapshot yet.
    """
    status, wants, shape = pool.status, request.resources, pool.spec.shape
    nodes = status.total.nodes - status.used_by_others.nodes - status.unavailable.nodes
    cores = status.total.cores - status.used_by_others.cores - status.unavailable.cores
    cards = status.total.cards - status.used_by_others.cards - status.unavailable.cards
    if not status.total.nodes:
        nodes, cores = shape.nodes, shape.nodes * shape.cores_per_node
        cards = shape.nodes * shape.cards_per_node
    fits = [cores // request.cores]
    if request.memory_bytes:
        fits.append(nodes * (parse_bytes(shape.memory_per_node) // request.memory_bytes) // wants.node_count)
    if wants.node_count > 1:
        fits.append(nodes // wants.node_count)
    if request.cards:
        fits.append(cards // request.cards)
    return max(0, min(fits))
