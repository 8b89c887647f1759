"""The ends of a cost, beside a scan of every minute at which the runs may start."""

from datetime import timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from computility.model.compute_job import Work
from computility.model.pool_facts import Benchmark, Measure, QueueWait, Source
from computility.model.tariff import PriceFactor, Tariff, TariffWindow
from computility.placement.facts import PoolFacts
from computility.placement.request import Request
from support.builders import NOON
from support.placing import a_pool_with, a_request, cost_band_of, evaluate

HOUR = 3600
MINUTES = 8 * 24 * 60
"""The scan's horizon, which all waits and runs below end in."""
ZONES = [timezone(timedelta(hours=hours)) for hours in (-11, 0, 5.5, 8)]

prices = st.none() | st.integers(0, 50).map(str)


@st.composite
def windows(draw: st.DrawFn) -> TariffWindow:
    """A window of whole minutes, from a day before noon to four days after, written in some zone."""
    start = draw(st.integers(-1440, MINUTES // 2))
    zone = draw(st.sampled_from(ZONES))
    length = draw(st.integers(1, 3000))
    begin = (NOON + timedelta(minutes=start)).astimezone(zone)
    return TariffWindow(
        start=begin, end=begin + timedelta(minutes=length), per_core_hour=draw(prices), per_card_hour=None
    )


tariffs = st.builds(
    Tariff,
    per_core_hour=st.integers(0, 50).map(str),
    windows=st.lists(windows(), min_size=3, max_size=32).map(tuple),
    factors=st.just((PriceFactor(user_class="academic", factor=0.5),)),
)
waits = st.builds(QueueWait, p50_seconds=st.integers(0, 86400), p95_seconds=st.integers(86400, 3 * 86400))
requests = st.builds(
    a_request,
    max_run_seconds=st.sampled_from([3600, 7200, 86400]),
    work=st.none() | st.floats(0.01, 10).map(lambda hours: Work(reference_core_hours=hours)),
    user_class=st.sampled_from(["", "academic"]),
    count=st.sampled_from([1, 40]),
)


def paint(tariff: Tariff, factor: float) -> NDArray[np.float64]:
    """Return what a core costs from noon to the end of each minute; of two windows the first counts."""
    of_minutes = np.full(MINUTES, float(tariff.per_core_hour))
    for window in reversed(tariff.windows):
        begin, end = (int((edge - NOON).total_seconds() / 60) for edge in (window.start, window.end))
        usual = tariff.per_core_hour if window.per_core_hour is None else window.per_core_hour
        of_minutes[max(0, begin) : max(0, end)] = float(usual)
    return np.concatenate([[0.0], np.cumsum(of_minutes)]) / 60 * factor


def scan(request: Request, pool: PoolFacts) -> tuple[float, float, float]:
    """Return the least and the most of all minutes and some lengths, and what a minute can make of it."""
    factor = 0.5 if request.user_class else 1.0
    paid = paint(pool.spec.tariff, factor)
    found = evaluate(request, pool).estimates
    rounds, latest = float(found.rounds[0]), float(found.start.high[0])
    starts = np.append(np.arange(0, latest, 60), latest)
    grid = np.arange(MINUTES + 1) * 60.0
    costs = [
        np.interp(starts + rounds * run, grid, paid) - np.interp(starts, grid, paid)
        for run in np.linspace(found.run.low[0], found.run.high[0], 5)
    ]
    per_index = request.count / rounds
    slack = np.diff(paid).max() * per_index
    return float(np.min(costs)) * per_index, float(np.max(costs)) * per_index, float(slack)


@given(requests, tariffs, waits)
def test_no_start_costs_less_or_more_and_the_ends_are_reached(
    request: Request, tariff: Tariff, wait: QueueWait
) -> None:
    speed = Benchmark(measure=Measure.CORE, relative=1.0, source=Source.NOMINAL)
    pool = a_pool_with(tariff=tariff, queue_wait=(wait,), benchmark=(speed,))

    band = cost_band_of(request, pool)
    least, most, slack = scan(request, pool)

    assert band.low <= least + 1e-6
    assert band.high >= most - 1e-6
    assert least - band.low <= slack + 1e-6
    assert band.high - most <= slack + 1e-6


def test_a_window_between_the_starts_that_were_known_before_is_found() -> None:
    """An hour's run may start at once, in 2 h or in 6: it costs 10 at each, and less or more in between."""
    cheap = TariffWindow(start=NOON + timedelta(hours=3), end=NOON + timedelta(hours=5), per_core_hour="1")
    steep = TariffWindow(start=NOON + timedelta(hours=5), end=NOON + timedelta(hours=5.5), per_core_hour="30")
    tariff = Tariff(per_core_hour="10", windows=(cheap, steep))
    pool = a_pool_with(tariff=tariff, queue_wait=(QueueWait(p50_seconds=2 * HOUR, p95_seconds=6 * HOUR),))

    band = cost_band_of(a_request(max_run_seconds=HOUR), pool)

    assert band == pytest.approx((1, 20))


def test_the_cheapest_run_may_be_one_that_ends_with_a_window() -> None:
    """Of two hours one costs 10 and one 1 at the least; after the cheap hour each costs 20."""
    cheap = TariffWindow(start=NOON + timedelta(hours=2), end=NOON + timedelta(hours=3), per_core_hour="1")
    steep = TariffWindow(start=NOON + timedelta(hours=3), end=NOON + timedelta(hours=30), per_core_hour="20")
    tariff = Tariff(per_core_hour="10", windows=(cheap, steep))
    pool = a_pool_with(tariff=tariff, queue_wait=(QueueWait(p50_seconds=0, p95_seconds=6 * HOUR),))

    assert cost_band_of(a_request(max_run_seconds=2 * HOUR), pool) == pytest.approx((11, 40))


def test_where_no_run_time_is_known_neither_end_is() -> None:
    request = a_request(work=Work(reference_core_hours=1.0))

    assert np.isnan(cost_band_of(request, a_pool_with())).all()


def test_an_array_in_rounds_is_charged_for_the_hours_that_all_of_it_spans() -> None:
    """Two rounds of an hour on 32 cores: the first at 1, the second at 3."""
    begin = NOON + timedelta(hours=1)
    later = TariffWindow(start=begin, end=begin + timedelta(days=1), per_core_hour="3")
    pool = a_pool_with(tariff=Tariff(per_core_hour="1", windows=(later,)))

    assert cost_band_of(a_request(count=64, max_run_seconds=HOUR), pool) == pytest.approx((128, 128))
