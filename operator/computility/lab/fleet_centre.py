"""A simulated centre as the lab's fleet has it, whoever described it: a site of the lab, or a preset."""

from collections.abc import Mapping
from typing import Any

import msgspec

from computility.lab.fleets.files import manifest_of
from computility.lab.fleets.preset import PresetCentre
from computility.lab.joining import LEASE_SECONDS, member_entry
from computility.lab.pools import offered_pools
from computility.lab.site import SimulatedSite
from computility.model.member_cluster import BackendType, LeaseTerms, MemberCluster
from computility.model.resource_pool import ResourcePool


class FleetCentre(msgspec.Struct, frozen=True, kw_only=True):
    """A centre without machines.

    Attributes:
        name: The member's.
        entry: Its MemberCluster.
        pools: What it offers, as an agent's configuration has them.
        tenants: Tenant namespaces, and as which local account their work runs.
        seed: Where its randomness comes from; None: its name.
    """

    name: str
    entry: Mapping[str, Any]
    pools: tuple[Mapping[str, Any], ...]
    tenants: Mapping[str, str]
    seed: int | None = None


def of_site(site: SimulatedSite) -> FleetCentre:
    """Describe one of the lab's own sites."""
    return FleetCentre(
        name=site.name,
        entry=member_entry(site.name, site.region, BackendType.SIMULATED),
        pools=tuple(offered_pools(site)),
        tenants=site.tenants,
        seed=site.seed,
    )


def of_preset(centre: PresetCentre) -> FleetCentre:
    """Describe a centre of a preset; its silence is noticed as soon as that of the lab's own."""
    tenants = {name for pool in centre.pools for name in pool.spec.access.namespaces}
    return FleetCentre(
        name=centre.name,
        entry=manifest_of(_with_lease(centre.member)),
        pools=tuple(map(_offer, centre.pools)),
        tenants={name: name for name in sorted(tenants)},
    )


def _with_lease(member: MemberCluster) -> MemberCluster:
    spec = msgspec.structs.replace(member.spec, lease=LeaseTerms(seconds=LEASE_SECONDS))
    return msgspec.structs.replace(member, spec=spec)


def _offer(pool: ResourcePool) -> Mapping[str, Any]:
    meta = pool.metadata
    return {"name": meta.name, "labels": meta.labels, "spec": msgspec.to_builtins(pool.spec)}
