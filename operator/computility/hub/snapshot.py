"""The pools of the network, and the ways between them, as the store knows them, for placement to look at."""

from collections.abc import Iterable
from datetime import datetime

from computility.hub.hub import Hub
from computility.hub.keys import member_of
from computility.hub.known_pools import KnownPool, KnownSnapshot, Passing
from computility.kube.builtin import Lease
from computility.lifecycle.conditions import READY
from computility.lifecycle.member_view import Pulse
from computility.lifecycle.pool_facts import facts_of
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Key, find_condition, is_true
from computility.model.names import AGENT_LEASE, member_namespace
from computility.model.reasons import Reason
from computility.model.resource_pool import ResourcePool
from computility.placement.snapshot import PoolFacts, Snapshot
from computility.placement.steps import Step


def build_snapshot(hub: Hub) -> Snapshot:
    """Return the last snapshot while nothing of it has changed: what it evaluated is used again."""
    terms, figures = (hub.store.terms_version, hub.heartbeats.version), hub.store.figures_version
    now, known = hub.monotonic(), hub.known_snapshot
    if known.holds(terms, figures, now):
        return known.snapshot
    hub.step_clock(None)
    pools, links, snapshot = _gather_pools(hub), hub.store.known_links(), known.snapshot
    if known.pools != pools or known.links != links:
        occupancy = hub.store.occupancy
        snapshot = Snapshot(
            pools=pools, links=links, live=occupancy.live, ours=occupancy.ours, ended=hub.step_clock
        )
    hub.step_clock(Step.SNAPSHOT)
    hub.known_snapshot = KnownSnapshot(terms, figures, now, pools, links, snapshot)
    return snapshot


def _gather_pools(hub: Hub) -> tuple[PoolFacts, ...]:
    """Gather the pools of all members; a pool in a namespace that is no member's is nobody's."""
    members = hub.store.members.objects
    owned = (
        (member, pool)
        for pool in hub.store.pools.objects.values()
        if (member := members.get(Key("", member_of(pool.metadata.namespace)))) is not None
    )
    pools = tuple(_facts(member, pool, hub) for member, pool in owned)
    if len(hub.known_pools) > len(pools):
        hub.known_pools = {pool.key: hub.known_pools[pool.key] for pool in pools}
    return pools


def _facts(member: MemberCluster, pool: ResourcePool, hub: Hub) -> PoolFacts:
    """Return a pool's facts, the same value as at the last look while nothing of them has changed."""
    conflict = hub.identities.conflict
    has_conflict = bool(conflict(member.metadata.uid) or conflict(pool.metadata.uid))
    key = (member.metadata.name, pool.metadata.name)
    passing = Passing(has_conflict, is_silent(member, hub))
    known = hub.known_pools.get(key)
    if known is None or known.member is not member or known.pool is not pool or known.passing != passing:
        facts = facts_of(member, pool, has_conflict=passing.has_conflict, is_silent=passing.is_silent)
        known = KnownPool(member, pool, passing, facts)
        hub.known_pools[key] = known
    return known.facts


def is_silent(member: MemberCluster, hub: Hub) -> bool:
    """Say whether new work should keep away; a hub that has just started goes by what its last one wrote."""
    pulse = hub.heartbeats.pulse(member.metadata.name)
    if pulse is Pulse.UNHEARD:
        return not is_true(member.status.conditions, READY)
    return pulse is not Pulse.RENEWED


def silent_members(names: Iterable[str], hub: Hub) -> dict[str, datetime | None]:
    """Map those that were declared silent to when their agents renewed last, by their own clocks.

    What an earlier hub process declared holds until this one has heard of them, or declares it itself.
    """
    return {name: heard_at(name, hub) for name in names if _is_declared_silent(name, hub)}


def _is_declared_silent(name: str, hub: Hub) -> bool:
    pulse, member = hub.heartbeats.pulse(name), hub.store.members.objects.get(Key("", name))
    if pulse is not Pulse.UNHEARD or member is None:
        return pulse is Pulse.SILENT
    ready = find_condition(member.status.conditions, READY)
    return ready is not None and ready.reason == Reason.MEMBER_SILENT.value


def pulse_of(member: str, hub: Hub) -> Pulse:
    """Return how a member's Lease stands by the hub's own clock."""
    return hub.heartbeats.pulse(member) if lease_of(member, hub) else Pulse.NEVER


def heard_at(member: str, hub: Hub) -> datetime | None:
    """Return when a member's agent renewed its Lease last, as it wrote it; None if that is no time of ours.

    The API server takes years that Python has not.
    """
    lease = lease_of(member, hub)
    written = lease.spec.renew_time if lease else None
    try:
        return datetime.fromisoformat(written) if written else None
    except ValueError:
        return None


def lease_of(member: str, hub: Hub) -> Lease | None:
    """Return the agent's Lease as last seen."""
    return hub.store.leases.objects.get(Key(member_namespace(member), AGENT_LEASE))
