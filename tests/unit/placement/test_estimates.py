"""What a job would take at a pool: hours, money, energy, and where each figure comes from."""

from math import exp, hypot, log
from typing import Any

import msgspec
import pytest

from computility.model.compute_job import PlacementSpec, Policy, Requirements, Resources, Work
from computility.model.data_link import DataLinkSpec
from computility.model.job_work import DataInput, JobData, Measured
from computility.model.pool_facts import (
    AllocationUnit,
    Benchmark,
    Bound,
    Energy,
    Measure,
    Precision,
    QueueWait,
    Source,
    StartForecast,
)
from computility.model.resource_pool import Capacity, ResourcePoolStatus
from computility.model.tariff import PriceFactor, Tariff, TariffWindow
from computility.placement.answer import Answer
from computility.placement.estimates import Ends, Estimates
from computility.placement.facts import PoolFacts
from computility.placement.request import Request
from computility.placement.runs import scaling_spread
from computility.placement.waits import wait_basis
from support.builders import NOON, seconds
from support.placing import a_pool_with, a_request, evaluate

HOUR = 3600
CARDS = Resources(cards=8)
A_RUN = Measured(card_model="nvidia-h100", cards=8, seconds=HOUR)
EIGHT_HOURS_OF_A_CARD = Work(reference_card_hours=8.0)


def estimates(request: Request, pool: PoolFacts, *links: DataLinkSpec) -> Estimates:
    """Return what was estimated of one pool."""
    return evaluate(request, pool, links=links).estimates


def ends(found: Ends) -> list[float]:
    return [found.low[0], found.expected[0], found.high[0]]


def cost(request: Request, pool: PoolFacts, *links: DataLinkSpec) -> float:
    return float(estimates(request, pool, *links).cost.expected[0])


def a_link(start: str, end: str, gbps: float = 10, **fields: Any) -> DataLinkSpec:
    plain = DataLinkSpec(from_=start, to=end, gbps=float(gbps), usable_share=0.5)
    return msgspec.structs.replace(plain, **fields)


def data(**sizes: str) -> JobData:
    """Data by name, each `<size>@<place>`."""
    inputs = (
        DataInput(name=name, size=each.split("@")[0], at=each.split("@")[1]) for name, each in sizes.items()
    )
    return JobData(inputs=tuple(inputs))


def speed(measure: Measure, relative: float, source: Source = Source.MEASURED) -> Benchmark:
    return Benchmark(measure=measure, relative=relative, source=source)


# What is charged.


@pytest.mark.parametrize(
    ("unit", "resources", "expected"),
    [
        pytest.param(AllocationUnit.CORE, Resources(nodes=2, cpus_per_task=3), 2 * 3 * 2, id="cores"),
        pytest.param(
            AllocationUnit.NODE, Resources(nodes=2, cpus_per_task=3), 2 * (8 * 2 + 4 * 5), id="nodes"
        ),
        pytest.param(AllocationUnit.CORE, Resources(cards=2), 1 * 2 + 2 * 5, id="core-and-cards"),
        pytest.param(AllocationUnit.NODE, Resources(cards=2), 8 * 2 + 4 * 5, id="the-node-of-the-cards"),
    ],
)
def test_what_is_allocated_is_charged(unit: AllocationUnit, resources: Resources, expected: float) -> None:
    pool = a_pool_with(cores=8, cards=4, core_hour="2", card_hour="5", allocation_unit=unit)

    assert cost(a_request(resources=resources, max_run_seconds=HOUR), pool) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("user_class", "expected"),
    [("academic", 0.6 * 4), ("industry", 4), ("", 4)],
    ids=["in-it", "in-none", "none"],
)
def test_prices_are_those_of_the_class_of_user(user_class: str, expected: float) -> None:
    factors = (PriceFactor(user_class="academic", factor=0.6),)
    sale = window(0, 1, per_core_hour="3")
    pool = a_pool_with(tariff=Tariff(per_core_hour="1", factors=factors, windows=(sale,)))

    asked = a_request(max_run_seconds=2 * HOUR, user_class=user_class)

    assert cost(asked, pool) == pytest.approx(expected)


def window(start: float, end: float, **prices: str) -> TariffWindow:
    """A window between two hours from noon."""
    return TariffWindow(start=NOON + seconds(start * HOUR), end=NOON + seconds(end * HOUR), **prices)


