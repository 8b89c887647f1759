"""The order in which waiting jobs are called, and how far from `order` a job looks."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from computility.metering.fair_share import fair_order
from computility.model.compute_job import PlacementSpec, Policy, Resources
from computility.model.job_placement import PoolSelector
from computility.model.resource_pool import PoolLimits
from computility.placement import batch
from computility.placement.ask import Ask
from computility.placement.batch import arrange
from computility.placement.facts import PoolFacts, PoolKey
from computility.placement.ours import Ours
from computility.placement.place import place
from computility.placement.rehearsal import Round, Shares
from computility.placement.shares import stake_of
from computility.placement.snapshot import Snapshot
from computility.placement.steps import Step
from support.builders import NOON
from support.placing import a_pool_with, a_request, evaluate

ONE = PoolLimits(max_queued=1)
CHEAP, DEAR = a_pool_with("a", core_hour="1", limits=ONE), a_pool_with("b", core_hour="3", limits=ONE)
DEAREST = a_pool_with("c", core_hour="9", limits=ONE)
HOUR = 3600


class Job(NamedTuple):
    """A job of a queue that is in order of priority and age."""

    name: str
    ask: Ask
    before: int

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def claim(self) -> int:
        return self.before

    @property
    def kind(self) -> bytes:
        return self.ask.request.key


def a_job_for(
    name: str,
    hours: float = 1,
    *,
    policy: Policy = Policy.CHEAPEST,
    priority: int = 0,
    only: str = "",
    avoid: Sequence[PoolFacts] = (),
    rather_not: Sequence[PoolFacts] = (),
    **fields: Any,
) -> Job:
    others = tuple(each for each in "abc" if only and each != only)
    request = a_request(
        max_run_seconds=int(hours * HOUR),
        placement=PlacementSpec(policy=policy, pool_selector=PoolSelector(exclude=others)),
        **fields,
    )
    keys = [frozenset(pool.key for pool in pools) for pools in (avoid, rather_not)]
    return Job(name, Ask(request, *keys), -priority)


def a_round(queues: Mapping[str, Sequence[Job]], *pools: PoolFacts, weights: Mapping[str, float]) -> Round:
    asks = {job.kind: job.ask for queue in queues.values() for job in queue}
    return Round(asks, Snapshot(pools=pools), NOON, Shares({}, weights, weigh))


def called(*jobs: Job, pools: Sequence[PoolFacts] = (CHEAP, DEAR)) -> str:
    """Return the order of one namespace's jobs."""
    queues = {"team-a": jobs}
    return "".join(job.name for job in arrange(queues, a_round(queues, *pools, weights={}))["team-a"])


def weigh(hours: float) -> int:
    return int(1000 * hours)


class Found(NamedTuple):
    placed: dict[Job, str]
    cost: float


def place_all(queues: Mapping[str, Sequence[Job]], *pools: PoolFacts, weights: Mapping[str, float]) -> Found:
    """Call all as the hub does: each is decided on, and counted, before the next is asked for."""
    live: Counter[PoolKey] = Counter()
    used: defaultdict[str, int] = defaultdict(int)
    ours = Ours()
    snapshot = Snapshot(pools=pools, live=live, ours=ours)
    placed, cost = {}, 0.0
    for job in fair_order(queues, used, weights):
        request = job.ask.request
        outcome = place(request, snapshot, NOON)
        live.update(part.pool.key for part in outcome.parts)
        for part in outcome.parts:
            ours.add(part.pool.key, stake_of(part, request, NOON))
            used[request.namespace] += weigh(request.max_run_seconds / HOUR / 16 * part.count)
        if outcome.receipt.chosen is not None:
            placed[job] = outcome.receipt.chosen.member
            cost += float(outcome.receipt.chosen.cost) * (request.placement.policy is Policy.CHEAPEST)
    return Found(placed, cost)


def test_a_large_job_gets_the_cheap_pool_although_a_small_one_came_first() -> None:
    queues = {"team-a": [a_job_for("s", 1), a_job_for("L", 10)]}
    arranged = arrange(queues, a_round(queues, CHEAP, DEAR, weights={}))

    assert place_all(queues, CHEAP, DEAR, weights={}).cost == pytest.approx(1 + 30)
    assert place_all(arranged, CHEAP, DEAR, weights={}).cost == pytest.approx(10 + 3)


def test_equal_jobs_keep_the_order_in_which_they_came() -> None:
    jobs = [a_job_for("a"), a_job_for("b"), a_job_for("L", 10)]

    assert called(*jobs, pools=[CHEAP, DEAR, DEAREST]) == "Lab"


