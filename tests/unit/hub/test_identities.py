"""The hub's register of cpids, and whom it has looked at when a claim changes."""

from computility.hub.hub import Hub
from computility.hub.snapshot import build_snapshot
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Key
from computility.model.resource_pool import ResourcePool
from support.network import a_member, a_pool, with_spec
from support.stored import stored

CPID = "urn:cpid:gansu:CN-GS:old:member:1"


def test_a_member_of_which_nothing_is_written_down_yet_is_outdated_once(hub: Hub) -> None:
    before = hub.identities.outdated()
    write_down(hub, "qingyang")

    assert before == ["qingyang"]
    assert hub.identities.outdated() == []


def test_pools_stay_in_the_register_while_only_their_figures_change(hub: Hub) -> None:
    write_down(hub, "qingyang")
    version = hub.store.claims_version
    pool = hub.store.pools.objects[Key("member-qingyang", "cpu")]
    hub.intake.seen(stored(with_spec(pool, shape=pool.spec.shape), version=5))

    assert hub.store.claims_version == version


def test_a_pool_that_goes_leaves_its_members_status(hub: Hub) -> None:
    write_down(hub, "qingyang")
    pool = hub.store.pools.objects[Key("member-qingyang", "cpu")]
    hub.intake.gone(ResourcePool, Key("member-qingyang", "cpu"), pool.metadata.uid)

    assert hub.identities.outdated() == ["qingyang"]


async def test_who_claims_what_another_has_gets_no_work_and_is_looked_at_when_it_is_free(hub: Hub) -> None:
    write_down(hub, "qingyang")
    hub.intake.seen(stored(with_spec(a_member("a-first"), cpid=CPID)))
    write_down(hub, "a-first")
    hub.intake.seen(stored(with_spec(a_member("later"), cpid=CPID)))
    hub.intake.seen(stored(a_pool("later", "team"), uid="uid-later-cpu"))
    write_down(hub, "later")
    refused = {p.member: p.closed for p in build_snapshot(hub).pools}
    hub.intake.gone(MemberCluster, Key("", "a-first"), "uid-a-first")

    assert refused == {"qingyang": None, "later": "CpidConflict"}
    assert hub.identities.outdated() == ["later"]
    assert {p.member: p.closed for p in build_snapshot(hub).pools} == {"qingyang": None, "later": None}


def write_down(hub: Hub, name: str) -> None:
    """Write what the register says into the member's status, as a reconcile does."""
    member = hub.store.members.objects[Key("", name)]
    meant = hub.identities.of(member)
    status = type(member.status)(cpid=meant.cpid, aliases=meant.aliases, pools=meant.pools)
    version = int(member.metadata.resource_version) + 1
    hub.intake.seen(stored(member, version=version, status=status))