@pytest.mark.parametrize(
    ("windows", "wait_hours", "expected"),
    [
        pytest.param((window(-2, -1, per_core_hour="1"),), 0, 40, id="over"),
        pytest.param((window(-1, 9, per_core_hour="1"),), 0, 4, id="all-of-the-run"),
        pytest.param((window(1, 2, per_core_hour="1"),), 0, 31, id="a-quarter-of-it"),
        pytest.param((window(-1, 9, per_card_hour="1"),), 0, 40, id="cards-alone"),
        pytest.param((window(0, 2, per_core_hour="1"),), 2, 40, id="over-when-the-run-begins"),
        pytest.param((window(2, 9, per_core_hour="1"),), 2, 4, id="begun-when-the-run-does"),
        pytest.param(
            (window(0, 2, per_core_hour="1"), window(1, 4, per_core_hour="5")), 0, 12, id="the-first-counts"
        ),
        pytest.param((window(0, 1, per_core_hour="0"), window(3, 9, per_core_hour="20")), 0, 40, id="both"),
    ],
)
def test_prices_are_those_of_the_hours_that_it_runs(
    windows: tuple[TariffWindow, ...], wait_hours: float, expected: float
) -> None:
    waits = (QueueWait(p50_seconds=wait_hours * HOUR, p95_seconds=wait_hours * HOUR),)
    pool = a_pool_with(tariff=Tariff(per_core_hour="10", windows=windows), queue_wait=waits)

    assert cost(a_request(max_run_seconds=4 * HOUR), pool) == pytest.approx(expected)


def test_cards_and_cores_have_windows_of_their_own() -> None:
    """Of four hours cards cost a tenth for one, cores half for two."""
    windows = (window(0, 1, per_core_hour="1", per_card_hour="1"), window(1, 2, per_core_hour="1"))
    tariff = Tariff(per_core_hour="2", per_card_hour="10", windows=windows)
    pool = a_pool_with(cards=8, tariff=tariff)

    found = cost(a_request(resources=CARDS, max_run_seconds=4 * HOUR), pool)
    assert found == pytest.approx((1 + 1 + 2 + 2) + 8 * (1 + 10 + 10 + 10))


def test_the_cost_lies_between_what_early_and_late_starts_cost() -> None:
    """Cheap for the first hour: at once it costs 1, after the median wait 10."""
    tariff = Tariff(per_core_hour="10", windows=(window(0, 1, per_core_hour="1"),))
    pool = a_pool_with(tariff=tariff, queue_wait=(QueueWait(p50_seconds=HOUR, p95_seconds=2 * HOUR),))

    assert ends(estimates(a_request(max_run_seconds=HOUR), pool).cost) == pytest.approx([1, 10, 10])


def test_the_high_end_of_the_cost_is_that_of_a_long_run_into_a_dear_window() -> None:
    """Ten hours cost 1 each, all later ones 100; what is expected to take 9 h may take 13.6 h, or 6."""
    tariff = Tariff(per_core_hour="100", windows=(window(-1, 10, per_core_hour="1"),))
    pool = a_pool_with(tariff=tariff, benchmark=(speed(Measure.CORE, 1.0, Source.NOMINAL),))
    request = a_request(work=Work(reference_core_hours=9.0), max_run_seconds=24 * HOUR)

    factor = exp(hypot(log(1.5), log(1.08)))
    wanted = [9 / factor, 9, 10 + (9 * factor - 10) * 100]
    assert ends(estimates(request, pool).cost) == pytest.approx(wanted)


# Run time.


@pytest.mark.parametrize(
    ("source", "factor"),
    [(Source.MEASURED, 1.1731), (Source.NOMINAL, 1.5110), (Source.ESTIMATED, 2.0086)],
)
def test_the_band_is_the_wider_the_less_the_figure_is_known(source: Source, factor: float) -> None:
    """1.15, 1.5 and 2 of the benchmark, and 1.08 of the cards: their logarithms add in squares."""
    pool = a_pool_with(cards=8, benchmark=(speed(Measure.BF16, 2.0, source),))
    run = estimates(a_request(resources=CARDS, work=EIGHT_HOURS_OF_A_CARD), pool).run

    expected = pytest.approx([1800 / factor, 1800, 1800 * factor], rel=1e-4)
    assert [run.low[0], run.expected[0], run.high[0]] == expected


