"""How an array is split over pools, and what the receipt says of it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.metering.charge import add_amounts
from computility.model.compute_job import ArraySpec, Resources
from computility.model.data_link import DataLinkSpec
from computility.model.job_placement import PlacementSpec, Policy
from computility.model.job_work import DataInput, JobData
from computility.model.pool_facts import AllocationUnit
from computility.model.resource_pool import Capacity, ResourcePoolStatus
from computility.placement.place import Outcome, place
from computility.placement.request import MOST_PARTS
from computility.placement.slots import free_slots
from computility.placement.snapshot import PoolFacts, Request, Snapshot
from computility.placement.split import split
from computility.placement.table import Table
from support.builders import NOON, a_job, a_pool, seconds

FASTEST = PlacementSpec(policy=Policy.FASTEST)


def a_request(count: int, **fields: object) -> Request:
    """A request whose policy has nothing against a split."""
    return Request.of(a_job(**{"array": ArraySpec(size=count), "placement": FASTEST, **fields}), count=count)


def a_status(nodes: int, cores: int, used: int = 0) -> ResourcePoolStatus:
    return ResourcePoolStatus(
        observed_at=NOON,
        complete=True,
        total=Capacity(nodes=nodes, cores=cores),
        used_by_others=Capacity(cores=used),
    )


def with_room(member: str, free: int, price: int = 1) -> PoolFacts:
    """A pool of 100 cores on 10 nodes, of which so many are free."""
    status = a_status(10, 100, used=100 - free)
    return a_pool(member, nodes=10, cores=10, core_hour=str(price), status=status)


def counts(count: int, *free: int, most: int = MOST_PARTS) -> dict[str, int]:
    pools = [with_room(f"m{n}", room) for n, room in enumerate(free)]
    snapshot = Snapshot(pools=tuple(pools))
    request = msgspec.structs.replace(a_request(count), most_parts=most)
    ranking = snapshot.ranking(snapshot.answer(request, NOON))
    rows = [snapshot.table.row_of[pool.key] for pool in pools]
    return {part.pool.member: part.count for part in split(ranking, rows)}


def slots(pool: PoolFacts, **fields: object) -> float:
    return free_slots(a_request(5, **fields), Table([pool]))[0]


@pytest.mark.parametrize(
    ("count", "free", "shares"),
    [
        pytest.param(10, (20, 20), {"m0": 10}, id="the-preferred-pool-alone-if-it-has-room"),
        pytest.param(30, (20, 20), {"m0": 20, "m1": 10}, id="the-next-for-what-is-left"),
        pytest.param(10, (0, 20), {"m1": 10}, id="a-full-pool-is-passed-over"),
        pytest.param(12, (1, 2, 3), {"m0": 2, "m1": 4, "m2": 6}, id="what-nobody-has-room-for-in-proportion"),
        pytest.param(11, (0, 3, 3), {"m1": 6, "m2": 5}, id="a-full-pool-gets-no-remainder-either"),
        pytest.param(10, (0, 0), {"m0": 10}, id="all-to-the-preferred-where-all-are-full"),
        pytest.param(1, (0, 20), {"m0": 1}, id="a-single-one-is-never-split"),
        pytest.param(50, (0,), {"m0": 50}, id="the-only-pool-gets-all"),
        pytest.param(10, (), {}, id="no-pools"),
    ],
)
def test_the_shares(count: int, free: tuple[int, ...], shares: dict[str, int]) -> None:
    assert counts(count, *free) == shares


def test_no_more_pools_are_used_than_allowed() -> None:
    assert counts(100, *[1] * 12) == {f"m{n}": 16 if n == 0 else 12 for n in range(MOST_PARTS)}
    assert counts(10, 2, 20, most=1) == {"m0": 10}


@given(
    st.integers(1, 10_000),
    st.lists(st.integers(0, 100), min_size=1, max_size=12),
    st.integers(1, MOST_PARTS),
)
def test_the_shares_always_add_up_and_none_is_empty(count: int, free: list[int], most: int) -> None:
    shares = counts(count, *free, most=most)

    assert sum(shares.values()) == count
    assert len(shares) <= most
    assert min(shares.values()) > 0


@pytest.mark.parametrize(
    ("resources", "count"),
    [
        pytest.param(Resources(), 60, id="one-core-each"),
        pytest.param(Resources(cpus_per_task=4), 15, id="by-cores"),
        pytest.param(Resources(nodes=3), 3, id="by-nodes"),
        pytest.param(Resources(nodes=10), 0, id="one-node-is-down"),
        pytest.param(Resources(cards=8, cards_per_node=4), 2, id="by-cards"),
        pytest.param(Resources(cards=1), 16, id="by-single-cards"),
    ],
)
def test_what_a_pool_could_run_at_once(resources: Resources, count: int) -> None:
    status = ResourcePoolStatus(
        observed_at=NOON,
        complete=True,
        total=Capacity(nodes=10, cores=100, cards=40),
        used_by_others=Capacity(cores=30, cards=20),
        unavailable=Capacity(nodes=1, cores=10, cards=4),
    )
    pool = a_pool(nodes=10, cores=10, cards=4, status=status)

    assert slots(pool, resources=resources) == count


def test_where_whole_nodes_are_allocated_two_runs_share_none() -> None:
    pool = a_pool(nodes=4, cores=8)
    whole = msgspec.structs.replace(pool.spec, allocation_unit=AllocationUnit.NODE)

    assert slots(msgspec.structs.replace(pool, spec=whole)) == 4


def test_a_pool_that_has_not_told_its_capacity_is_taken_for_what_it_says_it_is() -> None:
    assert slots(a_pool(nodes=4, cores=8)) == 32


def test_a_pool_that_is_more_than_full_has_no_room_and_no_less() -> None:
    status = ResourcePoolStatus(
        observed_at=NOON, total=Capacity(nodes=1, cores=8), used_by_others=Capacity(cores=9)
    )

    assert slots(a_pool(status=status)) == 0


def choose(count: int, *pools: PoolFacts) -> Outcome:
    return place(a_request(count, max_run_seconds=3600), Snapshot(pools=pools), NOON)


def test_the_receipt_says_what_each_pool_gets_and_what_that_costs_at_most() -> None:
    outcome = choose(30, with_room("steep", 50, price=2), with_room("fair", 20))

    shares = [(share.member, share.count, share.cost) for share in outcome.receipt.shares]
    assert shares == [("fair", 20, "20"), ("steep", 10, "20")]
    assert outcome.message == 'split over 2 pools: 20 on "cpu" of "fair", 10 on "cpu" of "steep"'


def test_what_may_run_at_a_time_is_dealt_out_and_a_split_that_would_be_late_is_none() -> None:
    """Of ten runs of an hour two may run at a time: nine one after the other at one pool would be late."""
    pools = (with_room("a", 9), with_room("b", 1))
    array = ArraySpec(size=10, max_concurrent=2)
    request = a_request(10, max_run_seconds=3600, array=array, placement=PlacementSpec())
    urgent = msgspec.structs.replace(request, deadline=NOON + seconds(5 * 3600))

    outcome = place(urgent, Snapshot(pools=pools), NOON)

    assert [(part.pool.member, part.count, part.max_concurrent) for part in outcome.parts] == [("a", 10, 2)]
    assert outcome.receipt.chosen is not None
    assert outcome.receipt.chosen.done_seconds == 5 * 3600


def test_a_split_is_promised_by_what_each_part_may_run_at_a_time() -> None:
    pools = (with_room("a", 9), with_room("b", 1))
    array = ArraySpec(size=10, max_concurrent=4)

    outcome = place(a_request(10, max_run_seconds=3600, array=array), Snapshot(pools=pools), NOON)

    assert [(part.count, part.max_concurrent) for part in outcome.parts] == [(9, 3), (1, 1)]
    assert outcome.receipt.chosen is not None
    assert outcome.receipt.chosen.done_seconds == 3 * 3600


@pytest.mark.parametrize(
    ("policy", "price", "shares"),
    [
        pytest.param(Policy.FASTEST, 2, {"a": 200, "b": 100}, id="to-end-sooner"),
        pytest.param(Policy.CHEAPEST, 2, {}, id="never-for-more-money-where-that-counts"),
        pytest.param(Policy.CHEAPEST, 1, {"a": 200, "b": 100}, id="where-it-costs-no-more"),
    ],
)
def test_an_array_is_split_only_where_its_policy_has_no_less_of_it(
    policy: Policy, price: int, shares: dict[str, int]
) -> None:
    """Of 300 runs a pool of 100 cores takes three rounds; one of 200 takes two of them, and so do both."""
    big = a_pool("a", nodes=20, cores=10, core_hour="1", status=a_status(nodes=20, cores=200))
    request = a_request(300, max_run_seconds=3600, placement=PlacementSpec(policy=policy))

    receipt = place(request, Snapshot(pools=(big, with_room("b", 100, price=price))), NOON).receipt

    assert {share.member: share.count for share in receipt.shares} == shares
    assert receipt.chosen is not None
    assert receipt.chosen.done_seconds == (3600 if shares else 7200)


def test_the_receipt_names_the_pool_that_gets_all_also_when_the_cheapest_is_full() -> None:
    receipt = choose(10, with_room("full", 0, price=1), with_room("free", 50, price=2)).receipt

    assert receipt.chosen is not None
    assert (receipt.chosen.member, receipt.chosen.cost) == ("free", "20")
    assert [candidate.member for candidate in receipt.runners_up] == ["full"]
    assert receipt.shares == ()


def test_a_job_without_an_array_has_no_shares() -> None:
    outcome = place(Request.of(a_job()), Snapshot(pools=(with_room("a", 5), with_room("b", 5))), NOON)

    assert outcome.receipt.shares == ()
    assert [part.count for part in outcome.parts] == [1]


def test_the_receipt_promises_what_all_parts_cost_together() -> None:
    pools = (with_room("cheap", 10, price=1), with_room("dear", 10, price=2))
    receipt = place(a_request(20), Snapshot(pools=pools), NOON).receipt

    assert receipt.chosen is not None
    assert receipt.chosen.cost == add_amounts(*(share.cost for share in receipt.shares))
    assert [share.count for share in receipt.shares] == [10, 10]


def test_each_part_of_a_split_array_pays_for_all_the_data() -> None:
    """Ten runs of an hour at 1 each, and 1 TB at 0.001 a GB to either member."""
    data = JobData(inputs=(DataInput(name="corpus", size="1T", at="CN-GS"),))
    link = DataLinkSpec(from_="CN-GS", to="CN-SH", gbps=10.0, cost_per_gb="0.001")
    pools = (with_room("a", 10), with_room("b", 10))
    pools = tuple(msgspec.structs.replace(pool, region="CN-SH") for pool in pools)
    request = msgspec.structs.replace(a_request(20, max_run_seconds=3600), data=data)

    receipt = place(request, Snapshot(pools=pools, links=(link,)), NOON).receipt

    assert [share.cost for share in receipt.shares] == ["11", "11"]
