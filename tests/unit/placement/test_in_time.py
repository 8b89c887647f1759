"""An array meets its deadline if the pools that share it do so together."""

from datetime import timedelta
from itertools import combinations
from math import floor
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.model.compute_job import ArraySpec
from computility.model.job_placement import PlacementSpec, Policy
from computility.model.pool_facts import QueueWait
from computility.model.reasons import Reason
from computility.model.resource_pool import PoolLimits
from computility.placement.facts import PoolFacts
from computility.placement.place import Outcome, place
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from support.builders import NOON, a_job
from support.placing import a_pool_with

HOUR = 3600


def with_cores(member: str, cores: int, *, price: int = 1, wait: int = 0, **facts: object) -> PoolFacts:
    """A pool of one node that runs so many at once, and starts after so many seconds."""
    waits = (QueueWait(p50_seconds=wait, p95_seconds=wait),)
    return a_pool_with(member, nodes=1, cores=cores, core_hour=str(price), queue_wait=waits, **facts)


def a_request(
    count: int, hours: float, *, most: int | None = None, policy: Policy = Policy.CHEAPEST
) -> Request:
    """An array of runs of one hour that has to be done in so many hours."""
    array = ArraySpec(size=count, max_concurrent=most)
    job = a_job(array=array, placement=PlacementSpec(policy=policy), max_run_seconds=HOUR)
    request = Request.of(job, count=count)
    return msgspec.structs.replace(request, deadline=NOON + timedelta(hours=hours))


def choose(request: Request, *pools: PoolFacts) -> Outcome:
    return place(request, Snapshot(pools=pools), NOON)


def dealt(outcome: Outcome) -> dict[str, int]:
    return {part.pool.member: part.count for part in outcome.parts}


def test_an_array_that_no_pool_ends_in_time_goes_to_several_that_do_together() -> None:
    """Of 30 runs ten at once end 20 in two hours; five that wait for an hour end 5 more."""
    pools = (with_cores("a", 10), with_cores("b", 5, wait=HOUR), with_cores("c", 5, price=9))

    outcome = choose(a_request(30, 2), *pools)

    assert dealt(outcome) == {"a": 20, "b": 5, "c": 5}
    assert outcome.receipt.chosen is not None
    assert outcome.receipt.chosen.done_seconds == 2 * HOUR


def test_the_preferred_pool_gets_all_that_it_ends_in_time() -> None:
    outcome = choose(a_request(25, 2), with_cores("dear", 20, price=9), with_cores("cheap", 10))

    assert dealt(outcome) == {"cheap": 20, "dear": 5}


def test_a_preferred_pool_makes_way_for_one_that_ends_more_where_parts_are_few() -> None:
    """Eight cheap pools end two runs each; of nine pools eight may share it."""
    small = [with_cores(f"m{n}", 1) for n in range(8)]
    outcome = choose(a_request(34, 2), *small, with_cores("large", 10, price=9))

    assert len(outcome.parts) == 8
    assert dealt(outcome)["large"] == 20


def test_an_array_that_even_several_end_too_late_is_told_when_they_would_at_best() -> None:
    """Of 31 runs 15 at once do the last in a third hour."""
    outcome = choose(a_request(31, 2), with_cores("a", 10), with_cores("b", 5))
    (rejection,) = outcome.receipt.rejected

    assert outcome.reason is Reason.NO_POOL_FITS
    assert (rejection.reason, rejection.count, rejection.wanted) == ("DeadlineMissed", 2, "done in 7200 s")
    assert rejection.found == "10800 s, split over the best of 2 pools"


def test_a_pool_that_ends_none_in_time_takes_no_part_and_says_why() -> None:
    slow = with_cores("slow", 50, wait=2 * HOUR)
    outcome = choose(a_request(30, 2), with_cores("a", 10), with_cores("b", 10), slow)
    (rejection,) = outcome.receipt.rejected

    assert dealt(outcome) == {"a": 15, "b": 15}
    assert (rejection.count, rejection.found) == (1, "one run in 10800 s")


def test_a_silent_pool_takes_no_part() -> None:
    outcome = choose(a_request(30, 2), with_cores("a", 10), with_cores("b", 10, silent=True))

    assert outcome.reason is Reason.NO_POOL_FITS
    assert {each.reason: each.count for each in outcome.receipt.rejected} == {
        "DeadlineMissed": 1,
        "MemberSilent": 1,
    }


def test_an_array_waits_for_room_where_those_that_have_some_would_be_late() -> None:
    full = with_cores("b", 10, limits=PoolLimits(max_queued=1))
    snapshot = Snapshot(pools=(with_cores("a", 10), full), live={("b", "cpu"): 1})

    outcome = place(a_request(30, 2), snapshot, NOON)

    assert (outcome.reason, outcome.parts) == (Reason.POOLS_BUSY, ())
    assert outcome.message.endswith("or those that take one do not end it by its deadline")


