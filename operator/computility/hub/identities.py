"""The register of cpids and aliases over all members and pools, drawn up anew when a claim has changed."""

from collections import defaultdict

from computility.hub.keys import member_of
from computility.hub.store import Store
from computility.lifecycle.member_identity import Identity, Registry, claims_of, identify, register
from computility.model.cpid import AUTHORITY
from computility.model.member_cluster import MemberCluster
from computility.model.resource_pool import ResourcePool


class Identities:
    """Answers who has which name.

    Drawing it up costs a pass over all pools, so it is done once after any number of changes. What the hub
    itself writes down of it changes nothing in it.
    """

    def __init__(self, store: Store, authority: str = AUTHORITY) -> None:
        self._store = store
        self._authority = authority
        self._version = -1
        self._registry = Registry()
        self._pools: dict[str, list[ResourcePool]] = {}

    def conflict(self, uid: str) -> str:
        """Say which name of the member or pool of this uid another has; "" when none."""
        return self._current().conflict(uid)

    def of(self, member: MemberCluster) -> Identity:
        """Return what is to be written down of a member's names, and of its pools'."""
        registry = self._current()
        return identify(member, self._pools.get(member.metadata.name, ()), registry)

    def outdated(self) -> list[str]:
        """Return the members of which something else is written down than is so."""
        members = self._store.members.objects.values()
        return [m.metadata.name for m in members if _written(m) != _meant(self.of(m))]

    def _current(self) -> Registry:
        if self._version != self._store.claims_version:
            self._version = self._store.claims_version
            self._draw_up()
        return self._registry

    def _draw_up(self) -> None:
        pools: defaultdict[str, list[ResourcePool]] = defaultdict(list)
        for pool in self._store.pools.objects.values():
            pools[member_of(pool.metadata.namespace)].append(pool)
        members = self._store.members.objects.values()
        claims = (claims_of(m, pools[m.metadata.name], self._authority) for m in members)
        self._registry = register(claim for group in claims for claim in group)
        self._pools = dict(pools)


def _written(member: MemberCluster) -> tuple[object, ...]:
    status = member.status
    return status.cpid, status.aliases, status.pools


def _meant(identity: Identity) -> tuple[object, ...]:
    return identity.cpid, identity.aliases, identity.pools