@pytest.mark.parametrize(
    ("left", "factor"),
    [
        pytest.param(1.0, 1.0, id="nothing-is-lost"),
        pytest.param(0.9, 0.9 / 0.8, id="twice-as-much-may-be-lost"),
        pytest.param(0.6, 2.0, id="but-no-more-than-half-of-what-is-left"),
        pytest.param(0.4, 2.0, id="also-where-twice-as-much-is-all"),
    ],
)
def test_the_less_is_said_to_scale_the_wider_the_band(left: float, factor: float) -> None:
    request = a_request(resources=CARDS, work=Work(reference_card_hours=8.0, parallel_efficiency=left))

    assert scaling_spread(request) == pytest.approx(factor)
    pool = a_pool_with(cards=8, benchmark=(speed(Measure.BF16, 2.0, Source.MEASURED),))
    run = estimates(request, pool).run
    assert run.high[0] / run.expected[0] == pytest.approx(exp(hypot(log(1.1731), log(factor))), rel=1e-4)


@pytest.mark.parametrize(
    ("work", "precisions", "hours"),
    [
        pytest.param(EIGHT_HOURS_OF_A_CARD, (), 1 / 2, id="bf16-unless-said-otherwise"),
        pytest.param(EIGHT_HOURS_OF_A_CARD, ("fp64", "bf16"), 1 / 4, id="the-first-precision"),
        pytest.param(
            Work(reference_card_hours=8.0, bound=Bound.MEMORY_BANDWIDTH), (), 1 / 5, id="memory-bound"
        ),
        pytest.param(
            Work(reference_card_hours=8.0, parallel_efficiency=0.5), (), 1, id="half-of-the-speed-is-lost"
        ),
        pytest.param(
            Work(measured=Measured(card_model="hygon-z100", cards=16, seconds=HOUR)), (), 0.3, id="measured"
        ),
    ],
)
def test_the_benchmark_that_its_bound_names(work: Work, precisions: tuple[str, ...], hours: float) -> None:
    speeds = (speed(Measure.BF16, 2.0), speed(Measure.FP64, 4.0), speed(Measure.MEMORY_BANDWIDTH, 5.0))
    every = tuple(Precision)
    request = a_request(resources=CARDS, work=work)
    wanted = msgspec.structs.replace(request.requirements, precisions=tuple(map(Precision, precisions)))
    pool = a_pool_with(cards=8, precisions=every, benchmark=speeds)

    found = estimates(msgspec.structs.replace(request, requirements=wanted), pool)

    assert found.run.expected[0] == pytest.approx(hours * HOUR)


@pytest.mark.parametrize(
    ("card", "precision", "relative"),
    [
        ("nvidia-h100", Precision.FP64, 3.5),
        ("nvidia-h100", Precision.BF16, 2.4),
        ("nvidia-h100", Precision.FP16, 2.4),
        ("nvidia-h100", Precision.FP8, 4.8),
        ("nvidia-a100", Precision.INT8, 1.0),
    ],
)
def test_a_measured_run_takes_as_long_on_the_cards_that_it_was_measured_on(
    card: str, precision: Precision, relative: float
) -> None:
    work = Work(measured=Measured(card_model=card, cards=8, seconds=5 * HOUR))
    pool = a_pool_with(
        cards=8, precisions=(precision,), benchmark=(speed(Measure(precision.value), relative),)
    )
    request = a_request(resources=CARDS, work=work, requirements=Requirements(precisions=(precision,)))

    assert estimates(request, pool).run.expected[0] == pytest.approx(5 * HOUR)


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(Work(bound=Bound.MEMORY_BANDWIDTH, measured=A_RUN), id="memory-bandwidth"),
        pytest.param(
            Work(measured=msgspec.structs.replace(A_RUN, card_model="mine")), id="a-card-of-ones-own"
        ),
    ],
)
def test_a_run_on_a_card_whose_speed_nobody_knows_tells_no_work(work: Work) -> None:
    assert a_request(resources=CARDS, work=work).reference_seconds is None


def test_cores_are_compared_by_the_core() -> None:
    request = a_request(resources=Resources(cpus_per_task=8), work=Work(reference_core_hours=16.0))
    pool = a_pool_with(benchmark=(speed(Measure.CORE, 4.0), speed(Measure.BF16, 9.0)))

    assert estimates(request, pool).run.expected[0] == pytest.approx(HOUR / 2)


