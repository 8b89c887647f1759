"""What a pool charges: for what is allocated, at the prices of the hours in which it runs."""

from math import exp, hypot, log

import pytest

from computility.model.compute_job import Resources, Work
from computility.model.pool_facts import AllocationUnit, Measure, QueueWait, Source
from computility.model.tariff import PriceFactor, Tariff, TariffWindow
from support.builders import NOON, seconds
from support.placing import CARDS, HOUR, a_pool_with, a_request, cost, cost_ends, speed


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

    assert cost_ends(a_request(max_run_seconds=HOUR), pool) == pytest.approx([1, 10, 10])


def test_the_high_end_of_the_cost_is_that_of_a_long_run_into_a_dear_window() -> None:
    """Ten hours cost 1 each, all later ones 100; what is expected to take 9 h may take 13.6 h, or 6."""
    tariff = Tariff(per_core_hour="100", windows=(window(-1, 10, per_core_hour="1"),))
    pool = a_pool_with(tariff=tariff, benchmark=(speed(Measure.CORE, 1.0, Source.NOMINAL),))
    request = a_request(work=Work(reference_core_hours=9.0), max_run_seconds=24 * HOUR)

    factor = exp(hypot(log(1.5), log(1.08)))
    wanted = [9 / factor, 9, 10 + (9 * factor - 10) * 100]
    assert cost_ends(request, pool) == pytest.approx(wanted)
