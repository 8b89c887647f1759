"""What a pool allocates, and charges, for one run."""

from computility.model.compute_job import Allocated
from computility.model.pool_facts import AllocationUnit
from computility.model.resource_pool import ResourcePoolSpec
from computility.placement.request import Request


def allocate(request: Request, pool: ResourcePoolSpec) -> Allocated:
    """Return what one run holds: what was asked for, or whole nodes where the pool gives nothing less."""
    if pool.allocation_unit is AllocationUnit.CORE:
        return Allocated(cores=request.cores, cards=request.cards)
    shape = pool.shape
    return Allocated(cores=request.nodes * shape.cores_per_node, cards=request.nodes * shape.cards_per_node)
