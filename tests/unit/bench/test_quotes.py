"""Quotes against what ran: the arithmetic of the verdict by hand, and a tiny fleet run twice."""

import random
from math import inf

import msgspec
import pytest

from bench.quotes_fleet import Scale, draw_sites, moment
from bench.quotes_jobs import draw_job
from bench.quotes_record import Trial
from bench.quotes_trial import run_fleet
from bench.quotes_truth import DECLARED_LOSS, Truth, true_run_seconds
from bench.quotes_verdict import judge, judge_all
from bench.quotes_waits import CLASSES, forecast_all, publish_waits
from computility.model.compute_job import Policy
from computility.model.pool_facts import Source
from computility.placement.waits import PROMPT_SECONDS

TINY = Scale(card_pools=2, cpu_pools=1, jobs=8, calibration_days=1, quote_days=0.5)
ONE = TINY._replace(card_pools=1, cpu_pools=0)


def a_trial(
    *,
    run: float = 100,
    wait: float = 50,
    source: str = "nominal",
    is_killed: bool = False,
    kind: str = "cards",
) -> Trial:
    """Return a job quoted 100 s (67 to 150) for 1 a second, after 50 s in the queue (95 of 100: 200 s)."""
    return Trial(
        fleet=1,
        kind=kind,
        policy="cheapest",
        member="north",
        source=source,
        nodes=1,
        is_killed=is_killed,
        cost=run,
        cost_expected=100,
        cost_low=67,
        cost_high=150,
        done=wait + run,
        done_expected=150,
        done_low=67,
        done_high=350,
        run=run,
        run_expected=100,
        wait_p50=50,
        wait_p95=200,
        is_said_at_once=wait < 50,
    )


@pytest.mark.parametrize(
    ("trial", "cost", "finish"),
    [
        pytest.param(a_trial(), True, True, id="as-expected"),
        pytest.param(a_trial(run=67, wait=0), True, True, id="both-at-the-low-end"),
        pytest.param(a_trial(run=150, wait=200), True, True, id="both-at-the-high-end"),
        pytest.param(a_trial(run=66, wait=0), False, False, id="cheaper-and-sooner-than-said"),
        pytest.param(a_trial(run=151, wait=0), False, True, id="a-short-queue-makes-up-for-a-long-run"),
        pytest.param(a_trial(run=100, wait=250), True, True, id="a-short-run-makes-up-for-a-long-queue"),
        pytest.param(a_trial(run=100, wait=251), True, False, id="late-by-the-queue-alone"),
        pytest.param(a_trial(is_killed=True), False, False, id="ended-by-its-limit"),
    ],
)
def test_what_was_said_is_kept_within_both_ends_of_the_band(trial: Trial, cost: bool, finish: bool) -> None:
    assert (trial.is_cost_kept, trial.is_finish_kept) == (cost, finish)
    assert trial.is_kept == (cost and finish)


@pytest.mark.parametrize(
    ("trial", "cost", "finish"),
    [
        pytest.param(a_trial(), 1, 1, id="as-expected"),
        pytest.param(a_trial(run=200), 2, 1, id="a-run-of-twice-as-long"),
        pytest.param(a_trial(run=50, wait=0), 2, 2, id="a-run-of-half-as-long"),
        pytest.param(a_trial(run=100, wait=500), 1, 4, id="a-queue-beyond-what-is-published"),
    ],
)
def test_the_spread_needed_would_just_have_kept_the_job(trial: Trial, cost: float, finish: float) -> None:
    assert (trial.cost_spread, trial.finish_spread) == (cost, finish)


def test_a_verdict_counts_shares_and_says_which_aim_was_missed() -> None:
    kept, late, dear = a_trial(wait=10), a_trial(wait=251), a_trial(run=151, wait=10)

    found = judge("cards", [*[kept] * 18, late, dear])

    assert (found.cost_within, found.finish_within, found.both_within) == (0.95, 0.95, 0.9)
    assert (found.beyond_p95, found.only_late) == (0.05, 0.05)
    assert (found.said_at_once, found.prompt_as_said, found.prompt_unsaid) == (0.95, 1, 0)
    assert (found.cost_width_p50, round(found.finish_width_p95, 3)) == (1.5, 2.333)
    assert (found.cost_spread_needed, found.finish_spread_needed, found.both_spread_needed) == (1, 1, 1.51)
    assert round(found.done_ratio_p95, 3) == round(161 / 150, 3)
    assert (found.is_within, found.is_narrow) == (False, True)
    assert judge("cards", [*[kept] * 19, late]).is_within