def test_who_would_find_no_place_by_age_does_not_take_one_from_who_would() -> None:
    assert called(a_job_for("s", 1), a_job_for("m", 2), a_job_for("L", 10)) == "msL"


def test_who_would_lose_his_only_place_goes_first_and_the_others_change_behind_him() -> None:
    jobs = [a_job_for("o", 1, only="a"), a_job_for("s", 2), a_job_for("L", 10)]

    assert called(*jobs, pools=[CHEAP, DEAR, DEAREST]) == "oLs"


def test_priority_goes_before_cost() -> None:
    jobs = [a_job_for("u", 1, priority=1), a_job_for("s", 2), a_job_for("L", 10)]

    assert called(*jobs, pools=[CHEAP, DEAR, DEAREST]) == "uLs"


@pytest.mark.parametrize("policy", [policy for policy in Policy if policy is not Policy.CHEAPEST])
def test_jobs_that_want_something_else_stay_where_they_are(policy: Policy) -> None:
    jobs = [a_job_for("s", 1), a_job_for("x", 99, policy=policy), a_job_for("L", 10)]

    assert called(*jobs, pools=[CHEAP, DEAR, DEAREST]) == "Lxs"
    assert called(a_job_for("s", 1, policy=policy), a_job_for("L", 10, policy=policy)) == "sL"


def test_a_job_does_not_go_first_where_that_would_cost_more() -> None:
    """By what it costs at least the far one is dearer, but only the near one has two pools to choose from."""
    jobs = [a_job_for("n", 5), a_job_for("f", 2, only="b")]

    assert called(*jobs) == "nf"


def test_jobs_of_another_namespace_find_the_places_that_they_would_have_found() -> None:
    """team-b's job fits only the dear pool, which the small job would take once the large one went first."""
    queues = {
        "team-a": [a_job_for("s", 1), a_job_for("L", 10)],
        "team-b": [a_job_for("b", 1, only="b", namespace="team-b")],
    }
    shared = [in_two(pool) for pool in (CHEAP, DEAR)]
    by_age = place_all(queues, *shared, weights={})
    found = place_all(arrange(queues, a_round(queues, *shared, weights={})), *shared, weights={})

    assert by_age.placed.keys() <= found.placed.keys()


def in_two(pool: PoolFacts) -> PoolFacts:
    facts = {"core_hour": pool.spec.tariff.per_core_hour, "limits": pool.spec.limits}
    return a_pool_with(pool.member, namespaces=("team-a", "team-b"), **facts)


def test_who_was_tried_before_goes_back_only_where_nothing_else_has_room() -> None:
    """Kept from the cheap pool the large job would gain nothing by going first."""
    kept, rather_not = a_job_for("L", 10, avoid=[CHEAP]), a_job_for("L", 10, rather_not=[CHEAP])

    assert called(a_job_for("s"), kept) == called(a_job_for("s"), rather_not) == "sL"
    assert called(a_job_for("s", avoid=[DEAR]), a_job_for("L", 10, rather_not=[DEAR])) == "sL"


def test_a_kind_that_asks_for_nothing_now_takes_no_place() -> None:
    held, small, large = a_job_for("h", 99), a_job_for("s", 1), a_job_for("L", 10)
    queues = {"team-a": [held, small, large]}
    round_ = a_round(queues, CHEAP, DEAR, weights={})
    asks = {kind: ask for kind, ask in round_.asks.items() if kind != held.kind}

    assert arrange(queues, round_._replace(asks=asks)) == {"team-a": [held, large, small]}


def test_too_many_kinds_at_once_go_by_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_KINDS", 1)

    assert called(a_job_for("s", 1), a_job_for("L", 10)) == "sL"


def test_jobs_of_one_kind_are_not_even_evaluated() -> None:
    queues = {"team-a": [a_job_for("a"), a_job_for("b")]}
    round_ = a_round(queues, CHEAP, DEAR, weights={})

    assert arrange(queues, round_) is queues
    assert round_.snapshot._answers == {}


def test_what_passed_before_a_rehearsal_counts_for_no_step() -> None:
    queues = {"team-a": [a_job_for("s", 1), a_job_for("L", 10)]}
    steps: list[Step | None] = []
    snapshot = Snapshot(pools=(CHEAP, DEAR), ended=steps.append)
    arrange(queues, a_round(queues, weights={})._replace(snapshot=snapshot))

    assert steps[:8] == [None, Step.ESTIMATE, Step.FILTER, Step.RANK] * 2
    assert set(steps[8:]) == {None}  # the second order asks for nothing new


