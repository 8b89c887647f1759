"""What the network's own attempts hold at a pool, and what follows for the next job."""

from typing import Any

import pytest

from computility.model.compute_job import PlacementSpec, Policy, Resources
from computility.model.pool_facts import AllocationUnit, QueueWait, Source, StartForecast
from computility.model.receipt import Candidate
from computility.model.resource_pool import Capacity, ResourcePoolStatus
from computility.model.tariff import Tariff, TariffWindow
from computility.placement.facts import PoolFacts
from computility.placement.held import NOTHING, Held, Stake, Stakes
from computility.placement.ours import Ours
from computility.placement.place import Outcome, place
from computility.placement.request import Request
from computility.placement.shares import Part, stake_of
from computility.placement.snapshot import Snapshot
from support.builders import NOON, seconds
from support.placing import a_pool_with, a_request

HOUR = 3600
FASTEST = PlacementSpec(policy=Policy.FASTEST)
NODE = Held(nodes=1, cores=8)
"""One of four nodes with eight cores each, unless a test says otherwise."""
NOW = int(NOON.timestamp())


def counted(*held: tuple[str, Held], age: int = 0) -> Ours:
    ours = Ours()
    for member, each in held:
        ours.add((member, "cpu"), Stake(each, NOW - age))
    return ours


def choose(*pools: PoolFacts, ours: Ours, **fields: Any) -> Outcome:
    asked = {"max_run_seconds": HOUR, "placement": FASTEST} | fields
    return place(a_request(**asked), Snapshot(pools=pools, ours=ours), NOON)


def chosen(*pools: PoolFacts, ours: Ours, **fields: Any) -> Candidate:
    found = choose(*pools, ours=ours, **fields).receipt.chosen
    assert found is not None
    return found


def waits_at(pool: PoolFacts, ours: Ours, **fields: Any) -> tuple[float, str]:
    found = chosen(pool, ours=ours, **fields)
    return found.wait_seconds, found.wait_basis


def test_a_pool_that_is_full_of_ours_is_passed_over_by_who_wants_to_be_done_soon() -> None:
    pools = a_pool_with("a"), a_pool_with("b", tariff=Tariff(per_core_hour="9"))

    assert chosen(*pools, ours=Ours()).member == "a"
    assert chosen(*pools, ours=counted(("a", NODE.times(4)))).member == "b"


def test_who_wants_the_cheapest_goes_there_all_the_same_and_is_told_that_he_waits() -> None:
    pools = a_pool_with("a"), a_pool_with("b", tariff=Tariff(per_core_hour="9"))
    found = chosen(*pools, ours=counted(("a", NODE.times(4))), placement=PlacementSpec())

    assert (found.member, found.wait_seconds, found.wait_basis) == ("a", HOUR, "busy")
    assert found.done_seconds == 2 * HOUR


def test_runners_up_are_shown_as_they_are_with_what_is_ours() -> None:
    pools = [a_pool_with(member) for member in "abc"]
    receipt = choose(*pools, ours=counted(("a", NODE.times(4)), ("b", NODE.times(4)))).receipt

    assert receipt.chosen is not None
    assert receipt.chosen.member == "c"
    assert [(each.member, each.wait_seconds) for each in receipt.runners_up] == [("a", HOUR), ("b", HOUR)]


@pytest.mark.parametrize(
    ("held", "resources", "is_free"),
    [
        pytest.param(NODE.times(3), Resources(cpus_per_task=8), True, id="the-last-node"),
        pytest.param(NODE.times(4), Resources(), False, id="not-even-a-core-of-nodes-that-others-have"),
        pytest.param(Held(cores=31), Resources(), True, id="the-last-core"),
        pytest.param(Held(cores=32), Resources(), False, id="no-core"),
        pytest.param(Held(cores=9), Resources(nodes=2), True, id="those-that-share-are-packed"),
        pytest.param(Held(cores=17), Resources(nodes=2), False, id="and-take-as-many-nodes-as-they-need"),
        pytest.param(Held(cores=3, cards=9), Resources(nodes=2), False, id="also-for-their-cards"),
        pytest.param(Held(nodes=3, cores=3), Resources(nodes=2), False, id="nodes-of-their-own-however-idle"),
        pytest.param(Held(cores=2, cards=13), Resources(cards=4, cards_per_node=4), False, id="cards"),
        pytest.param(
            Held(cores=2, cards=12), Resources(cards=4, cards_per_node=4), True, id="the-last-cards"
        ),
    ],
)
def test_it_starts_at_once_only_if_enough_is_left_beside_ours(
    held: Held, resources: Resources, is_free: bool
) -> None:
    pool = a_pool_with("a", cards=4, card_model="k100")

    wait = waits_at(pool, counted(("a", held)), resources=resources)
    assert wait == ((0, "free") if is_free else (HOUR, "busy"))


