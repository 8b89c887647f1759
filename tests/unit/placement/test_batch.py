"""The order of a batch, and how far from `order` a job looks."""

import pytest

from computility.model.compute_job import Resources
from computility.model.resource_pool import PoolLimits
from computility.placement.batch import dearest_first
from computility.placement.place import place
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from support.builders import NOON
from support.placing import a_pool_with, a_request, evaluate

ONE = PoolLimits(max_queued=1)
CHEAP, DEAR = a_pool_with("a", core_hour="1", limits=ONE), a_pool_with("b", core_hour="3", limits=ONE)


def jobs(*seconds: int) -> list[Request]:
    return [a_request(max_run_seconds=each) for each in seconds]


def cost(batch: list[Request], order: list[int]) -> float:
    """Add up what a batch costs when it is placed in an order."""
    live: dict[tuple[str, str], int] = {}
    snapshot = Snapshot(pools=(CHEAP, DEAR), live=live)
    total = 0.0
    for number in order:
        found = place(batch[number], snapshot, NOON).receipt.chosen
        assert found is not None
        live[found.member, found.pool] = 1
        total += float(found.cost)
    return total


def test_a_large_job_gets_the_cheap_pool_although_a_small_one_came_first() -> None:
    batch = jobs(3600, 36_000)
    order = dearest_first(batch, Snapshot(pools=(CHEAP, DEAR)), NOON)

    assert cost(batch, [0, 1]) == pytest.approx(1 + 30)
    assert cost(batch, order) == pytest.approx(10 + 3)


def test_equal_jobs_keep_the_order_in_which_they_came_and_what_fits_nowhere_comes_last() -> None:
    batch = [*jobs(60, 60), a_request(namespace="nobody", max_run_seconds=900), *jobs(60, 120)]

    assert dearest_first(batch, Snapshot(pools=(CHEAP,)), NOON) == [4, 0, 1, 3, 2]


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
