"""What placement is told of a pool, put together from the member's and the pool's objects."""

from computility.lifecycle.member_closing import closed_because
from computility.model.member_cluster import MemberCluster
from computility.model.resource_pool import ResourcePool
from computility.placement.facts import PoolFacts


def facts_of(
    member: MemberCluster, pool: ResourcePool, *, has_conflict: bool = False, is_silent: bool = False
) -> PoolFacts:
    """Gather a pool's facts.

    Args:
        member: Whose pool it is.
        pool: The pool.
        has_conflict: Whether another holds a name that either claims.
        is_silent: Whether new work should keep away, because nothing is heard of the member.
    """
    return PoolFacts(
        member=member.metadata.name,
        member_uid=member.metadata.uid,
        pool=pool.metadata.name,
        spec=pool.spec,
        status=pool.status,
        region=member.spec.location.region,
        labels=pool.metadata.labels,
        lease_seconds=member.spec.lease.seconds,
        accepted=member.spec.accepted,
        closed=closed_because(member, has_conflict=has_conflict),
        silent=is_silent,
    )
