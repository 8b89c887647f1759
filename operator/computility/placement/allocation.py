"""What a pool allocates, and charges, for one run."""

import numpy as np

from computility.model.compute_job import Allocated
from computility.model.pool_facts import AllocationUnit
from computility.model.resource_pool import ResourcePoolSpec
from computility.placement.request import Request
from computility.placement.sorts import Bools, Floats


def allocate(request: Request, pool: ResourcePoolSpec) -> Allocated:
    """Return what one run holds: what was asked for, or whole nodes where the pool gives nothing less."""
    is_whole, shape = pool.allocation_unit is AllocationUnit.NODE, pool.shape
    return Allocated(
        cores=int(held(is_whole, request.nodes, shape.cores_per_node, request.cores)),
        cards=int(held(is_whole, request.nodes, shape.cards_per_node, request.cards)),
    )


def allocated_beyond(request: Request, pool: ResourcePoolSpec) -> Allocated | None:
    """Return what one run holds if that is more than it asked for."""
    allocated = allocate(request, pool)
    is_asked = (allocated.cores, allocated.cards) == (request.cores, request.cards)
    return None if is_asked else allocated


def held(is_whole: bool | Bools, nodes: int, on_each: int | Floats, asked: int) -> Floats:
    """Return how many cores, or cards, one run holds: as asked, or where nodes are whole all that they have.

    Args:
        is_whole: Whether the pool gives nothing less than a node; of one pool, or one a pool.
        nodes: That the run takes.
        on_each: How many each node has, likewise.
        asked: How many the run asks for.
    """
    return np.where(is_whole, nodes * on_each, float(asked))
