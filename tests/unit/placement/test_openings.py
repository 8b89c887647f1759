"""When a pool that is too dear falls below the cap, beside a scan of moments in plain numbers."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.model.compute_job import PlacementSpec, Resources
from computility.model.pool_facts import AllocationUnit, QueueWait
from computility.model.tariff import Tariff, TariffWindow
from computility.placement.facts import PoolFacts
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from support.builders import NOON
from support.placing import a_pool_with, a_request
from support.scalar_placement import fits

HOUR = 3600
HOURS = timedelta(hours=1)


def opening(
    request: Request, *pools: PoolFacts, avoid: frozenset[tuple[str, str]] = frozenset()
) -> datetime | None:
    """Return when the first of some pools falls below the caps, as it is foreseen at noon."""
    return Snapshot(pools=pools).answer(request, NOON).prospects(avoid).opens_at


def window(start: float, end: float, **prices: str) -> TariffWindow:
    """A window between two hours from noon."""
    return TariffWindow(start=NOON + start * HOURS, end=NOON + end * HOURS, **prices)


def by_night(name: str = "alpha", begin: float = 10, **facts: Any) -> PoolFacts:
    """A pool whose core-hours cost 10, and 1 for eight hours from so many hours after noon."""
    tariff = Tariff(per_core_hour="10", windows=(window(begin, begin + 8, per_core_hour="1"),))
    return a_pool_with(name, tariff=tariff, valid_seconds=10**6, **facts)


def capped(at: str, hours: float = 1, **fields: Any) -> Request:
    placement = PlacementSpec(max_price_per_core_hour=at)
    return a_request(max_run_seconds=int(hours * HOUR), placement=placement, **fields)


@pytest.mark.parametrize(
    ("request_", "pools", "hours"),
    [
        pytest.param(capped("1"), [by_night()], 10, id="when-all-of-the-run-is-in-the-window"),
        pytest.param(capped("5.5", 2), [by_night()], 9, id="before-it-begins-where-half-of-the-run-will-do"),
        pytest.param(capped("1"), [by_night(), by_night("beta", 4)], 4, id="at-the-first-of-several"),
        pytest.param(capped("0.5"), [by_night()], None, id="never-where-the-cap-is-below-all-prices"),
        pytest.param(capped("1", 9), [by_night()], None, id="never-where-the-run-is-longer-than-the-window"),
        pytest.param(a_request(), [by_night()], None, id="nothing-for-who-has-no-cap"),
        pytest.param(
            capped("1"),
            [by_night(queue_wait=(QueueWait(p50_seconds=HOUR, p95_seconds=HOUR),))],
            9,
            id="an-hour-before-where-jobs-wait-an-hour",
        ),
        pytest.param(
            capped("1", resources=Resources(nodes=9)), [by_night()], None, id="not-where-else-is-amiss"
        ),
        pytest.param(
            capped("1", deadline=NOON + 11 * HOURS), [by_night()], 10, id="in-time-for-the-deadline"
        ),
        pytest.param(
            capped("1", deadline=NOON + 10.5 * HOURS), [by_night()], None, id="not-too-late-for-the-deadline"
        ),
    ],
)
def test_the_first_second_at_which_it_fits(
    request_: Request, pools: list[PoolFacts], hours: float | None
) -> None:
    assert opening(request_, *pools) == (None if hours is None else NOON + hours * HOURS)


def test_a_pool_that_was_tried_before_does_not_count() -> None:
    assert opening(capped("1"), by_night(), avoid=frozenset({("alpha", "cpu")})) is None


def test_both_caps_have_to_be_kept() -> None:
    """Cores are cheap from 2 h on, cards from 4 h on."""
    windows = (window(2, 4, per_core_hour="1"), window(4, 6, per_core_hour="1", per_card_hour="1"))
    tariff = Tariff(per_core_hour="10", per_card_hour="10", windows=windows)
    pool = a_pool_with(cards=1, tariff=tariff, valid_seconds=10**6)
    caps = PlacementSpec(max_price_per_core_hour="2", max_price_per_card_hour="2")
    request = a_request(max_run_seconds=HOUR, placement=caps, resources=Resources(cards=1))

    assert opening(request, pool) == NOON + timedelta(hours=4) - timedelta(seconds=400)


def test_a_price_that_looks_equal_to_the_cap_opens_as_it_would_fit() -> None:
    """A third of 1 is above 0.333333, but not by what is said of prices."""
    tariff = Tariff(per_card_hour="10", windows=(window(10, 18, per_card_hour="1"),))
    whole = {"cores": 3, "cards": 1, "card_model": "k100", "allocation_unit": AllocationUnit.NODE}
    pool = a_pool_with(tariff=tariff, valid_seconds=10**6, **whole)

    assert opening(capped("0.333333"), pool) == NOON + 10 * HOURS
    assert opening(capped("0.333332"), pool) is None


def test_an_answer_is_not_used_again_once_a_window_has_made_it_another() -> None:
    snapshot, request = Snapshot(pools=(by_night(begin=1 / HOUR),)), capped("1")
    before = snapshot.answer(request, NOON)
    later = NOON + timedelta(seconds=1)
    unasked = snapshot.answer(request, later)
    opens_at = before.prospects(frozenset()).opens_at
    after = snapshot.answer(request, later)

    assert unasked is before
    assert opens_at == later
    assert (len(before.evaluation.fitting), len(after.evaluation.fitting)) == (0, 1)


tariffs = st.builds(
    Tariff,
    per_core_hour=st.integers(5, 20).map(str),
    windows=st.lists(
        st.builds(
            lambda start, length, price: window(start / 60, (start + length) / 60, per_core_hour=str(price)),
            st.integers(-100, 1000),
            st.integers(1, 400),
            st.integers(0, 20),
        ),
        max_size=32,
    ).map(tuple),
)
requests = st.builds(
    capped,
    st.integers(0, 10).map(str),
    st.sampled_from([1 / 60, 0.5, 1, 3]),
    deadline=st.none() | st.integers(1, 20).map(lambda hours: NOON + hours * HOURS),
)


@given(requests, st.lists(tariffs, min_size=1, max_size=3), st.integers(0, 60))
def test_nothing_fits_before_it_and_something_does_then(
    request_: Request, offers: list[Tariff], wait_minutes: int
) -> None:
    wait = QueueWait(p50_seconds=60 * wait_minutes, p95_seconds=60 * wait_minutes)
    pools = [
        a_pool_with(f"m{n}", tariff=tariff, queue_wait=(wait,), valid_seconds=10**6)
        for n, tariff in enumerate(offers)
    ]
    is_dear = not any(fits(request_, pool, (), NOON) for pool in pools)
    found = opening(request_, *pools)
    moments = [NOON + timedelta(minutes=n) for n in range(1, 1500, 3)]
    fitting = [at for at in moments if any(fits(request_, pool, (), at) for pool in pools)]

    if found is not None:
        assert any(fits(without_deadline(request_), pool, (), found) for pool in pools)
    if is_dear and fitting:
        assert found is not None
        assert found <= fitting[0]
    if is_dear and found is not None:
        before = found - timedelta(seconds=1)
        assert before == NOON or not any(fits(request_, pool, (), before) for pool in pools)


def without_deadline(request: Request) -> Request:
    return msgspec.structs.replace(request, deadline=None)
