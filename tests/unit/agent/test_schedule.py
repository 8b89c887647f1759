"""When an attempt is taken, and by whom."""

from computility.agent.schedule import RETRY_CAP_SECONDS, Schedule
from support.builders import NOON, seconds


def test_what_is_woken_is_taken_once() -> None:
    schedule = Schedule()
    schedule.wake(["a", "b"], NOON)

    assert schedule.take_decisions(NOON) == {"a", "b"}
    assert schedule.take_decisions(NOON) == set()


def test_a_name_that_is_taken_is_nobody_elses_until_it_is_done() -> None:
    schedule = Schedule()
    schedule.wake(["a"], NOON)
    schedule.take_decisions(NOON)
    schedule.wake(["a"], NOON)
    schedule.look("a", NOON)

    assert schedule.take_decisions(NOON) == set()
    assert schedule.take_looks(NOON) == set()
    assert schedule.next_at() is None

    schedule.done(["a"])
    assert schedule.take_looks(NOON) == {"a"}


def test_a_look_is_taken_when_it_is_due_and_not_before() -> None:
    schedule = Schedule()
    schedule.look("a", NOON + seconds(10))

    assert schedule.take_looks(NOON + seconds(9)) == set()
    assert schedule.next_at() == NOON + seconds(10)
    assert schedule.take_looks(NOON + seconds(10)) == {"a"}


def test_looks_that_are_due_within_the_gap_go_together() -> None:
    schedule = Schedule(look_gap=seconds(0.2))
    schedule.look("a", NOON)
    schedule.take_looks(NOON)
    schedule.look("b", NOON + seconds(0.05))
    schedule.look("c", NOON + seconds(0.15))

    assert schedule.take_looks(NOON + seconds(0.16)) == set()
    assert schedule.next_at() == NOON + seconds(0.2)
    assert schedule.take_looks(NOON + seconds(0.2)) == {"b", "c"}


def test_a_look_decides_too_so_that_a_wake_beside_it_is_spent() -> None:
    schedule = Schedule()
    schedule.wake(["a"], NOON)
    schedule.look("a", NOON)

    assert schedule.take_looks(NOON) == {"a"}
    schedule.done(["a"])
    assert schedule.take_decisions(NOON) == set()


def test_a_look_can_be_called_off() -> None:
    schedule = Schedule()
    schedule.look("a", NOON)
    schedule.look("a", None)

    assert schedule.next_at() is None


def test_retries_grow_further_apart_up_to_a_bound_and_start_afresh_after_a_success() -> None:
    schedule = Schedule()
    waits = [wait_for_retry(schedule) for _ in range(12)]

    assert waits[0] <= seconds(0.2)
    assert seconds(RETRY_CAP_SECONDS / 2) <= waits[-1] <= seconds(RETRY_CAP_SECONDS)
    schedule.succeed("a")
    assert wait_for_retry(schedule) <= seconds(0.2)


def wait_for_retry(schedule: Schedule):
    schedule.retry("a", NOON)
    at = schedule.next_at()
    assert at is not None
    return at - NOON
