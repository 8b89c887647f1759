"""Whose a cpid or an alias is."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from computility.lifecycle.member_identity import Identity, claims_of, identify, register
from computility.model.cpid import Cpid
from computility.model.member_cluster import MemberCluster
from computility.model.meta import ObjectMeta
from computility.model.resource_pool import ResourcePool
from support.members import NOON, a_member, a_view, said
from support.network import a_pool

CLAIMED = "urn:cpid:gansu:CN-GS:old-name:member:8c1f5a0e"
UID = "0f8fad5b-d9cb-469f-a165-70867728950e"
MINTED = "urn:cpid:computility:CN-GS:qingyang:member:0f8fad5bd9cb469fa16570867728950e"


def named(name: str = "qingyang", *, uid: str = UID, made: datetime = NOON, **spec: Any) -> MemberCluster:
    return _as(a_member(**spec), name=name, uid=uid, creation_timestamp=made)


def pooled(member: str = "qingyang", *, uid: str = "p-1", made: datetime = NOON, **spec: Any) -> ResourcePool:
    pool = _as(a_pool(member, "team"), uid=uid, creation_timestamp=made)
    return msgspec.structs.replace(pool, spec=msgspec.structs.replace(pool.spec, **spec))


def _as(item: Any, **meta: Any) -> Any:
    metadata: ObjectMeta = msgspec.structs.replace(item.metadata, **meta)
    return msgspec.structs.replace(item, metadata=metadata)


def identified(*homes: tuple[MemberCluster, tuple[ResourcePool, ...]]) -> list[Identity]:
    """Return what is said of each member and its pools, all of them together."""
    registry = register(claim for member, pools in homes for claim in claims_of(member, pools))
    return [identify(member, pools, registry) for member, pools in homes]


def written(member: MemberCluster, identity: Identity) -> MemberCluster:
    """Return the member once the hub has written down what it said."""
    status = msgspec.structs.replace(
        member.status, cpid=identity.cpid, aliases=identity.aliases, pools=identity.pools
    )
    return msgspec.structs.replace(member, status=status)


def test_who_claims_nothing_is_given_a_cpid_that_follows_from_its_uid() -> None:
    (identity,) = identified((named(), (pooled(uid="A-1"),)))

    assert identity.cpid == MINTED
    assert [(p.name, p.cpid) for p in identity.pools] == [
        ("cpu", "urn:cpid:computility:CN-GS:qingyang:pool:a1")
    ]
    assert msgspec.convert(identity.cpid, Cpid) == identity.cpid


def test_a_cpid_stays_when_the_member_moves_to_another_region() -> None:
    member = named()
    (before,) = identified((member, ()))
    moved = msgspec.structs.replace(
        written(member, before),
        spec=msgspec.structs.replace(member.spec, location=type(member.spec.location)(region="CN-SN")),
    )
    (after,) = identified((moved, ()))

    assert after.cpid == before.cpid == MINTED


def test_a_claim_takes_the_place_of_minting() -> None:
    (identity,) = identified((named(cpid=CLAIMED, aliases=("QY-1",)), ()))

    assert (identity.cpid, identity.aliases, identity.conflict) == (CLAIMED, ("QY-1",), "")


@pytest.mark.parametrize(
    ("later", "uid"),
    [
        pytest.param(NOON + timedelta(seconds=1), "0", id="the-one-made-later"),
        pytest.param(NOON, "z", id="of-two-made-at-once-the-higher-uid"),
    ],
)
def test_of_two_that_claim_one_cpid_the_later_is_refused(later: datetime, uid: str) -> None:
    first = named("first", uid="m", cpid=CLAIMED)
    second = named("second", uid=uid, made=later, cpid=CLAIMED)
    one, other = identified((first, ()), (second, ()))

    assert (one.cpid, one.conflict) == (CLAIMED, "")
    assert (other.cpid, other.conflict) == ("", f'"{CLAIMED}" belongs to member "first"')


def test_aliases_are_unique_over_members_and_pools_alike() -> None:
    member = named(aliases=("QY-1",))
    (identity,) = identified((member, (pooled(made=NOON + timedelta(1), aliases=("QY-1", "QY-2")),)))
    (pool,) = identity.pools

    assert (pool.aliases, pool.conflict) == (("QY-2",), '"QY-1" belongs to member "qingyang"')
    assert pool.cpid, "a refused alias costs it no other name"
    assert identity.troubles == 'pool "cpu": "QY-1" belongs to member "qingyang"'


def test_an_older_pool_cannot_take_a_name_that_another_has_by_claiming_it_afterwards() -> None:
    member, victim = named(), pooled(uid="p-2", made=NOON + timedelta(1))
    (before,) = identified((member, (victim,)))
    taken = before.pools[0].cpid
    thief = _as(pooled(uid="p-1", cpid=taken), name="older")
    (after,) = identified((written(member, before), (victim, thief)))

    assert [(p.name, bool(p.conflict)) for p in after.pools] == [("cpu", False), ("older", True)]


def test_a_name_is_free_again_when_its_holder_is_gone() -> None:
    first, second = named("first", uid="a", cpid=CLAIMED), named("second", uid="b", cpid=CLAIMED)
    _, refused = identified((first, ()), (second, ()))
    (alone,) = identified((written(second, refused), ()))

    assert (refused.cpid, alone.cpid) == ("", CLAIMED)


def test_a_member_refused_for_its_name_is_stalled_and_not_ready() -> None:
    view = a_view(identity=Identity(conflict='"x" belongs to member "first"'))

    assert said(view, "Stalled") == (True, "CpidConflict")
    assert said(view, "Ready") == (False, "CpidConflict")
    assert said(view, "Reconciling") == (False, "CpidConflict")


def test_a_pool_refused_for_its_name_stalls_its_member_and_leaves_it_ready() -> None:
    (identity,) = identified((named(aliases=("A",)), (pooled(made=NOON + timedelta(1), aliases=("A",)),)))
    view = a_view(identity=identity)

    assert said(view, "Stalled") == (True, "CpidConflict")
    assert said(view, "Ready") == (True, "LeaseRenewed")
