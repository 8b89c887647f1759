"""What a pool allocates, and charges, for one run."""

import numpy as np

from computility.model.compute_job import Allocated
from computility.model.pool_facts import AllocationUnit
from computility.model.resource_pool import ResourcePoolSpec
from computility.placement.held import Held
from computility.placement.request import Request
from computility.placement.sorts import Bools, Floats


def allocate(request: Request, pool: ResourcePoolSpec) -> Allocated:
    """Return what one run holds: what was asked for, or whole nodes where the pool gives nothing less."""
    if pool.allocation_unit is not AllocationUnit.NODE:
        return Allocated(cores=request.cores, cards=request.cards)
    nodes, shape = request.nodes, pool.shape
    return Allocated(cores=nodes * shape.cores_per_node, cards=nodes * shape.cards_per_node)


def allocated_beyond(request: Request, pool: ResourcePoolSpec) -> Allocated | None:
    """Return what one run holds if that is more than it asked for."""
    allocated = allocate(request, pool)
    is_asked = (allocated.cores, allocated.cards) == (request.cores, request.cards)
    return None if is_asked else allocated


def hold(request: Request, pool: ResourcePoolSpec) -> Held:
    """Return what one run holds beside others: it has its nodes to itself, or shares one."""
    allocated = allocate(request, pool)
    is_alone = pool.allocation_unit is AllocationUnit.NODE or request.nodes > 1
    return Held(request.nodes if is_alone else 0, allocated.cores, allocated.cards)


def held(is_whole: Bools, nodes: int, on_each: Floats, asked: int) -> Floats:
    """Return how many cores, or cards, one run holds at each pool: the same as columns.

    Args:
        is_whole: Whether a pool gives nothing less than a node.
        nodes: That the run takes.
        on_each: How many each node has.
        asked: How many the run asks for.
    """
    return np.where(is_whole, nodes * on_each, float(asked))
