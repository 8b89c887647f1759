"""One job, four policies, four provinces: the published table out of the committed manifests, to its digits.

The figures of a province stand here a second time, as they were published, and so do the formulas: what the
code says is compared with both.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from computility.lab.fleets.jobs import ensemble_job, training_job
from computility.model.compute_job import Candidate, ComputeJob, Policy
from computility.placement.evaluation import Evaluation
from computility.placement.place import place
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from support.builders import NOON
from support.committed_fleet import committed_fleet


class Row(NamedTuple):
    """A province: CNY, kg per kWh, hours, Gbps to Shanghai, CNY per GB brought there, W."""

    card_hour: float
    grid: float
    green: float
    pue: float
    queue: float
    gbps: float
    egress: float
    speed: float
    card_watts: float
    core_watts: float = 4.0


PROVINCES = {
    "CN-HE": Row(5.20, 0.7252, 0.55, 1.22, 6, 20, 0.02, 1.0, 600),
    "CN-TJ": Row(1.10, 0.7041, 0.20, 1.30, 1, 10, 0.02, 0.30, 420),
    "CN-SH": Row(14.50, 0.5617, 0.25, 1.25, 14, 100, 0, 2.4, 1000),
    "CN-AH": Row(4.80, 0.6782, 0.35, 1.22, 5, 40, 0.01, 0.95, 550, 2.5),
    "CN-SD": Row(2.10, 0.6776, 0.25, 1.28, 2, 10, 0.02, 0.60, 450),
    "CN-HA": Row(3.60, 0.5395, 0.30, 1.18, 1, 40, 0.01, 1.15, 480),
    "CN-GD": Row(13.20, 0.3869, 0.45, 1.25, 3, 20, 0.02, 2.4, 1000),
    "CN-SC": Row(4.20, 0.1404, 0.85, 1.20, 4, 10, 0.03, 0.95, 550, 2.5),
    "CN-CQ": Row(4.40, 0.2268, 0.45, 1.25, 3, 10, 0.03, 0.95, 550, 2.5),
    "CN-NM": Row(3.30, 0.6849, 0.80, 1.15, 2, 20, 0.02, 0.95, 550, 2.5),
    "CN-GZ": Row(3.70, 0.3869, 0.60, 1.20, 2, 10, 0.03, 0.95, 550, 2.5),
    "CN-GS": Row(1.60, 0.5857, 0.80, 1.15, 1, 10, 0.03, 0.60, 450),
    "CN-NX": Row(3.90, 0.5857, 0.85, 1.15, 3, 10, 0.03, 1.0, 600),
}
WUXI = Row(0, 0.5617, 0.20, 1.30, 4, 40, 0.01, 0, 0, 1.6)
"""Sells cores, at 0.05 CNY an hour; has no BF16."""


class Figures(NamedTuple):
    """What a job takes in a province."""

    cost: float
    done: float
    market: float
    location: float


def figures(row: Row, run: float, hourly: float, kilowatts: float, terabytes: float) -> Figures:
    """Reckon hours, CNY and kg from the hours of the run, and what it costs and draws meanwhile."""
    transfer = terabytes * 8e12 / (0.7 * row.gbps * 1e9) / 3600 if row.egress else 0
    location = kilowatts * run * row.pue * row.grid
    return Figures(
        cost=run * hourly + terabytes * 1000 * row.egress,
        done=max(row.queue, transfer) + run,
        market=location * (1 - row.green),
        location=location,
    )


def training_figures(terabytes: float) -> dict[str, Figures]:
    """64 cards for 20 hours of an A100, in BF16."""
    return {
        region: figures(
            row, 20 / row.speed, 64 * row.card_hour, 64 * row.card_watts / 1000, terabytes=terabytes
        )
        for region, row in PROVINCES.items()
    }


def ensemble_figures() -> dict[str, Figures]:
    """16 nodes with 640 cores for 20 hours, and 0.2 TB: with cards in them whole nodes of eight are paid."""
    priced = {region: (row, 16 * 8 * row.card_hour) for region, row in PROVINCES.items()}
    priced["CN-JS"] = WUXI, 640 * 0.05
    return {
        region: figures(row, 20, hourly, 640 * row.core_watts / 1000, terabytes=0.2)
        for region, (row, hourly) in priced.items()
    }


@pytest.fixture(scope="module")
def fleet() -> Snapshot:
    return committed_fleet(NOON)


def promise(job: ComputeJob, fleet: Snapshot) -> tuple[str, Candidate]:
    """Place a job; return where, and the promise."""
    outcome = place(Request.of(job), fleet, NOON)
    assert outcome.chosen is not None
    assert outcome.receipt.chosen is not None
    return outcome.chosen.region, outcome.receipt.chosen


def printed(region: str, found: Candidate) -> str:
    """Write a candidate with as many digits as the published table."""
    return (
        f"{region} {float(found.cost):,.0f} {found.done_seconds / 3600:.1f}"
        f" {found.kg_co2_market:,.0f}/{found.kg_co2_location:,.0f}"
    )


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        (Policy.CHEAPEST, "CN-GS 3,503 34.3 129/647"),
        (Policy.FASTEST, "CN-GD 7,100 11.3 142/258"),
        (Policy.GREENEST, "CN-SC 5,749 25.1 19/125"),
        (Policy.BALANCED, "CN-HA 4,037 18.4 238/340"),
    ],
)
def test_the_published_table(policy: Policy, line: str, fleet: Snapshot) -> None:
    assert printed(*promise(training_job(3, policy), fleet)) == line


def test_the_lowest_price_of_a_card_hour_is_not_the_lowest_cost(fleet: Snapshot) -> None:
    answer = fleet.answer(Request.of(training_job(3, Policy.CHEAPEST)), NOON)
    evaluation = answer.evaluation
    cheapest_card = min(evaluation.order, key=lambda row: evaluation.question.table.card_hour[row])

    region = evaluation.pool(cheapest_card).region
    assert printed(region, answer.candidate(cheapest_card)) == "CN-TJ 4,753 67.7 1,312/1,640"


@pytest.mark.parametrize(
    ("terabytes", "winners"),
    [
        (3, ["CN-GS", "CN-GD", "CN-SC", "CN-HA"]),
        (30, ["CN-HA", "CN-GD", "CN-SC", "CN-HA"]),
        (100, ["CN-HA", "CN-SH", "CN-SC", "CN-HA"]),
        (300, ["CN-HA", "CN-SH", "CN-SC", "CN-SH"]),
    ],
)
def test_data_draws_the_job_towards_itself(terabytes: int, winners: list[str], fleet: Snapshot) -> None:
    policies = (Policy.CHEAPEST, Policy.FASTEST, Policy.GREENEST, Policy.BALANCED)

    assert [promise(training_job(terabytes, policy), fleet)[0] for policy in policies] == winners


def test_100_terabytes_take_32_hours_on_10_gbps_and_none_where_they_are(fleet: Snapshot) -> None:
    answer = fleet.answer(Request.of(training_job(100, Policy.FASTEST)), NOON)
    hours = answer.evaluation.estimates.transfer / 3600
    row_of = {pool.region: row for row, pool in enumerate(fleet.pools)}

    assert f"{hours[row_of['CN-GS']]:.1f}" == "31.7"
    assert hours[row_of["CN-SH"]] == 0


@pytest.mark.parametrize("terabytes", [3, 30, 100, 300])
def test_every_candidate_has_the_figures_of_the_formulas(terabytes: int, fleet: Snapshot) -> None:
    evaluation = fleet.answer(Request.of(training_job(terabytes, Policy.CHEAPEST)), NOON).evaluation
    expected = training_figures(terabytes)

    assert {evaluation.pool(row).region for row in evaluation.order} == set(expected)
    for row in evaluation.order:
        assert found(evaluation, row) == pytest.approx(expected[evaluation.pool(row).region])


def found(evaluation: Evaluation, row: int) -> Figures:
    at = evaluation.estimates
    return Figures(
        cost=at.cost[row],
        done=at.done.expected[row] / 3600,
        market=at.emissions.kg_market[row],
        location=at.emissions.kg_location[row],
    )


def test_jobs_without_cards_have_a_table_of_their_own(fleet: Snapshot) -> None:
    evaluation = fleet.answer(Request.of(ensemble_job()), NOON).evaluation
    expected = ensemble_figures()

    assert len(evaluation.order) == 33
    for row in evaluation.order:
        assert found(evaluation, row) == pytest.approx(expected[evaluation.pool(row).region])


MEASURES: dict[Policy, Callable[[Figures], float]] = {
    Policy.CHEAPEST: lambda f: f.cost,
    Policy.FASTEST: lambda f: f.done,
    Policy.GREENEST: lambda f: f.market,
}


def evenly(everywhere: dict[str, Figures]) -> dict[str, float]:
    """Add up the three figures, each from 0 for the least to 1 for the most."""
    spans = {
        name: (min(measure(f) for f in everywhere.values()), max(measure(f) for f in everywhere.values()))
        for name, measure in MEASURES.items()
    }
    return {
        region: sum((MEASURES[name](f) - least) / (most - least) for name, (least, most) in spans.items())
        for region, f in everywhere.items()
    }


@pytest.mark.parametrize("policy", [Policy.CHEAPEST, Policy.FASTEST, Policy.GREENEST, Policy.BALANCED])
def test_the_winner_without_cards_is_the_best_by_the_formulas(policy: Policy, fleet: Snapshot) -> None:
    everywhere = ensemble_figures()
    scores = (
        evenly(everywhere)
        if policy is Policy.BALANCED
        else {region: MEASURES[policy](f) for region, f in everywhere.items()}
    )

    region, _ = promise(ensemble_job(policy), fleet)

    assert scores[region] == pytest.approx(min(scores.values()))