def test_what_a_reference_hour_costs_compares_cards_of_different_speed() -> None:
    """A card of twice the speed at three times the price is half as dear again."""
    pool = a_pool_with(cards=8, core_hour="0", card_hour="3", benchmark=(speed(Measure.BF16, 2.0),))

    found = estimates(a_request(resources=CARDS, work=EIGHT_HOURS_OF_A_CARD), pool)
    assert found.per_reference_hour[0] == pytest.approx(1.5)


def test_without_declared_work_the_cost_is_a_bound_and_there_is_no_band() -> None:
    pool = a_pool_with(core_hour="6")
    candidate = Answer(evaluate(a_request(max_run_seconds=1800), pool)).candidate(0)

    assert (candidate.cost, candidate.cost_range, candidate.per_reference_hour) == ("3", None, None)
    assert (candidate.run_seconds, candidate.run_basis) == (1800, "bound")


# Waiting.

CLASSES = (
    QueueWait(max_nodes=1, max_run_seconds=HOUR, p50_seconds=1, p95_seconds=10),
    QueueWait(max_nodes=4, p50_seconds=2, p95_seconds=20, source=Source.MEASURED),
    QueueWait(max_run_seconds=2 * HOUR, p50_seconds=3, p95_seconds=30, source=Source.ESTIMATED),
)


@pytest.mark.parametrize(
    ("nodes", "run_seconds", "waits", "basis"),
    [
        pytest.param(1, HOUR, (1, 10), "nominal", id="small-and-short"),
        pytest.param(1, HOUR + 1, (2, 20), "measured", id="small-and-long"),
        pytest.param(2, HOUR, (2, 20), "measured", id="larger"),
        pytest.param(5, 2 * HOUR, (3, 30), "estimated", id="large-and-short"),
        pytest.param(5, 2 * HOUR + 1, (0, 0), "free", id="of-no-class"),
    ],
)
def test_a_wait_is_that_of_the_first_class_that_covers_the_job(
    nodes: int, run_seconds: int, waits: tuple[float, float], basis: str
) -> None:
    request = a_request(resources=Resources(nodes=nodes), max_run_seconds=run_seconds)
    pool = a_pool_with(nodes=9, queue_wait=CLASSES)

    found = estimates(request, pool).wait
    assert (found.expected[0], found.high[0]) == waits
    assert wait_basis(pool, request, NOON, float(found.expected[0])) == basis


def test_pools_with_more_and_fewer_classes_stand_side_by_side() -> None:
    pools = (
        a_pool_with("a"),
        a_pool_with("b", queue_wait=CLASSES),
        a_pool_with("c", queue_wait=CLASSES[1:2]),
    )

    assert evaluate(a_request(), *pools).estimates.wait.expected.tolist() == [0, 1, 2]


def test_where_no_class_is_known_a_full_pool_is_worse_than_a_free_one() -> None:
    full = ResourcePoolStatus(
        observed_at=NOON, complete=True, total=Capacity(nodes=4, cores=32), used_by_others=Capacity(cores=32)
    )
    pool, request = a_pool_with(status=full), a_request(max_run_seconds=HOUR)

    found = estimates(request, pool).wait
    assert (found.expected[0], found.high[0]) == (HOUR, 2 * HOUR)
    assert wait_basis(pool, request, NOON, HOUR) == "unknown"


LATER = 4 * HOUR
OF_LATER = (QueueWait(min_start_seconds=HOUR, p50_seconds=7, p95_seconds=70), *CLASSES)


def told(*forecast: StartForecast, age: float = 0, nodes: int = 4) -> ResourcePoolStatus:
    total = Capacity(nodes=nodes, cores=8 * nodes)
    return ResourcePoolStatus(
        observed_at=NOON - seconds(age), complete=True, total=total, used_by_others=total, forecast=forecast
    )


def says(late: float | None, nodes: int = 4, run_seconds: int = HOUR) -> StartForecast:
    starts_at = None if late is None else NOON + seconds(late)
    return StartForecast(max_nodes=nodes, max_run_seconds=run_seconds, starts_at=starts_at)


