"""A preset fleet as placement sees it when all of it is idle and well, without a hub in between."""

from datetime import datetime

import msgspec

from computility.lab.fleets.preset import Preset, PresetCentre
from computility.lifecycle.pool_facts import facts_of
from computility.model.resource_pool import Capacity, ResourcePool, ResourcePoolStatus
from computility.placement.facts import PoolFacts
from computility.placement.snapshot import Snapshot


def snapshot_of(fleet: Preset, at: datetime) -> Snapshot:
    """Take a snapshot of a fleet whose agents have all just reported.

    Args:
        fleet: The fleet.
        at: When they did.
    """
    facts = tuple(_facts(centre, pool, at) for centre in fleet.centres for pool in centre.pools)
    return Snapshot(pools=facts, links=tuple(link.spec for link in fleet.links))


def _facts(centre: PresetCentre, pool: ResourcePool, at: datetime) -> PoolFacts:
    seen = msgspec.structs.replace(pool, status=_idle(pool, at))
    return msgspec.structs.replace(facts_of(centre.member, seen), member_uid=f"uid-{centre.name}")


def _idle(pool: ResourcePool, at: datetime) -> ResourcePoolStatus:
    shape = pool.spec.shape
    total = Capacity(
        nodes=shape.nodes,
        cores=shape.nodes * shape.cores_per_node,
        cards=shape.nodes * shape.cards_per_node,
    )
    return ResourcePoolStatus(observed_generation=1, observed_at=at, complete=True, total=total)
