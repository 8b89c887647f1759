"""What placing job by job costs beside the optimum, on a few of the bench's instances."""

import numpy as np
import pytest

from bench.placement_instances import Room, draw_instance
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


@pytest.mark.parametrize("room", Room)
def test_an_instance_is_always_the_same_and_has_as_much_room_as_is_asked_for(room: Room) -> None:
    found = draw_instance(3, room, teams=2)
    places = sum(pool.spec.limits.max_queued for pool in found.pools)

    assert found == draw_instance(3, room, teams=2)
    assert {job.namespace for job in found.jobs} == {"team-0", "team-1"}
    assert (places < len(found.jobs)) == (room is Room.SCARCE)
    assert (places >= len(found.jobs) * len(found.pools)) == (room is Room.AMPLE)


@pytest.mark.parametrize("seed", [2, 18, 20])
def test_what_the_hub_calls_is_within_three_per_cent_of_the_optimum_where_room_is_short(seed: int) -> None:
    found = measure(seed, Room.SHORT, teams=1)

    assert found.unplaced == 0
    assert 0 <= round(found.as_called, 9) < 0.03 < found.by_age


@pytest.mark.parametrize("teams", [1, 4])
def test_where_room_is_scarce_all_find_a_place_who_would_by_age_and_it_costs_less(teams: int) -> None:
    found = measure(2, Room.SCARCE, teams)

    assert 0 < found.placed < found.jobs
    assert found.unplaced == 0
    assert found.as_called < found.by_age


def test_with_room_for_all_every_job_gets_its_cheapest_pool() -> None:
    found = measure(3, Room.AMPLE, teams=1)

    assert [round(gap, 9) for gap in (found.bound, found.by_age, found.as_called)] == [0, 0, 0]
