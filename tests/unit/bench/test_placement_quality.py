"""What placing job by job costs beside the optimum, on a few of the bench's instances."""

import numpy as np
import pytest

from bench.placement_instances import draw_instance
from bench.placement_optimum import Optimum, cheapest_assignment
from bench.placement_quality import measure

NO = np.inf


@pytest.mark.parametrize(
    ("costs", "rooms", "best"),
    [
        pytest.param([[1, 3], [2, 9]], [1, 1], Optimum(5, 0), id="not-each-its-own-cheapest"),
        pytest.param([[1, 3], [2, 9]], [2, 0], Optimum(3, 0), id="room-for-two"),
        pytest.param([[1, NO], [2, NO]], [1, 5], Optimum(1, 1), id="one-has-no-place"),
        pytest.param([[NO, NO], [2, 1]], [1, 1], Optimum(1, 1), id="one-fits-nowhere"),
    ],
)
def test_the_optimum_by_hand(costs: list[list[float]], rooms: list[int], best: Optimum) -> None:
    assert cheapest_assignment(np.array(costs), np.array(rooms)) == best


def test_half_of_the_instances_are_tight_and_an_instance_is_always_the_same() -> None:
    assert [draw_instance(seed).is_tight for seed in range(4)] == [True, False, True, False]
    assert draw_instance(3) == draw_instance(3)


@pytest.mark.parametrize("seed", [2, 18, 20])
def test_dearest_first_is_within_three_per_cent_of_the_optimum_where_room_is_short(seed: int) -> None:
    found = measure(seed)

    assert found.is_tight
    assert found.unplaced == 0
    assert 0 <= round(found.dearest_first, 9) < 0.03 < found.arrival


def test_with_room_for_all_every_job_gets_its_cheapest_pool() -> None:
    found = measure(3)

    assert [round(gap, 9) for gap in (found.bound, found.arrival, found.dearest_first)] == [0, 0, 0]