def test_what_others_use_and_what_is_ours_add_up() -> None:
    status = ResourcePoolStatus(
        observed_at=NOON,
        total=Capacity(nodes=4, cores=32),
        used_by_others=Capacity(nodes=2, cores=16),
        unavailable=Capacity(nodes=1, cores=8),
    )
    pool = a_pool_with("a", status=status)

    assert waits_at(pool, counted(("a", Held(cores=7)))) == (0, "free")
    assert waits_at(pool, counted(("a", Held(cores=8)))) == (HOUR, "busy")


@pytest.mark.parametrize(
    ("queue", "wait"),
    [
        pytest.param((), (HOUR, "busy"), id="none"),
        pytest.param((QueueWait(p50_seconds=7, p95_seconds=9),), (7, "nominal"), id="of-all-jobs"),
        pytest.param(
            (QueueWait(min_start_seconds=1, p50_seconds=8, p95_seconds=9, source=Source.MEASURED),),
            (8, "measured"),
            id="of-those-that-were-not-started-at-once",
        ),
        pytest.param(
            (QueueWait(min_start_seconds=HOUR, p50_seconds=8, p95_seconds=9),),
            (HOUR, "busy"),
            id="of-later-ones",
        ),
    ],
)
def test_behind_ours_it_waits_as_long_as_others_did_that_were_not_started_at_once(
    queue: tuple[QueueWait, ...], wait: tuple[float, str]
) -> None:
    pool = a_pool_with("a", queue_wait=queue, status=told(4))

    assert waits_at(pool, Ours()) == (0, "scheduler")
    assert waits_at(pool, counted(("a", NODE.times(4)))) == wait


def told(at_once: int, *, late: float | None = None) -> ResourcePoolStatus:
    """So many nodes start at once by the scheduler's word; others hold all, as far as figures go."""
    starts_at = None if late is None else NOON + seconds(late)
    return ResourcePoolStatus(
        observed_at=NOON,
        total=Capacity(nodes=4, cores=32),
        used_by_others=Capacity(nodes=4, cores=32),
        forecast=(StartForecast(max_nodes=at_once, max_run_seconds=HOUR, starts_at=starts_at),),
    )


@pytest.mark.parametrize(
    ("at_once", "nodes", "age", "basis"),
    [
        pytest.param(1, 4, 91, "scheduler", id="it-knew-of-them"),
        pytest.param(1, 4, 90, "scheduler", id="it-knew-of-them-just-so"),
        pytest.param(1, 1, 89, "busy", id="it-did-not-know-of-one-and-spoke-of-one"),
        pytest.param(2, 1, 0, "scheduler", id="of-two-one-is-left"),
        pytest.param(4, 4, 0, "busy", id="of-four-none-is-left"),
    ],
)
def test_a_schedulers_word_stands_for_what_came_before_it_was_asked(
    at_once: int, nodes: int, age: int, basis: str
) -> None:
    pool = a_pool_with("a", status=told(at_once))
    ours = counted(("a", NODE.times(nodes)), age=age)

    assert waits_at(pool, ours, resources=Resources(cpus_per_task=8))[1] == basis


def test_figures_that_suffice_keep_a_word_that_what_came_later_has_used_up() -> None:
    free = ResourcePoolStatus(
        observed_at=NOON,
        total=Capacity(nodes=4, cores=32),
        forecast=(StartForecast(max_nodes=1, max_run_seconds=HOUR),),
    )

    assert waits_at(a_pool_with("a", status=free), counted(("a", NODE.times(3)))) == (0, "scheduler")


def test_a_start_that_is_named_and_quantiles_alone_stay_as_they_are() -> None:
    full = counted(("a", NODE.times(4)))
    named = a_pool_with("a", status=told(4, late=100))
    known = a_pool_with("a", queue_wait=(QueueWait(p50_seconds=7, p95_seconds=9),))

    assert waits_at(named, full) == waits_at(named, Ours()) == (50, "scheduler")
    assert waits_at(known, full) == waits_at(known, Ours()) == (7, "nominal")


def test_a_deadline_that_is_missed_only_behind_ours_comes_after_one_that_is_met() -> None:
    pools = a_pool_with("a"), a_pool_with("b", tariff=Tariff(per_core_hour="9"))
    wish = {"placement": PlacementSpec(), "deadline": NOON + seconds(1.5 * HOUR)}
    one, both = counted(("a", NODE.times(4))), counted(("a", NODE.times(4)), ("b", NODE.times(4)))

    assert chosen(*pools, ours=one, **wish).member == "b"
    assert chosen(*pools, ours=both, **wish).member == "a", "and does not make it unplaceable"


def test_a_window_that_is_over_by_then_may_make_a_pool_the_cheapest() -> None:
    window = TariffWindow(start=NOON, end=NOON + seconds(HOUR), per_core_hour="9")
    pools = (
        a_pool_with("a", tariff=Tariff(per_core_hour="2")),
        a_pool_with("b", tariff=Tariff(per_core_hour="1", windows=(window,))),
    )
    cheapest = PlacementSpec()

    assert chosen(*pools, ours=Ours(), placement=cheapest).member == "a"
    found = chosen(*pools, ours=counted(("b", NODE.times(4))), placement=cheapest)
    assert (found.member, found.wait_seconds, float(found.cost)) == ("b", HOUR, 1)


