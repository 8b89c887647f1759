"""What placement is shown of the pools is always what the store has."""

import pytest

from computility.hub.hub import Hub
from computility.hub.snapshot import build_snapshot, silent_members
from computility.kube.builtin import LeaseSpec
from computility.lifecycle.conditions import Stamp
from computility.model.member_cluster import MemberCluster, MemberClusterStatus
from computility.model.resource_pool import ResourcePool
from computility.placement.snapshot import PoolFacts
from support.network import a_member, a_pool
from support.stored import a_placed_job, an_assignment, stored


def only_pool(hub: Hub) -> PoolFacts:
    (pool,) = build_snapshot(hub).pools
    return pool


def test_nothing_is_built_anew_while_nothing_changes(hub: Hub) -> None:
    assert only_pool(hub) is only_pool(hub)


def test_a_new_attempt_is_seen(hub: Hub) -> None:
    before = only_pool(hub).live_attempts
    hub.intake.seen(an_assignment(a_placed_job()))

    assert (before, only_pool(hub).live_attempts) == (0, 1)


def test_a_new_price_is_seen(hub: Hub) -> None:
    only_pool(hub)
    hub.intake.seen(stored(a_pool("qingyang", "team", price="7"), version=9))

    assert only_pool(hub).spec.tariff.per_core_hour == "7"


def test_a_member_that_is_no_longer_accepted_is_seen(hub: Hub) -> None:
    only_pool(hub)
    hub.intake.seen(stored(a_member("qingyang", accepted=False), uid="uid-qingyang", version=9))

    assert not only_pool(hub).accepted


def test_a_member_that_falls_silent_is_seen(hub: Hub) -> None:
    before = only_pool(hub).silent
    hub.heartbeats.declare_silent("qingyang")

    assert (before, only_pool(hub).silent) == (False, True)


@pytest.mark.parametrize("kind", [MemberCluster, ResourcePool])
def test_what_is_gone_is_not_shown(hub: Hub, kind: type[MemberCluster] | type[ResourcePool]) -> None:
    only_pool(hub)
    (item,) = hub.store.shelf(kind).objects.values()
    hub.intake.gone(kind, next(iter(hub.store.shelf(kind).objects)), item.metadata.uid)

    assert build_snapshot(hub).pools == ()
    assert hub.known_pools == {}


@pytest.mark.parametrize(
    ("reason", "is_silent"), [("MemberSilent", True), ("LeaseRenewed", False), ("InProgress", False)]
)
def test_a_hub_that_has_just_started_calls_silent_whom_the_last_one_did(
    hub: Hub, reason: str, is_silent: bool
) -> None:
    ready = Stamp(generation=1, now=hub.now()).condition("Ready", not is_silent, reason)
    status = MemberClusterStatus(conditions=(ready,))
    hub.intake.seen(stored(a_member("qingyang"), uid="uid-qingyang", version=9, status=status))
    hub.heartbeats.forget("qingyang")
    hub.heartbeats.has_list = False
    hub.heartbeats.hear("qingyang", LeaseSpec(holder_identity="j1"), is_news=False)

    assert bool(silent_members({"qingyang"}, hub)) is is_silent
