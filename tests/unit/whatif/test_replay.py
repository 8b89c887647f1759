"""Replays: small ones reckoned by hand, and what holds of any."""

import math
from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from computility.model.job_placement import Policy
from computility.model.pool_facts import QueueWait
from computility.model.reasons import Reason
from computility.model.tariff import TariffWindow
from computility.placement.snapshot import PoolFacts
from computility.whatif.replay import Replayed
from computility.whatif.schedule import NOWHERE
from support.builders import NOON, seconds
from support.replays import HOUR, Job, a_site, run

POLICIES = (Policy.CHEAPEST, Policy.FASTEST, Policy.GREENEST, Policy.BALANCED)
CHEAP, QUICK = a_site("a", price="1", speed=1), a_site("b", price="3", speed=2)
THREE = [Job(0, HOUR, 4), Job(100, HOUR, 4), Job(200, HOUR, 4)]


def where_and_when(replayed: Replayed) -> list[tuple[int, float]]:
    starts = (round(start, 6) for start in replayed.schedule.starts)
    return list(zip(replayed.schedule.rows, starts, strict=True))


def test_the_cheapest_pool_takes_all_and_its_queue_grows() -> None:
    replayed = run(THREE, CHEAP, QUICK)

    assert where_and_when(replayed) == [(0, 0), (0, 3600), (0, 7200)]
    assert replayed.totals.cost == pytest.approx(3 * 4 * 1)  # three times 4 cores for an hour at 1
    assert replayed.totals.kwh == pytest.approx(3 * 4 * 0.1)
    assert replayed.totals.kg_location == pytest.approx(3 * 4 * 0.1 * 0.5)


def test_the_fastest_pool_is_left_once_its_queue_costs_more_than_its_speed_gains() -> None:
    replayed = run(THREE, CHEAP, QUICK, policy=Policy.FASTEST)

    # The second waits 1700 s for a run of half the time; before the third there would be 3400 s.
    assert where_and_when(replayed) == [(1, 0), (1, 1800), (0, 200)]
    assert replayed.totals.cost == pytest.approx(2 * 4 * 3 / 2 + 4 * 1)


def test_the_greenest_pool_is_the_one_with_the_cleaner_grid() -> None:
    clean = a_site("z", price="9", kg_per_kwh=0.1)

    assert where_and_when(run(THREE[:1], CHEAP, clean, policy=Policy.GREENEST)) == [(1, 0)]


def test_a_small_job_waits_behind_a_big_one_that_does_not_fit_yet() -> None:
    replayed = run([Job(0, 100, 2), Job(1, 100, 4), Job(2, 100, 2)], CHEAP)

    assert where_and_when(replayed) == [(0, 0), (0, 100), (0, 200)]


def test_a_job_that_ends_makes_way_for_one_that_comes_at_that_moment() -> None:
    replayed = run([Job(0, 100, 4), Job(100, 100, 4)], a_site("a", max_queued=1), QUICK)

    assert where_and_when(replayed) == [(0, 0), (0, 100)]


def test_what_pools_declare_of_their_queues_does_not_count() -> None:
    waits = (QueueWait(p50_seconds=1e6, p95_seconds=1e6),)
    declared = replace(QUICK, spec=replace(QUICK.spec, queue_wait=waits))

    assert where_and_when(run(THREE[:1], CHEAP, declared, policy=Policy.FASTEST)) == [(1, 0)]


def test_facts_stay_fresh_and_prices_of_a_dated_window_hold_in_their_hours() -> None:
    """`a` costs 1 a core-hour, and 9 from the third hour on."""
    night = TariffWindow(start=NOON + seconds(2 * HOUR), end=NOON + seconds(1000 * HOUR), per_core_hour="9")
    tariff = replace(CHEAP.spec.tariff, windows=(night,))
    windowed = replace(CHEAP, spec=replace(CHEAP.spec, tariff=tariff))
    replayed = run([Job(0, 60, 1), Job(HOUR, 60, 1), Job(2 * HOUR, 60, 1)], windowed, QUICK)

    assert list(replayed.schedule.rows) == [0, 0, 1]


def test_a_pool_that_takes_no_more_is_passed_over_for_the_next() -> None:
    full = a_site("a", max_queued=1)

    assert where_and_when(run(THREE[:2], full, QUICK)) == [(0, 0), (1, 100)]


def test_jobs_that_find_all_pools_full_wait_at_the_hub_in_their_order() -> None:
    replayed = run([Job(0, 100, 1), Job(1, 50, 1), Job(2, 50, 1)], a_site("a", max_queued=1))

    assert where_and_when(replayed) == [(0, 0), (0, 100), (0, 150)]


def test_a_place_at_a_pool_goes_to_the_first_at_the_hub_that_fits_it() -> None:
    """The second fits `b` alone, which is busy for longer than `a`: the third passes it."""
    small, big = a_site("a", cores=2, max_queued=1), a_site("b", cores=8, price="2", max_queued=1)
    jobs = [Job(0, 100, 2), Job(0, 1000, 8), Job(1, 10, 8), Job(2, 10, 2)]

    assert where_and_when(run(jobs, small, big)) == [(0, 0), (1, 0), (1, 1000), (0, 100)]


def test_a_job_that_fits_no_pool_has_no_place_and_its_reason_is_counted() -> None:
    replayed = run([Job(0, 10, 5), Job(0, 10, 4), Job(1, 10, 4, namespace="team-z")], CHEAP, QUICK)

    assert replayed.nowhere == {Reason.TOO_FEW_CORES: 1, Reason.ACCESS: 1}
    assert list(replayed.schedule.rows) == [NOWHERE, 0, NOWHERE]
    assert math.isnan(replayed.schedule.starts[0])