def test_an_array_is_dealt_out_by_what_is_left_beside_ours() -> None:
    pools = a_pool_with("a"), a_pool_with("b")
    ours = counted(("a", Held(cores=22)), ("b", Held(cores=2)))
    outcome = choose(*pools, ours=ours, count=40, most_parts=2)

    assert {part.pool.member: part.count for part in outcome.parts} == {"a": 10, "b": 30}


def test_a_pool_comes_back_once_enough_was_let_go() -> None:
    pools = a_pool_with("a"), a_pool_with("b", tariff=Tariff(per_core_hour="9"))
    ours, stake = Ours(), Stake(NODE, NOW)
    snapshot = Snapshot(pools=pools, ours=ours)
    request = a_request(max_run_seconds=HOUR, placement=FASTEST)
    went = []
    for _ in range(5):
        went.append(place(request, snapshot, NOON).chosen)
        ours.add(("a", "cpu"), stake)
    for _ in range(2):
        ours.remove(("a", "cpu"), stake)
    went.append(place(request, snapshot, NOON).chosen)

    assert [pool.member for pool in went if pool] == ["a"] * 4 + ["b", "a"]


def test_a_pool_that_let_go_again_is_told_of_again_and_those_since_a_moment_alone() -> None:
    ours, stake = counted(("a", NODE), ("a", NODE), ("b", NODE)), Stake(NODE, NOW)
    for member in "aba":
        ours.remove((member, "cpu"), stake)

    assert [ours.released_after(number) for number in (3, 2)] == [[], [("a", "cpu")]]
    assert set(ours.released_after(1)) == set(ours.released_after(0)) == {("a", "cpu"), ("b", "cpu")}


def test_stakes_on_trial_leave_the_real_ones_alone() -> None:
    real = counted(("a", NODE))
    trial = Ours(real)
    trial.add(("a", "cpu"), Stake(NODE, NOW + 1))
    trial.add(("b", "cpu"), Stake(NODE, NOW))

    assert [held_at(trial, member) for member in "abc"] == [NODE.times(2), NODE, NOTHING]
    assert [held_at(real, member) for member in "abc"] == [NODE, NOTHING, NOTHING]
    both = trial.at(("a", "cpu"))
    assert both is not None
    assert [both.later_than(moment).nodes for moment in (NOW - 1, NOW, NOW + 1)] == [2, 1, 0]


def held_at(ours: Ours, member: str) -> Held:
    stakes = ours.at((member, "cpu"))
    return stakes.held if stakes else NOTHING


def test_what_came_later_is_told_apart_while_stakes_come_and_go_and_reports_do() -> None:
    stakes = Stakes()
    for since in (10, 20, 20, 30):
        stakes.add(Stake(NODE, since))
    first = [stakes.later_than(at).nodes for at in (9, 10, 30, 20)]
    stakes.remove(Stake(NODE, 30))
    stakes.add(Stake(NODE, 40))
    stakes.add(Stake(NODE, 5))

    assert first == [4, 3, 0, 1]
    assert [stakes.later_than(at).nodes for at in (20, 30, 10, 4)] == [1, 1, 3, 5]
    assert stakes.held == NODE.times(5)


@pytest.mark.parametrize(
    ("unit", "fields", "held"),
    [
        pytest.param(AllocationUnit.CORE, {}, Held(0, 1, 0), id="a-core-of-a-node-that-it-shares"),
        pytest.param(AllocationUnit.NODE, {}, Held(1, 8, 4), id="a-whole-node"),
        pytest.param(AllocationUnit.CORE, {"resources": Resources(nodes=2)}, Held(2, 2, 0), id="two-nodes"),
        pytest.param(AllocationUnit.CORE, {"count": 9}, Held(0, 9, 0), id="all-of-an-array"),
        pytest.param(
            AllocationUnit.CORE, {"count": 9, "max_concurrent": 4}, Held(0, 4, 0), id="what-may-run-at-a-time"
        ),
    ],
)
def test_what_a_part_will_hold(unit: AllocationUnit, fields: dict[str, Any], held: Held) -> None:
    request: Request = a_request(**fields)
    pool = a_pool_with("a", cards=4, card_model="k100", allocation_unit=unit)
    part = Part(pool=pool, count=request.count, max_concurrent=request.max_concurrent)

    assert stake_of(part, request, NOON) == Stake(held, NOW)


def by_deadline(hours: float, ours: Ours) -> dict[str, int]:
    """Deal out 64 runs of an hour over two pools of 32 cores each that have to end all by then."""
    wish = {
        "count": 64,
        "most_parts": 2,
        "deadline": NOON + seconds(hours * HOUR),
        "placement": PlacementSpec(),
    }
    outcome = choose(a_pool_with("a"), a_pool_with("b"), ours=ours, **wish)
    return {part.pool.member: part.count for part in outcome.parts}


def test_an_array_that_only_ours_make_late_is_placed_all_the_same() -> None:
    full = counted(("a", NODE.times(4)), ("b", NODE.times(4)))

    assert by_deadline(1, Ours()) == by_deadline(1, full) == {"a": 32, "b": 32}