@pytest.mark.parametrize(
    ("status", "waits", "waited", "basis"),
    [
        pytest.param(told(says(None)), CLASSES, (0, 60), "scheduler", id="at-once-whatever-others-waited"),
        pytest.param(told(says(LATER)), (), (LATER / 2, LATER), "scheduler", id="half-of-a-later-start"),
        pytest.param(told(says(-5)), (), (0.5, 1), "scheduler", id="what-is-over-is-not-yet-at-once"),
        pytest.param(told(says(LATER)), CLASSES, (10, 10), "scheduler", id="later-within-the-quantiles"),
        pytest.param(told(says(LATER)), OF_LATER, (7, 70), "scheduler", id="the-quantiles-of-such-a-start"),
        pytest.param(told(says(60)), OF_LATER, (10, 10), "scheduler", id="of-a-sooner-one-those-of-all"),
        pytest.param(told(says(LATER, 1), says(None)), (), (LATER / 2, LATER), "scheduler", id="the-first"),
        pytest.param(told(says(None, run_seconds=60)), CLASSES, (1, 10), "nominal", id="not-of-this-length"),
        pytest.param(told(says(None), age=601), CLASSES, (1, 10), "nominal", id="too-old"),
        pytest.param(told(says(None), age=600), CLASSES, (0, 60), "scheduler", id="just-not-too-old"),
        pytest.param(told(), OF_LATER, (1, 10), "nominal", id="nothing-is-said"),
    ],
)
def test_a_scheduler_that_says_when_a_job_would_start_goes_before_what_others_waited(
    status: ResourcePoolStatus,
    waits: tuple[QueueWait, ...],
    waited: tuple[float, float],
    basis: str,
) -> None:
    request = a_request(max_run_seconds=HOUR)
    pool = a_pool_with(status=status, queue_wait=waits)

    found = estimates(request, pool).wait
    assert (found.expected[0], found.high[0]) == waited
    assert wait_basis(pool, request, NOON, float(found.expected[0])) == basis


def test_a_scheduler_that_says_nothing_changes_nothing_for_the_pool_beside_it() -> None:
    silent, tells = a_pool_with("a", queue_wait=CLASSES), a_pool_with("b", status=told(says(None)))

    found = evaluate(a_request(max_run_seconds=HOUR), silent, tells).estimates.wait
    assert list(zip(found.expected.tolist(), found.high.tolist(), strict=True)) == [(1, 10), (0, 60)]


def test_a_high_end_that_is_declared_below_the_expected_wait_is_not_believed() -> None:
    pool = a_pool_with(queue_wait=(QueueWait(p50_seconds=5000, p95_seconds=10),))

    assert estimates(a_request(), pool).wait.high[0] == 5000


@pytest.mark.parametrize(("overlaps", "done"), [(False, 5 + 14 + 60), (True, 14 + 60)])
def test_waiting_and_transfer_add_up_unless_held_jobs_age(overlaps: bool, done: float) -> None:
    """7 GB over half of 8 Gbit/s take 14 s."""
    pool = a_pool_with(hold_accrues_age=overlaps, queue_wait=(QueueWait(p50_seconds=5, p95_seconds=5),))
    request = a_request(data=data(a="7G@CN-GS"))

    assert estimates(request, pool, a_link("CN-GS", "CN-SH", 8)).done.expected[0] == done


def test_with_data_done_reaches_from_the_transfer_alone_to_a_long_wait_beside_it() -> None:
    """7 GB take 14 s, a run 60 s; waits are of 5 s and 100 s."""
    pool = a_pool_with(queue_wait=(QueueWait(p50_seconds=5, p95_seconds=100),))

    found = estimates(a_request(data=data(a="7G@CN-GS")), pool, a_link("CN-GS", "CN-SH", 8)).done
    assert ends(found) == [14 + 60, 5 + 14 + 60, 100 + 14 + 60]


def test_done_reaches_from_no_wait_and_a_fast_run_to_a_long_wait_and_a_slow_one() -> None:
    pool = a_pool_with(
        cards=8,
        benchmark=(speed(Measure.BF16, 1.0, Source.ESTIMATED),),
        queue_wait=(QueueWait(p50_seconds=100, p95_seconds=1000),),
    )
    found = estimates(a_request(resources=CARDS, work=EIGHT_HOURS_OF_A_CARD), pool)

    factor = 2.0086  # of the benchmark and of the cards
    wanted = [HOUR / factor, 100 + HOUR, 1000 + factor * HOUR]
    assert ends(found.done) == pytest.approx(wanted, rel=1e-4)


