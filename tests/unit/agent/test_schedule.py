"""When an attempt is taken, with whom, and what waits for what."""

from computility.agent.schedule import RETRY_CAP_SECONDS, Batch, Schedule
from support.builders import NOON, seconds

MANY = 100


def a_schedule() -> Schedule:
    """Build a schedule whose lanes are the first letters of names."""
    return Schedule(lambda name: name[0], look_gap=seconds(0.2))


def a_batch(lane: str, looks: str = "", decisions: str = "") -> Batch:
    return Batch(lane, set(looks.split()), set(decisions.split()))


def test_what_is_woken_is_taken_once() -> None:
    schedule = a_schedule()
    schedule.wake(["a1", "a2"], NOON)

    (batch,) = schedule.take(NOON, MANY)
    schedule.done(batch)

    assert batch == a_batch("a", decisions="a1 a2")
    assert schedule.take(NOON, MANY) == []


def test_while_a_lane_is_taken_nothing_more_of_it_is_and_all_of_it_comes_when_it_is_done() -> None:
    schedule = a_schedule()
    schedule.wake(["a1"], NOON)
    (batch,) = schedule.take(NOON, MANY)
    schedule.wake(["a1", "a2"], NOON)
    schedule.look("a3", NOON)

    assert schedule.take(NOON, MANY) == []
    assert schedule.next_at() is None

    schedule.done(batch)
    assert schedule.next_at() == NOON
    assert schedule.take(NOON, MANY) == [a_batch("a", looks="a3", decisions="a1 a2")]


def test_a_lane_does_not_wait_for_another() -> None:
    schedule = a_schedule()
    schedule.look("a1", NOON)
    schedule.take(NOON, MANY)
    schedule.look("b1", NOON)

    assert schedule.next_at() == NOON
    assert schedule.take(NOON, MANY) == [a_batch("b", looks="b1")]


def test_a_name_that_is_taken_is_nobody_elses_although_its_lane_changes() -> None:
    lanes = {"n": ""}
    schedule = Schedule(lambda name: lanes[name])
    schedule.wake(["n"], NOON)
    (batch,) = schedule.take(NOON, MANY)
    lanes["n"] = "alice"
    schedule.wake(["n"], NOON)

    assert schedule.take(NOON, MANY) == []
    assert schedule.next_at() is None
    schedule.done(batch)
    assert schedule.take(NOON, MANY) == [a_batch("alice", decisions="n")]


def test_of_more_lanes_than_may_be_taken_those_come_first_that_waited_longest() -> None:
    schedule = a_schedule()
    for ago, name in enumerate(["c1", "a1", "b1"]):
        schedule.look(name, NOON - seconds(ago))

    assert [batch.lane for batch in schedule.take(NOON, 2)] == ["b", "a"]
    assert schedule.next_at() == NOON
    assert [batch.lane for batch in schedule.take(NOON, 2)] == ["c"]


def test_a_look_is_taken_when_it_is_due_and_not_before() -> None:
    schedule = a_schedule()
    schedule.look("a1", NOON + seconds(10))

    assert schedule.take(NOON + seconds(9), MANY) == []
    assert schedule.next_at() == NOON + seconds(10)
    assert schedule.take(NOON + seconds(10), MANY) == [a_batch("a", looks="a1")]


def test_looks_of_a_lane_that_are_due_within_the_gap_go_together() -> None:
    schedule = a_schedule()
    schedule.look("a1", NOON)
    (batch,) = schedule.take(NOON, MANY)
    schedule.done(batch)
    schedule.look("a2", NOON + seconds(0.05))
    schedule.look("a3", NOON + seconds(0.15))
    schedule.look("b1", NOON + seconds(0.15))

    assert schedule.take(NOON + seconds(0.16), MANY) == [a_batch("b", looks="b1")]
    assert schedule.next_at() == NOON + seconds(0.2)
    assert schedule.take(NOON + seconds(0.2), MANY) == [a_batch("a", looks="a2 a3")]


def test_a_look_decides_too_so_that_a_wake_beside_it_is_spent() -> None:
    schedule = a_schedule()
    schedule.wake(["a1"], NOON)
    schedule.look("a1", NOON)

    (batch,) = schedule.take(NOON, MANY)
    schedule.done(batch)

    assert batch.names == {"a1"}
    assert schedule.next_at() is None


def test_a_look_can_be_called_off() -> None:
    schedule = a_schedule()
    schedule.look("a1", NOON)
    schedule.look("a1", None)

    assert schedule.next_at() is None


def test_retries_grow_further_apart_up_to_a_bound_and_start_afresh_after_a_success() -> None:
    schedule = a_schedule()
    waits = [wait_for_retry(schedule) for _ in range(12)]

    assert waits[0] <= seconds(0.2)
    assert seconds(RETRY_CAP_SECONDS / 2) <= waits[-1] <= seconds(RETRY_CAP_SECONDS)
    schedule.succeed("a1")
    assert wait_for_retry(schedule) <= seconds(0.2)


def wait_for_retry(schedule: Schedule):
    schedule.retry("a1", NOON)
    at = schedule.next_at()
    assert at is not None
    return at - NOON