def test_a_network_without_pools_has_no_place_for_any() -> None:
    assert run(THREE).nowhere == {Reason.NO_POOLS: 3}


def test_a_pool_of_whole_nodes_allocates_and_charges_the_node() -> None:
    pool = a_site("a", nodes=2, cores=8, cards=4, whole_nodes=True)
    replayed = run([Job(0, HOUR, cards=1)], pool)

    assert (replayed.schedule.cores[0], replayed.schedule.cards[0]) == (8, 4)
    assert replayed.totals.cost == pytest.approx(8 * 1 + 4 * 1)


def test_equal_jobs_share_an_evaluation() -> None:
    replayed = run([Job(second, HOUR, 1) for second in range(50)], CHEAP, QUICK)

    assert replayed.evaluations == 1


jobs = st.lists(
    st.builds(
        Job,
        submit=st.integers(0, 2000),
        seconds=st.integers(1, 3000),
        cores=st.sampled_from([1, 2, 3, 4, 8, 9]),
        cards=st.sampled_from([0, 0, 1, 2]),
        namespace=st.just("team-a"),
    ),
    min_size=1,
    max_size=40,
)
sites = st.tuples(
    *(
        st.builds(
            a_site,
            st.just(name),
            nodes=st.integers(1, 2),
            cores=st.sampled_from([2, 4, 8]),
            cards=st.sampled_from([0, 2]),
            speed=st.sampled_from([0.5, 1.0, 2.4]),
            price=st.sampled_from(["0.5", "1", "3"]),
            kg_per_kwh=st.sampled_from([0.1, 0.5]),
            max_queued=st.sampled_from([1, 3, 1000]),
            whole_nodes=st.booleans(),
        )
        for name in "abc"
    )
)


@settings(max_examples=60)
@given(jobs, sites, st.sampled_from(POLICIES))
def test_every_job_runs_once_or_has_no_place_and_no_pool_is_ever_over_its_machines(
    jobs: list[Job], pools: tuple[PoolFacts, ...], policy: Policy
) -> None:
    jobs.sort(key=lambda job: job.submit)
    schedule = run(jobs, *pools, policy=policy).schedule
    first = jobs[0].submit

    changes: dict[int, list[tuple[float, int, int, int]]] = defaultdict(list)
    for job, row in enumerate(schedule.rows):
        if row == NOWHERE:
            assert math.isnan(schedule.starts[job])
            continue
        start, cores, cards = schedule.starts[job], schedule.cores[job], schedule.cards[job]
        end = start + schedule.seconds[job]
        assert start >= jobs[job].submit - first
        assert end > start
        assert cores >= (jobs[job].cores or jobs[job].cards)
        assert cards >= jobs[job].cards
        changes[row] += [(end, 0, -cores, -cards), (start, 1, cores, cards)]

    for row, moves in changes.items():
        shape = sorted(pools, key=lambda pool: pool.key)[row].spec.shape
        used_cores = used_cards = 0
        for _, _, cores, cards in sorted(moves):
            used_cores, used_cards = used_cores + cores, used_cards + cards
            assert used_cores <= shape.nodes * shape.cores_per_node
            assert used_cards <= shape.nodes * shape.cards_per_node
        assert (used_cores, used_cards) == (0, 0)


@settings(max_examples=60)
@given(jobs)
def test_one_pool_starts_its_jobs_when_a_plain_reckoning_does(jobs: list[Job]) -> None:
    jobs = sorted((job._replace(cards=0) for job in jobs if job.cores <= 8), key=lambda job: job.submit)
    if not jobs:
        return
    replayed = run(jobs, a_site("a", cores=8, max_queued=100_000))

    first = jobs[0].submit
    held: list[tuple[float, float, int]] = []
    earliest = 0.0
    for job, took in zip(jobs, replayed.schedule.seconds, strict=True):
        earliest = max(earliest, job.submit - first)
        moments = sorted({earliest, *(end for _, end, _ in held if end > earliest)})
        earliest = next(
            t for t in moments if job.cores + sum(c for start, end, c in held if start <= t < end) <= 8
        )
        held.append((earliest, earliest + took, job.cores))
    assert list(replayed.schedule.starts) == pytest.approx([start for start, _, _ in held])


@settings(max_examples=40)
@given(jobs, sites, st.sampled_from(POLICIES))
def test_the_same_trace_on_the_same_pools_in_any_order_gives_the_same(
    jobs: list[Job], pools: tuple[PoolFacts, ...], policy: Policy
) -> None:
    once, again = run(jobs, *pools, policy=policy), run(jobs, *reversed(pools), policy=policy)

    assert once.schedule.rows == again.schedule.rows
    assert repr(once.schedule.starts) == repr(again.schedule.starts)
    assert repr(once.totals) == repr(again.totals)


@settings(max_examples=40)
@given(jobs, sites)
def test_where_nobody_has_to_wait_no_policy_is_cheaper_than_cheapest(
    jobs: list[Job], pools: tuple[PoolFacts, ...]
) -> None:
    apart = [job._replace(submit=number * 10_000) for number, job in enumerate(jobs)]
    costs = {policy: run(apart, *pools, policy=policy).totals.cost for policy in POLICIES}

    assert all(costs[Policy.CHEAPEST] <= cost * (1 + 1e-6) + 1e-6 for cost in costs.values())


@settings(max_examples=40)
@given(jobs)
def test_jobs_of_a_pool_start_in_the_order_in_which_they_came(jobs: list[Job]) -> None:
    jobs.sort(key=lambda job: job.submit)
    schedule = run(jobs, CHEAP, QUICK, policy=Policy.FASTEST).schedule

    for row in (0, 1):
        starts = [start for start, at in zip(schedule.starts, schedule.rows, strict=True) if at == row]
        assert all(before <= after for before, after in pairwise(starts))