# Data.


@pytest.mark.parametrize(
    ("places", "links", "took"),
    [
        pytest.param({"a": "5G@CN-SH"}, [], 0, id="in-the-same-region"),
        pytest.param({"a": "5G@member/alpha"}, [], 0, id="at-the-same-member"),
        pytest.param({"a": "5G@CN-GS"}, [a_link("CN-GS", "CN-SH")], 8, id="between-regions"),
        pytest.param({"a": "5G@CN-GS"}, [a_link("CN-SH", "CN-GS", both_ways=True)], 8, id="the-way-back"),
        pytest.param({"a": "5G@member/beta"}, [a_link("CN-NX", "CN-SH")], 8, id="from-a-members-region"),
        pytest.param(
            {"a": "5G@member/beta"},
            [a_link("CN-NX", "CN-SH", 1), a_link("member/beta", "CN-SH")],
            8,
            id="from-the-member-before-its-region",
        ),
        pytest.param(
            {"a": "5G@CN-GS"},
            [a_link("CN-GS", "CN-SH", 1), a_link("CN-GS", "member/alpha")],
            8,
            id="to-the-member-before-its-region",
        ),
        pytest.param(
            {"a": "5G@CN-GS", "b": "10G@CN-GS"},
            [a_link("CN-GS", "CN-SH")],
            24,
            id="one-after-another-on-one-way",
        ),
        pytest.param(
            {"a": "5G@CN-GS", "b": "10G@CN-HE"},
            [a_link("CN-GS", "CN-SH"), a_link("CN-HE", "CN-SH")],
            16,
            id="at-the-same-time-on-two",
        ),
        pytest.param(
            {"a": "5G@member/beta", "b": "5G@CN-NX"},
            [a_link("CN-NX", "CN-SH")],
            16,
            id="of-two-places-on-one",
        ),
        pytest.param({"a": "5G@CN-GS"}, [], None, id="no-link"),
        pytest.param({"a": "5G@CN-GS"}, [a_link("CN-SH", "CN-GS")], None, id="the-other-way-only"),
        pytest.param({"a": "5G@member/beta"}, [a_link("CN-SH", "CN-NX")], None, id="none-from-the-member"),
        pytest.param(
            {"a": "5G@CN-GS"},
            [a_link("CN-GS", "CN-SH", cost_per_gb="1", currency="USD")],
            None,
            id="a-price-that-cannot-be-added",
        ),
        pytest.param(
            {"a": "5G@CN-GS"}, [a_link("CN-GS", "CN-SH", currency="USD")], 8, id="free-in-any-currency"
        ),
    ],
)
def test_how_long_the_data_takes(
    places: dict[str, str], links: list[DataLinkSpec], took: float | None
) -> None:
    pools = a_pool_with("alpha"), a_pool_with("beta", region="CN-NX", namespaces=())
    evaluation = evaluate(a_request(data=data(**places)), *pools, links=tuple(links))

    transfer = float(evaluation.estimates.transfer[0])
    assert (None if transfer != transfer else transfer) == took
    assert evaluation.order == ([] if took is None else [0])


def test_what_the_data_costs_comes_on_top_once_for_all_runs() -> None:
    link = a_link("CN-GS", "CN-SH", cost_per_gb="0.5")
    request = a_request(data=data(a="6G@CN-GS"), max_run_seconds=HOUR, count=4)

    assert cost(request, a_pool_with(core_hour="10"), link) == pytest.approx(4 * 10 + 3)


# Arrays.


@pytest.mark.parametrize(
    ("count", "at_once", "cores", "rounds"),
    [
        pytest.param(1, None, 1, 1, id="one"),
        pytest.param(32, None, 1, 1, id="all-at-once"),
        pytest.param(33, None, 1, 2, id="one-is-left-over"),
        pytest.param(100, None, 1, 4, id="many"),
        pytest.param(9, 2, 1, 5, id="two-at-once-by-its-own-wish"),
        pytest.param(100, 1000, 1, 4, id="no-more-at-once-than-there-are"),
        pytest.param(19, None, 5, 5, id="one-on-each-node-and-three-cores-are-left-over-there"),
    ],
)
def test_an_array_runs_in_rounds(count: int, at_once: int | None, cores: int, rounds: int) -> None:
    """On 32 cores."""
    request = a_request(count=count, max_concurrent=at_once, resources=Resources(cpus_per_task=cores))
    found = estimates(request, a_pool_with(nodes=4, cores=8))

    assert found.done.expected[0] == rounds * 60


