"""Split an array over pools: the preferred ones first, each as much as it can run at once."""

from collections.abc import Sequence

from computility.model.base import Value
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
        Parts in the order of the pools; their counts add up to `request.count`. Whatever no pool could run at
        once is dealt out in proportion to what each can. Empty if there are no pools.
    """
    if request.count == 1 or len(ranked) <= 1:
        return tuple(Part(pool=pool, count=request.count) for pool in ranked[:1])
    slots: dict[tuple[str, str], int] = {}
    left = request.count
    for pool in ranked[:most_parts]:
        if left <= 0:
            break
        slots[pool.key] = free_slots(request, pool)
        left -= slots[pool.key]
    shares = _deal(request.count, list(slots.values()))
    return tuple(
        Part(pool=pool, count=count) for pool, count in zip(ranked, shares, strict=False) if count > 0
    )


def _deal(count: int, slots: list[int]) -> list[int]:
    """Give each as much as it has slots for, in order; what is left over goes to all, in proportion."""
    shares = []
    left = count
    for slot in slots:
        shares.append(min(slot, left))
        left -= shares[-1]
    if not left:
        return shares
    if not any(slots):
        return [count, *(0 for _ in slots[1:])]
    extra = [left * slot // sum(slots) for slot in slots]
    extra[next(n for n, slot in enumerate(slots) if slot)] += left - sum(extra)
    return [share + more for share, more in zip(shares, extra, strict=True)]


def free_slots(request: Request, pool: PoolFacts) -> int:
    """Return how many of the request's indices the pool could run at once, as it was last reported.

    What the network's own attempts hold there is not known to a snapshot yet.
    """
    status, wants = pool.status, request.resources
    nodes = status.total.nodes - status.used_by_others.nodes - status.unavailable.nodes
    cores = status.total.cores - status.used_by_others.cores - status.unavailable.cores
    cards = status.total.cards - status.used_by_others.cards - status.unavailable.cards
    if not status.total.nodes:
        shape = pool.spec.shape
        nodes, cores = shape.nodes, shape.nodes * shape.cores_per_node
        cards = shape.nodes * shape.cards_per_node
    fits = [cores // request.cores]
    if wants.node_count > 1:
        fits.append(nodes // wants.node_count)
    if request.cards:
        fits.append(cards // request.cards)
    return max(0, min(fits))
