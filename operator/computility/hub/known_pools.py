"""What was gathered of each pool at the last look: nothing of it is built anew for each job."""

from typing import NamedTuple

from computility.model.data_link import DataLinkSpec
from computility.model.member_cluster import MemberCluster
from computility.model.resource_pool import ResourcePool
from computility.placement.snapshot import PoolFacts, Snapshot

FIGURES_SECONDS = 1.0
"""How old shown figures of load may be although newer ones came: of thousands of pools one reports always."""


class Passing(NamedTuple):
    """What placement asks of a pool that stands neither on the pool nor on its member."""

    has_conflict: bool
    is_silent: bool


class KnownPool(NamedTuple):
    """A pool's facts, and all that they were built from."""

    member: MemberCluster
    pool: ResourcePool
    passing: Passing
    facts: PoolFacts


class KnownSnapshot(NamedTuple):
    """A snapshot, and what it was built from.

    `terms` are the versions of what decides where a job may go, `figures` that of what pools report of their
    load; `looked_at` is when they were compared last, in seconds by the hub's monotonic clock.
    """

    terms: tuple[int, int] = (-1, -1)
    figures: int = -1
    looked_at: float = 0.0
    pools: tuple[PoolFacts, ...] = ()
    links: tuple[DataLinkSpec, ...] = ()
    snapshot: Snapshot = Snapshot()

    def holds(self, terms: tuple[int, int], figures: int, now: float) -> bool:
        """Say whether it may still be shown."""
        is_young = now < self.looked_at + FIGURES_SECONDS
        return self.terms == terms and (self.figures == figures or is_young)