def test_more_than_may_run_at_a_time_is_promised_to_nobody() -> None:
    pools = (with_cores("a", 10), with_cores("b", 10))

    assert dealt(choose(a_request(24, 2, most=12), *pools))
    assert choose(a_request(25, 2, most=12), *pools).reason is Reason.NO_POOL_FITS


class Offer(NamedTuple):
    cores: int
    wait_hours: int
    price: int

    def ends(self, hours: int) -> int:
        """How many runs of an hour it ends by then."""
        return self.cores * floor(max(0, hours - self.wait_hours))


offers = st.builds(Offer, st.integers(1, 6), st.integers(0, 6), st.integers(1, 9))


@given(
    st.integers(2, 60),
    st.integers(1, 8),
    st.lists(offers, min_size=1, max_size=11),
    st.sampled_from([Policy.CHEAPEST, Policy.FASTEST]),
)
def test_it_is_placed_exactly_where_some_eight_pools_end_it_in_time(
    count: int, hours: int, network: list[Offer], policy: Policy
) -> None:
    pools = [
        with_cores(f"m{n:02}", each.cores, price=each.price, wait=each.wait_hours * HOUR)
        for n, each in enumerate(network)
    ]
    outcome = choose(a_request(count, hours, policy=policy), *pools)
    ends = [each.ends(hours) for each in network]
    most = max(sum(some) for some in combinations(ends, min(8, len(ends))))

    assert bool(outcome.parts) is (most >= count)
    if outcome.parts:
        assert sum(dealt(outcome).values()) == count
        assert all(n <= ends[int(member.removeprefix("m"))] for member, n in dealt(outcome).items())


@given(st.integers(2, 60), st.lists(offers, min_size=1, max_size=6))
def test_what_is_said_to_be_the_best_end_is_met_and_nothing_sooner(count: int, network: list[Offer]) -> None:
    pools = [with_cores(f"m{n}", each.cores, wait=each.wait_hours * HOUR) for n, each in enumerate(network)]
    (rejection,) = choose(a_request(count, 0.5), *pools).receipt.rejected
    best = int(rejection.found.split()[0]) // HOUR

    assert sum(each.ends(best) for each in network) >= count
    assert sum(each.ends(best - 1) for each in network) < count


@pytest.mark.parametrize("most", [2, 3, 5])
def test_the_limit_is_kept_by_the_parts_together(most: int) -> None:
    outcome = choose(a_request(8, 4, most=most), with_cores("a", 1), with_cores("b", 9, wait=HOUR))

    assert sum(part.max_concurrent or 99 for part in outcome.parts) <= most


def test_more_pools_never_keep_an_array_from_the_one_that_ends_it_alone() -> None:
    """Each of the seven would take a run from the limit, and end half as many by it."""
    late = [with_cores(f"b{n}", 10, wait=HOUR) for n in range(7)]
    outcome = choose(a_request(20, 2, most=10), with_cores("a", 10), *late)

    assert [(part.pool.member, part.count, part.max_concurrent) for part in outcome.parts] == [("a", 20, 10)]


def test_small_pools_of_many_rounds_are_not_crowded_out_by_large_ones_of_few() -> None:
    """Under a limit of ten a hundred cores for an hour end no more than ten do."""
    large = [with_cores(f"a{n}", 10, wait=8 * HOUR) for n in range(8)]
    small = [with_cores(f"b{n}", 1) for n in range(8)]
    outcome = choose(a_request(40, 9, most=10), *large, *small)

    assert sum(dealt(outcome).values()) == 40
    assert outcome.receipt.chosen is not None
    assert outcome.receipt.chosen.done_seconds <= 9 * HOUR


@given(st.integers(2, 60), st.integers(1, 8), st.integers(1, 12), st.lists(offers, min_size=1, max_size=11))
def test_under_a_limit_it_is_placed_where_one_pool_ends_it_and_never_too_much_is_promised(
    count: int, hours: int, most: int, network: list[Offer]
) -> None:
    pools = [
        with_cores(f"m{n:02}", each.cores, price=each.price, wait=each.wait_hours * HOUR)
        for n, each in enumerate(network)
    ]
    outcome = choose(a_request(count, hours, most=most), *pools)
    alone = max(each._replace(cores=min(each.cores, most)).ends(hours) for each in network)

    assert outcome.parts or alone < count
    assert sum(part.max_concurrent or 0 for part in outcome.parts) <= most
    for part in outcome.parts:
        offer = network[int(part.pool.member.removeprefix("m"))]
        assert part.count <= min(offer.cores, part.max_concurrent or 0) * offer._replace(cores=1).ends(hours)