def test_a_band_of_more_than_three_times_the_expected_is_not_narrow() -> None:
    wide = msgspec.structs.replace(a_trial(), done_high=451)

    found = judge("cards", [wide, a_trial()])

    assert (found.is_within, found.is_narrow, found.finish_width_kept) == (True, False, 0.5)


@pytest.mark.parametrize(
    ("p50", "p95", "width"), [(50, 200, 4), (0, 0, 1), (0, 5, inf)], ids=["queue", "none", "half-wait"]
)
def test_the_width_of_a_published_wait(p50: float, p95: float, width: float) -> None:
    assert msgspec.structs.replace(a_trial(), wait_p50=p50, wait_p95=p95).wait_width == width


def test_jobs_are_judged_apart_by_cards_and_by_where_speeds_come_from() -> None:
    trials = [a_trial(kind="cpu"), a_trial(), a_trial(source="measured")]

    found = [(each.name, each.jobs) for each in judge_all(trials)]

    assert found == [
        ("cards", 2),
        ("cards, measured", 1),
        ("cards, nominal", 1),
        ("cpu", 1),
        ("cpu, nominal", 1),
    ]


def test_a_centre_publishes_what_its_probes_waited_in_each_class_and_by_what_they_were_told() -> None:
    site = draw_sites(1, ONE)[0]

    publish_waits(site, 86_400)

    by_told = [each for each in site.pool.spec.queue_wait if each.min_start_seconds]
    published = site.pool.spec.queue_wait[len(by_told) :]
    soonest = [each.min_start_seconds or 0 for each in by_told]
    assert soonest == sorted(soonest, reverse=True)
    assert 0 < sum(each.samples for each in by_told) <= sum(each.samples for each in published)
    assert [(each.max_nodes, each.max_run_seconds) for each in published] == [
        (each.most_nodes, each.most_seconds) for each in CLASSES
    ]
    assert {each.source for each in published} == {Source.MEASURED}
    assert all(each.samples == 2 and 0 <= each.p50_seconds <= each.p95_seconds for each in published)


def test_schedulers_say_when_jobs_of_the_published_classes_would_start() -> None:
    site = draw_sites(1, ONE)[0]
    publish_waits(site, 86_400)

    told = forecast_all(site)

    most = site.pool.spec.shape.nodes
    assert {each.max_nodes for each in told} == {*(of.most_nodes for of in CLASSES), most}
    assert all(each.starts_at is None or each.starts_at > moment(site.engine.clock) for each in told)


def test_without_hidden_errors_a_run_takes_what_placement_expects_and_a_faster_pool_less() -> None:
    pool = draw_sites(1, ONE._replace(error_scale=0))[0].pool
    request = draw_job(random.Random(1), Policy.CHEAPEST, has_cards=True)
    honest = Truth(speed_factor=1, loss=DECLARED_LOSS, load=0.5, seed=1)
    relative = next(each.relative for each in pool.spec.benchmark if each.measure is request.measure)

    taken = true_run_seconds(request, pool, honest, noise=1)
    faster = true_run_seconds(request, pool, honest._replace(speed_factor=2), noise=1)

    assert taken * relative == pytest.approx(request.reference_seconds)
    assert faster == pytest.approx(taken / 2)


def test_what_is_hidden_is_not_what_is_published() -> None:
    as_they_say, otherwise = (draw_sites(1, TINY._replace(error_scale=scale)) for scale in (0, 3))

    assert [each.pool for each in as_they_say] == [each.pool for each in otherwise]
    assert {each.truth.speed_factor for each in as_they_say} == {1}
    assert 1 not in {each.truth.speed_factor for each in otherwise}


def test_a_seed_brings_the_same_trials_and_another_seed_others() -> None:
    found = run_fleet(1, TINY)

    assert len(found) == TINY.jobs
    assert {each.kind for each in found} == {"cards", "cpu"}
    assert found == run_fleet(1, TINY)
    assert found != run_fleet(2, TINY)


def test_jobs_that_come_together_are_told_of_one_another() -> None:
    """Quoted one by one and each as if it were alone, more would be said to start at once."""
    together = TINY._replace(jobs=24, burst=24, load=0.1)
    at_once = [each for each in run_fleet(3, together) if each.is_said_at_once]

    assert 0 < len(at_once) < 24
    assert all(each.done - each.run < PROMPT_SECONDS for each in at_once)
