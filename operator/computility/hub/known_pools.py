"""What was gathered of each pool at the last look: nothing of it is built anew for each job."""

from typing import NamedTuple

from computility.model.member_cluster import MemberCluster
from computility.model.resource_pool import ResourcePool
from computility.placement.snapshot import PoolFacts


class Passing(NamedTuple):
    """What placement asks of a pool that stands neither on the pool nor on its member."""

    has_conflict: bool
    is_silent: bool
    live_attempts: int


class KnownPool(NamedTuple):
    """A pool's facts, and all that they were built from."""

    member: MemberCluster
    pool: ResourcePool
    passing: Passing
    facts: PoolFacts
