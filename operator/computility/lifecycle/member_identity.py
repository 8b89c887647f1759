"""Who holds which cpid and alias: each name in the network belongs to one member or pool."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial

from computility.model.base import Value
from computility.model.cpid import AUTHORITY, PoolIdentity, mint_cpid
from computility.model.member_cluster import MOST_POOLS, MemberCluster
from computility.model.resource_pool import ResourcePool

_LAST = datetime.max.replace(tzinfo=UTC)


class Claimant(Value, frozen=True, kw_only=True):
    """A member, or one of its pools, with the names that it claims: its cpid first, then its aliases.

    `held` are those of them that the hub has already written down as its own.
    """

    uid: str
    called: str
    names: tuple[str, ...]
    created: datetime | None = None
    held: frozenset[str] = frozenset()


class Registry(Value, frozen=True, kw_only=True):
    """The claimants by uid, and whose each name is."""

    claimants: Mapping[str, Claimant] = {}
    owners: Mapping[str, Claimant] = {}

    def owned(self, uid: str) -> tuple[str, ...]:
        """Return the names that a claimant has, in its order."""
        return tuple(n for n in self.claimants[uid].names if self.owners[n].uid == uid)

    def conflict(self, uid: str) -> str:
        """Say which of a claimant's names another has; "" when it has all of them."""
        known = self.claimants.get(uid)
        taken = next((n for n in known.names if self.owners[n].uid != uid), None) if known else None
        return f'"{taken}" belongs to {self.owners[taken].called}' if taken else ""


class Identity(Value, frozen=True, kw_only=True):
    """What is to be written down of a member's names, and of its pools'."""

    cpid: str = ""
    aliases: tuple[str, ...] = ()
    pools: tuple[PoolIdentity, ...] = ()
    conflict: str = ""

    @property
    def troubles(self) -> str:
        """Say which names of the member or of its pools are refused; "" when none is."""
        pools = (f'pool "{pool.name}": {pool.conflict}' for pool in self.pools if pool.conflict)
        return "; ".join(trouble for trouble in (self.conflict, *pools) if trouble)


def register(claimants: Iterable[Claimant]) -> Registry:
    """Give each name to one claimant: who holds it already, else who was made first, else the lower uid.

    That the holder goes first keeps an older object from taking another's name by claiming it later.
    """
    known = {claimant.uid: claimant for claimant in claimants}
    claims: defaultdict[str, list[Claimant]] = defaultdict(list)
    for claimant in known.values():
        for name in claimant.names:
            claims[name].append(claimant)
    owners = {name: min(rivals, key=lambda c: _rank(c, name)) for name, rivals in claims.items()}
    return Registry(claimants=known, owners=owners)


def _rank(claimant: Claimant, name: str) -> tuple[bool, datetime, str]:
    return name not in claimant.held, claimant.created or _LAST, claimant.uid


def claims_of(
    member: MemberCluster, pools: Iterable[ResourcePool], authority: str = AUTHORITY
) -> tuple[Claimant, ...]:
    """Return what a member and its pools claim; who claims no cpid keeps the one it has, or is given one."""
    meta, spec, status = member.metadata, member.spec, member.status
    region, centre = spec.location.region, meta.name
    cpid = spec.cpid or status.cpid or mint_cpid("member", region, centre, meta.uid, authority)
    own = Claimant(
        uid=meta.uid,
        called=f'member "{meta.name}"',
        names=_names(cpid, spec.aliases),
        created=meta.creation_timestamp,
        held=frozenset((status.cpid, *status.aliases)),
    )
    recorded = {pool.uid: pool for pool in status.pools}
    mint = partial(mint_cpid, "pool", region, centre, authority=authority)
    return own, *(_pool_claim(meta.name, pool, recorded.get(pool.metadata.uid), mint) for pool in pools)


def _pool_claim(
    member: str, pool: ResourcePool, recorded: PoolIdentity | None, mint: Callable[[str], str]
) -> Claimant:
    meta, spec = pool.metadata, pool.spec
    known = recorded or PoolIdentity(name=meta.name, uid=meta.uid)
    return Claimant(
        uid=meta.uid,
        called=f'pool "{meta.name}" of member "{member}"',
        names=_names(spec.cpid or known.cpid or mint(meta.uid), spec.aliases),
        created=meta.creation_timestamp,
        held=frozenset((known.cpid, *known.aliases)),
    )


def _names(cpid: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((cpid, *aliases)))


def identify(member: MemberCluster, pools: Iterable[ResourcePool], registry: Registry) -> Identity:
    """Return what the registry says of a member and its pools; those it does not know are left out."""
    meta = member.metadata
    if meta.uid not in registry.claimants:
        return Identity(cpid=member.status.cpid, aliases=member.status.aliases, pools=member.status.pools)
    cpid, aliases = _split(meta.uid, registry)
    known = [p for p in pools if p.metadata.uid in registry.claimants]
    shown = sorted(known, key=lambda p: p.metadata.name)[:MOST_POOLS]
    return Identity(
        cpid=cpid,
        aliases=aliases,
        pools=tuple(_identify_pool(pool, registry) for pool in shown),
        conflict=registry.conflict(meta.uid),
    )


def _identify_pool(pool: ResourcePool, registry: Registry) -> PoolIdentity:
    meta = pool.metadata
    cpid, aliases = _split(meta.uid, registry)
    return PoolIdentity(
        name=meta.name, uid=meta.uid, cpid=cpid, aliases=aliases, conflict=registry.conflict(meta.uid)
    )


def _split(uid: str, registry: Registry) -> tuple[str, tuple[str, ...]]:
    """Return a claimant's cpid, if it has it, and the aliases that it has."""
    cpid = registry.claimants[uid].names[0]
    owned = registry.owned(uid)
    return (cpid if cpid in owned else ""), tuple(name for name in owned if name != cpid)
