"""What placement is shown of the network is what the store has."""

from datetime import timedelta

import pytest

from computility.hub.hub import Hub
from computility.hub.snapshot import build_snapshot, silent_members
from computility.kube.builtin import LeaseSpec
from computility.lifecycle.conditions import Stamp
from computility.model.data_link import DataLink
from computility.model.member_cluster import Location, MemberCluster, MemberClusterStatus
from computility.model.meta import Key
from computility.model.resource_pool import Capacity, ResourcePool, ResourcePoolStatus
from computility.placement.snapshot import PoolFacts
from support.network import a_link, a_member, a_pool, with_spec
from support.stored import a_placed_job, an_assignment, stored


def only_pool(hub: Hub) -> PoolFacts:
    (pool,) = build_snapshot(hub).pools
    return pool


def test_nothing_is_built_anew_while_nothing_changes(hub: Hub) -> None:
    assert build_snapshot(hub) is build_snapshot(hub)


def test_a_new_attempt_is_seen_without_building_anything_anew(hub: Hub) -> None:
    before = build_snapshot(hub)
    room = before.room(only_pool(hub))
    hub.intake.seen(an_assignment(a_placed_job()))

    stakes = before.ours.at(only_pool(hub).key)
    assert build_snapshot(hub) is before
    assert before.room(only_pool(hub)) == room - 1
    assert stakes is not None
    assert stakes.held.cores == 1


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


def test_a_member_whose_lease_is_gone_is_seen(hub: Hub) -> None:
    before = only_pool(hub).silent
    hub.heartbeats.forget("qingyang")

    assert (before, only_pool(hub).silent) == (False, True)


def test_a_member_that_renews_again_is_seen(hub: Hub) -> None:
    hub.heartbeats.declare_silent("qingyang")
    before = only_pool(hub).silent
    hub.heartbeats.hear("qingyang", LeaseSpec(holder_identity="j1", renew_time="later"), is_news=True)

    assert (before, only_pool(hub).silent) == (True, False)


def a_busy_pool(hub: Hub, *, later: float = 10.0, cores: int = 3) -> ResourcePool:
    """The hub's pool as its agent reports it so many seconds later."""
    status = ResourcePoolStatus(
        observed_at=hub.now() + timedelta(seconds=later), used_by_others=Capacity(cores=cores)
    )
    return stored(a_pool("qingyang", "team", max_queued=1), version=9, status=status)


def test_other_figures_are_shown_a_second_later_at_most(hub: Hub) -> None:
    hub.monotonic = lambda: 100.0
    only_pool(hub)
    hub.intake.seen(a_busy_pool(hub))
    at_once = only_pool(hub).status.used_by_others.cores
    hub.monotonic = lambda: 101.0

    assert (at_once, only_pool(hub).status.used_by_others.cores) == (0, 3)


def test_figures_of_a_pool_that_had_grown_stale_are_shown_at_once(hub: Hub) -> None:
    hub.monotonic = lambda: 100.0
    only_pool(hub)
    hub.intake.seen(a_busy_pool(hub, later=90_000))

    assert only_pool(hub).status.used_by_others.cores == 3


def test_a_pool_stands_where_its_member_stands(hub: Hub) -> None:
    before = only_pool(hub).region
    moved = with_spec(a_member("qingyang"), location=Location(region="CN-NM"))
    hub.intake.seen(stored(moved, uid="uid-qingyang", version=9))

    assert (before, only_pool(hub).region) == ("CN-GS", "CN-NM")


def test_links_are_shown_in_the_order_of_their_names_whenever_they_were_seen(hub: Hub) -> None:
    build_snapshot(hub)
    for name in ("b", "c", "a"):
        hub.intake.seen(stored(a_link(name, to=f"CN-{name.upper()}")))
    three = hub.store.known_links()
    hub.intake.gone(DataLink, Key("", "b"), "uid-b")

    assert [link.to for link in three] == ["CN-A", "CN-B", "CN-C"]
    assert [link.to for link in hub.store.known_links()] == ["CN-A", "CN-C"]


def test_a_link_is_seen_by_the_next_decision(hub: Hub) -> None:
    pool, before = only_pool(hub), build_snapshot(hub)
    unknown = before.links.way("CN-SH", pool)
    hub.intake.seen(stored(a_link("sh-gs")))

    assert unknown is None
    assert build_snapshot(hub).links.way("CN-SH", pool) == a_link("sh-gs").spec


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