def requests() -> st.SearchStrategy[Job]:
    return st.builds(
        lambda namespace, hours, policy, priority, only, count: a_job_for(
            "", hours, namespace=namespace, policy=policy, priority=priority, only=only, count=count
        ),
        st.sampled_from(("team-a", "team-b")),
        st.sampled_from((1, 2, 5, 10, 20)),
        st.sampled_from((Policy.CHEAPEST,) * 4 + (Policy.FASTEST, Policy.BALANCED)),
        st.sampled_from((0, 0, 0, 1)),
        st.sampled_from(("", "", "a", "b", "c")),
        st.sampled_from((1, 1, 1, 40)),
    )


@st.composite
def rounds(draw: st.DrawFn) -> tuple[dict[str, list[Job]], tuple[PoolFacts, ...]]:
    jobs = draw(st.lists(requests(), min_size=2, max_size=9))
    queues: dict[str, list[Job]] = {}
    for number, job in enumerate(sorted(jobs, key=lambda job: job.before)):
        queues.setdefault(job.ask.request.namespace, []).append(job._replace(name=str(number)))
    pools = tuple(
        a_pool_with(
            member,
            core_hour=str(draw(st.integers(1, 9))),
            namespaces=("team-a", "team-b"),
            limits=PoolLimits(max_queued=draw(st.integers(1, 3))),
        )
        for member in "abc"
    )
    return queues, pools


WEIGHTS = st.sampled_from(({}, {"team-b": 3.0}))


@settings(max_examples=60)
@given(rounds(), WEIGHTS)
def test_nobody_who_finds_a_place_by_age_is_left_without_one_and_it_never_costs_more(
    drawn: tuple[dict[str, list[Job]], tuple[PoolFacts, ...]], weights: dict[str, float]
) -> None:
    queues, pools = drawn
    arranged = arrange(queues, a_round(queues, *pools, weights=weights))
    by_age, found = (place_all(each, *pools, weights=weights) for each in (queues, arranged))

    assert by_age.placed.keys() <= found.placed.keys()
    assert arranged is queues or found.cost < by_age.cost + 1e-4  # receipts round to six places


@settings(max_examples=60)
@given(rounds(), WEIGHTS)
def test_only_jobs_of_one_claim_that_want_the_cheapest_change_places(
    drawn: tuple[dict[str, list[Job]], tuple[PoolFacts, ...]], weights: dict[str, float]
) -> None:
    queues, pools = drawn
    arranged = arrange(queues, a_round(queues, *pools, weights=weights))
    placed = place_all(queues, *pools, weights=weights).placed

    assert arranged.keys() == queues.keys()
    for name, queue in queues.items():
        assert sorted(arranged[name]) == sorted(queue)
        for before, now in zip(queue, arranged[name], strict=True):
            if before != now:
                assert before.before == now.before
                assert {before, now} <= placed.keys()
                assert {each.ask.request.placement.policy for each in (before, now)} == {Policy.CHEAPEST}


def test_a_rehearsal_counts_what_is_taken_as_the_real_placements_do() -> None:
    """The second array finds the first pool full of the first one, and takes another's only place."""
    pools = (
        a_pool_with("a", limits=PoolLimits(max_queued=9)),
        a_pool_with("b", limits=PoolLimits(max_queued=1)),
    )
    arrays = [a_job_for(name, policy=Policy.FASTEST, count=32) for name in "12"]
    queues = {"team-a": [*arrays, a_job_for("3", only="b")]}

    rehearsed = a_round(queues, *pools, weights={}).rehearse(queues)
    assert rehearsed.placed == place_all(queues, *pools, weights={}).placed.keys() == set(arrays)


def test_card_models_are_told_apart_also_among_many_that_cost_the_same() -> None:
    pools = [a_pool_with(f"m{n:03}", cards=1, card_model="ab"[n % 2]) for n in range(200)]
    evaluation = evaluate(a_request(resources=Resources(cards=1)), *pools)

    assert evaluation.is_compared.tolist() == [True, False] * 100


@pytest.mark.parametrize("prices", [1, 3, 100, 1000], ids=lambda n: f"{n}-different-prices")
@pytest.mark.parametrize("count", [0, 1, 128, 129, 500])
def test_what_is_preferred_comes_in_the_order_that_all_are_sorted_in(prices: int, count: int) -> None:
    """The first are found without sorting all: they are the same."""
    pools = [a_pool_with(f"m{n:03}", core_hour=str(1 + n * 7919 % 997 % prices)) for n in range(count)]
    evaluation = evaluate(a_request(), *pools)

    by_price = sorted(range(count), key=lambda n: (1 + n * 7919 % 997 % prices, n))
    assert list(evaluation.preferred()) == evaluation.order == by_price