def test_cards_of_one_run_are_on_one_node() -> None:
    """Ten nodes of eight cards take ten runs of five, not sixteen."""
    request = a_request(count=100, resources=Resources(cards=5))

    assert estimates(request, a_pool_with(nodes=10, cards=8)).at_once[0] == 10


# Energy.

PROFILE = Energy(grid_kg_per_kwh=0.5, green_share=0.75, pue=1.2, watts_per_card=500, watts_per_core=10)


@pytest.mark.parametrize(
    ("resources", "watts"),
    [
        pytest.param(Resources(cards=8, cpus_per_task=4), 8 * 500, id="a-cards-figure-has-its-node-in-it"),
        pytest.param(Resources(nodes=2, cpus_per_task=4), 2 * 4 * 10, id="cores"),
    ],
)
def test_what_it_emits_by_both_methods(resources: Resources, watts: float) -> None:
    request = a_request(resources=resources, max_run_seconds=2 * HOUR, count=3)

    found = estimates(request, a_pool_with(cards=8, energy=PROFILE)).emissions
    assert found.kwh[0] == pytest.approx(3 * 2 * watts / 1000 * 1.2)
    assert found.kg_location[0] == pytest.approx(found.kwh[0] * 0.5)
    assert found.kg_market[0] == pytest.approx(found.kwh[0] * 0.5 * 0.25)


@pytest.mark.parametrize("energy", [None, Energy(grid_kg_per_kwh=0.5, watts_per_card=450)])
def test_a_pool_that_does_not_tell_what_a_core_draws_has_no_co2_on_the_receipt(energy: Energy | None) -> None:
    candidate = Answer(evaluate(a_request(), a_pool_with(energy=energy))).candidate(0)

    assert (candidate.kg_co2_market, candidate.kg_co2_location) == (None, None)


# Policies.


@pytest.mark.parametrize(
    ("policy", "weights", "winner"),
    [
        (Policy.CHEAPEST, {}, "cheap"),
        (Policy.FASTEST, {}, "fast"),
        (Policy.GREENEST, {}, "green"),
        (Policy.BALANCED, {}, "even"),
        (Policy.CUSTOM, {"cost": 1}, "cheap"),
        (Policy.CUSTOM, {"done": 2}, "fast"),
        (Policy.CUSTOM, {"carbon": 0.1}, "green"),
        (Policy.CUSTOM, {"done": 1e-9}, "fast"),
        (Policy.CUSTOM, {"cost": 1, "done": 1, "carbon": 1}, "even"),
    ],
)
def test_what_each_policy_goes_by(policy: Policy, weights: dict[str, float], winner: str) -> None:
    pools = {"cheap": (1, 100, 1.0), "fast": (10, 0, 1.0), "green": (10, 100, 0.0), "even": (4, 20, 0.3)}
    facts = [
        a_pool_with(
            name,
            core_hour=str(price),
            queue_wait=(QueueWait(p50_seconds=wait, p95_seconds=wait),),
            energy=msgspec.structs.replace(PROFILE, grid_kg_per_kwh=grid),
        )
        for name, (price, wait, grid) in pools.items()
    ]
    wish = PlacementSpec(policy=policy)
    wish = msgspec.structs.replace(wish, weights=msgspec.structs.replace(wish.weights, **weights))
    evaluation = evaluate(a_request(placement=wish, max_run_seconds=HOUR), *facts)

    assert evaluation.pool(evaluation.order[0]).member == winner


def test_ties_go_to_the_first_by_member_and_pool() -> None:
    pools = [a_pool_with("b", pool="x"), a_pool_with("a", pool="z"), a_pool_with("a", pool="y")]
    evaluation = evaluate(a_request(), *pools)

    assert [evaluation.pool(row).key for row in evaluation.order] == [("a", "y"), ("a", "z"), ("b", "x")]


def test_a_difference_below_what_amounts_are_rounded_to_is_a_tie() -> None:
    pools = [a_pool_with("a", core_hour="0.1000001"), a_pool_with("b", core_hour="0.1")]

    assert evaluate(a_request(), *pools).order == [0, 1]
