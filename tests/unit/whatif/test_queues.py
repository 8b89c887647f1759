"""One pool's queue, and the lines at the hub."""

import pytest

from computility.whatif.backlog import Backlog
from computility.whatif.pool_queue import PoolQueue, Task
from computility.whatif.trace import Shape
from support.replays import a_site

ONE_CORE, WHOLE = Shape(1, 1, 0), Shape(1, 4, 0)


@pytest.fixture
def pool() -> PoolQueue:
    """Four cores, empty."""
    return PoolQueue(0, a_site("a"))


def start(pool: PoolQueue, shape: Shape, seconds: float, now: float) -> Task:
    pool.take(pool.task(0, shape, seconds))
    started = pool.start_next(now)
    assert started is not None
    return started


def test_a_job_that_would_start_waits_for_nothing(pool: PoolQueue) -> None:
    start(pool, ONE_CORE, 100, now=0)

    assert pool.wait_seconds(ONE_CORE, 0) == 0


def test_a_job_waits_for_what_is_left_of_those_that_run_spread_over_the_pool(pool: PoolQueue) -> None:
    start(pool, ONE_CORE, 100, now=0)

    assert pool.wait_seconds(WHOLE, 0) == pytest.approx(25)
    assert pool.wait_seconds(WHOLE, 60) == pytest.approx(10)


def test_what_has_ended_is_waited_for_no_more(pool: PoolQueue) -> None:
    first, second = start(pool, ONE_CORE, 100, now=0), start(pool, ONE_CORE, 300, now=0)
    pool.end(first, 100)

    assert pool.wait_seconds(WHOLE, 200) == pytest.approx(25)
    pool.end(second, 300)
    assert pool.wait_seconds(WHOLE, 300) == 0


def test_a_job_waits_for_those_that_wait_before_it(pool: PoolQueue) -> None:
    start(pool, ONE_CORE, 100, now=0)
    pool.take(pool.task(1, WHOLE, 1000))

    assert pool.wait_seconds(ONE_CORE, 0) == pytest.approx(25 + 1000)


def test_a_share_of_a_pool_is_the_larger_of_cores_and_cards() -> None:
    pool = PoolQueue(0, a_site("a", cores=8, cards=4))

    assert pool.task(0, Shape(1, 1, 3), 1).share == 0.75
    assert pool.task(0, Shape(1, 7, 1), 1).share == 7 / 8


def test_a_pool_has_room_until_as_many_are_there_as_it_takes() -> None:
    pool = PoolQueue(0, a_site("a", max_queued=1))
    task = start(pool, ONE_CORE, 100, now=0)

    assert not pool.has_room
    pool.end(task, 100)
    assert pool.has_room


def test_the_first_who_fits_a_pool_gets_its_place_in_whichever_line() -> None:
    backlog = Backlog()
    backlog.join([1], 0)
    backlog.join([0, 1], 1)
    backlog.join([0], 2)
    backlog.join([1], 3)

    assert [backlog.next_for(0), backlog.next_for(1), backlog.next_for(1), backlog.next_for(1)] == [
        1,
        0,
        3,
        None,
    ]
    assert backlog.count == 1
