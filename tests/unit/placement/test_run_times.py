"""How long a job runs at a pool: its work, the benchmark that its bound names, and the band."""

from math import exp, hypot, log

import msgspec
import pytest

from computility.model.compute_job import Requirements, Resources, Work
from computility.model.job_work import Measured
from computility.model.pool_facts import Bound, Measure, Precision, Source
from computility.placement.answer import Answer
from computility.placement.runs import scaling_spread
from support.placing import CARDS, HOUR, a_pool_with, a_request, bf16, estimates, evaluate, speed

A_RUN = Measured(card_model="nvidia-h100", cards=8, seconds=HOUR)
EIGHT_HOURS_OF_A_CARD = Work(reference_card_hours=8.0)


@pytest.mark.parametrize(
    ("source", "factor"),
    [(Source.MEASURED, 1.1731), (Source.NOMINAL, 1.5110), (Source.ESTIMATED, 2.0086)],
)
def test_the_band_is_the_wider_the_less_the_figure_is_known(source: Source, factor: float) -> None:
    """1.15, 1.5 and 2 of the benchmark, and 1.08 of the cards: their logarithms add in squares."""
    pool = a_pool_with(cards=8, benchmark=bf16(2.0, source))
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
    pool = a_pool_with(cards=8, benchmark=bf16(2.0))
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
    pool = a_pool_with(cards=8, core_hour="0", card_hour="3", benchmark=bf16(2.0))

    found = estimates(a_request(resources=CARDS, work=EIGHT_HOURS_OF_A_CARD), pool)
    assert found.per_reference_hour[0] == pytest.approx(1.5)


def test_without_declared_work_the_cost_is_a_bound_and_there_is_no_band() -> None:
    pool = a_pool_with(core_hour="6")
    candidate = Answer(evaluate(a_request(max_run_seconds=1800), pool)).candidate(0)

    assert (candidate.cost, candidate.cost_range, candidate.per_reference_hour) == ("3", None, None)
    assert (candidate.run_seconds, candidate.run_basis) == (1800, "bound")
