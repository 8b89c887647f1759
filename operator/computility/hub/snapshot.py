"""The pools of the network as the store knows them, for placement to look at."""

from collections.abc import Iterable
from datetime import datetime

from computility.hub.hub import Hub
from computility.hub.keys import member_of
from computility.kube.builtin import Lease
from computility.lifecycle.conditions import READY
from computility.lifecycle.member_view import Pulse
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Key, is_true
from computility.model.names import AGENT_LEASE, member_namespace
from computility.model.resource_pool import ResourcePool
from computility.placement.snapshot import PoolFacts, Snapshot


def build_snapshot(hub: Hub) -> Snapshot:
    """Gather the pools of all members; a pool in a namespace that is no member's is nobody's."""
    members = hub.store.members.objects
    owned = (
        (member, pool)
        for pool in hub.store.pools.objects.values()
        if (member := members.get(Key("", member_of(pool.metadata.namespace)))) is not None
    )
    return Snapshot(pools=tuple(_facts(member, pool, hub) for member, pool in owned))


def _facts(member: MemberCluster, pool: ResourcePool, hub: Hub) -> PoolFacts:
    key = (member.metadata.name, pool.metadata.name)
    return PoolFacts(
        member=member.metadata.name,
        member_uid=member.metadata.uid,
        pool=pool.metadata.name,
        spec=pool.spec,
        status=pool.status,
        labels=pool.metadata.labels,
        lease_seconds=member.spec.lease.seconds,
        accepted=member.spec.accepted,
        silent=is_silent(member, hub),
        live_attempts=hub.store.occupancy.count(key),
    )


def is_silent(member: MemberCluster, hub: Hub) -> bool:
    """Say whether new work should keep away; a hub that has just started goes by what its last one wrote."""
    pulse = hub.heartbeats.pulse(member.metadata.name)
    if pulse is Pulse.UNHEARD:
        return not is_true(member.status.conditions, READY)
    return pulse is not Pulse.RENEWED


def silent_members(names: Iterable[str], hub: Hub) -> dict[str, datetime | None]:
    """Map those that were declared silent to when their agents renewed last, by their own clocks."""
    return {name: heard_at(name, hub) for name in names if hub.heartbeats.pulse(name) is Pulse.SILENT}


def heard_at(member: str, hub: Hub) -> datetime | None:
    """Return when a member's agent renewed its Lease last, as it wrote it."""
    lease = lease_of(member, hub)
    written = lease.spec.renew_time if lease else None
    return datetime.fromisoformat(written) if written else None


def lease_of(member: str, hub: Hub) -> Lease | None:
    """Return the agent's Lease as last seen."""
    return hub.store.leases.objects.get(Key(member_namespace(member), AGENT_LEASE))
