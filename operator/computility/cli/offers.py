"""What the network offers at this moment, read through the API with the person's own rights."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar

from computility.cli.cluster import Cluster, Request
from computility.kube.codec import decode_page
from computility.kube.resource import Object
from computility.lifecycle.conditions import READY
from computility.lifecycle.pool_facts import facts_of
from computility.model.data_link import DataLink
from computility.model.member_cluster import MemberCluster
from computility.model.meta import find_condition, is_true
from computility.model.names import member_namespace
from computility.model.reasons import Reason
from computility.model.resource_pool import ResourcePool
from computility.placement.snapshot import Snapshot

T = TypeVar("T", bound=Object)

_OTHER_TROUBLE = {Reason.NOT_ACCEPTED, Reason.MEMBER_LEAVING, Reason.CPID_CONFLICT}
"""Why a member is not ready although its agent may well be heard."""


def read_snapshot(cluster: Cluster) -> Snapshot:
    """Read members, pools and links as they are now.

    How many of the network's attempts each pool has is not read: whoever sees what the network offers may
    not see what others run. So no pool is too busy here.

    Raises:
        CliError: They may not be read, or there is no answer.
    """
    members = {member.metadata.name: member for member in _read(cluster, MemberCluster, "members")}
    pools = list(_read(cluster, ResourcePool, "pools"))
    links = sorted(_read(cluster, DataLink, "links"), key=lambda link: link.metadata.name)
    return gather(members, pools, links)


def read_preset(name: str) -> Snapshot:
    """Take a preset fleet instead of a cluster, all of it idle and well."""
    from computility.lab.fleets.presets import PRESETS  # noqa: PLC0415 - a tenth of a second, hardly ever
    from computility.lab.fleets.snapshot import snapshot_of  # noqa: PLC0415

    return snapshot_of(PRESETS[name](), datetime.now(UTC))


def gather(members: dict[str, MemberCluster], pools: list[ResourcePool], links: list[DataLink]) -> Snapshot:
    """Put them together as the hub does; a pool in a namespace that is no member's is nobody's.

    Args:
        members: By name.
        pools: Of all namespaces.
        links: Sorted by name: of two that lead the same way the first counts.
    """
    homes = {member_namespace(name): member for name, member in members.items()}
    owned = ((homes.get(pool.metadata.namespace), pool) for pool in pools)
    facts = tuple(
        facts_of(member, pool, has_conflict=_has_conflict(member, pool), is_silent=_is_silent(member))
        for member, pool in owned
        if member is not None
    )
    return Snapshot(pools=facts, links=tuple(link.spec for link in links))


def _has_conflict(member: MemberCluster, pool: ResourcePool) -> bool:
    """Say whether the hub has refused the names of either."""
    ready = find_condition(member.status.conditions, READY)
    if ready is not None and ready.reason == Reason.CPID_CONFLICT.value:
        return True
    return any(known.conflict for known in member.status.pools if known.uid == pool.metadata.uid)


def _is_silent(member: MemberCluster) -> bool:
    """Say whether the hub hears nothing of the member; what else keeps it from being ready is told apart."""
    ready = find_condition(member.status.conditions, READY)
    is_other = ready is not None and ready.reason in _OTHER_TROUBLE
    return not is_other and not is_true(member.status.conditions, READY)


def _read(cluster: Cluster, kind: type[T], called: str) -> Iterator[T]:
    """Read all objects of a kind, page by page; say which of them this command cannot read."""
    path = f"/apis/{kind.KIND.api_version}/{kind.KIND.plural}"
    for body in cluster.bodies(Request(f"list the {called}", "GET", path)):
        page = decode_page(kind, body)
        yield from page.items
        for each in page.unreadable:
            said = f"left out {kind.KIND.kind} {each.key}: {each.error}: update this command"
            print(said, file=sys.stderr)
