"""Which waiting jobs are placed anew, and in which order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from computility.hub.hub import Hub
from computility.hub.keys import Lane, job_work
from computility.hub.waiting import Waiting
from computility.hub.wake import end_turn, free_places, wake_all, wake_for_room
from computility.model.assignment import State
from computility.model.compute_job import ArraySpec, AttemptState, ComputeJob
from computility.model.meta import Key, key_of
from computility.model.reasons import Reason
from computility.model.resource_pool import ResourcePoolStatus
from support.network import a_pool
from support.stored import a_placed_job, a_waiting_job, an_assignment, an_attempt, stored

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def a_busy_job(
    name: str,
    *,
    minute: int = 0,
    seconds: int = 60,
    namespace: str = "team",
    priority: int = 0,
    **status: Any,
) -> ComputeJob:
    """A job that waits only because all pools are busy."""
    job = a_waiting_job(name)
    made = msgspec.structs.replace(
        job.metadata, namespace=namespace, creation_timestamp=NOON + timedelta(minutes=minute)
    )
    spec = msgspec.structs.replace(job.spec, max_run_seconds=seconds, priority=priority)
    waits = msgspec.structs.replace(job.status, **{"reason": Reason.POOLS_BUSY.value, **status})
    return msgspec.structs.replace(job, metadata=made, spec=spec, status=waits)


def names(waiting: Waiting, count: int | None = None) -> list[str]:
    """Those of the one namespace that these tests have."""
    return [turn.key.name for turn in waiting.queues(count).get("team", [])]


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


def test_those_that_came_first_are_first(waiting: Waiting) -> None:
    for name, minute in (("late", 2), ("early", 0), ("middle", 1)):
        waiting.add(a_busy_job(name, minute=minute))

    assert names(waiting) == ["early", "middle", "late"]
    assert names(waiting, 2) == ["early", "middle"]


def test_priority_goes_before_age_and_may_change_while_a_job_waits(waiting: Waiting) -> None:
    for name, minute, priority in (("old", 0, 0), ("urgent", 2, 5), ("whenever", 1, -5)):
        waiting.add(a_busy_job(name, minute=minute, priority=priority))
    before = names(waiting)
    waiting.add(a_busy_job("whenever", minute=1, priority=9))

    assert before == ["urgent", "old", "whenever"]
    assert names(waiting, 2) == ["whenever", "urgent"]


def test_each_kind_of_job_has_its_own_first_ones(waiting: Waiting) -> None:
    for minute in range(3):
        waiting.add(a_busy_job(f"short-{minute}", minute=minute))
        waiting.add(a_busy_job(f"long-{minute}", minute=minute, seconds=600))

    assert names(waiting, 1) == ["long-0", "short-0"]


def test_each_namespace_has_its_own_queue(waiting: Waiting) -> None:
    waiting.add(a_busy_job("train", namespace="one"))
    waiting.add(a_busy_job("train", namespace="other", priority=9))

    assert set(waiting.queues()) == {"one", "other"}


@pytest.mark.parametrize(
    "special",
    [
        pytest.param({"reason": Reason.NO_POOL_FITS.value}, id="that-waits-for-something-else"),
        pytest.param({"attempts": (an_attempt(),)}, id="that-was-tried-before"),
    ],
)
def test_a_job_is_never_passed_over(waiting: Waiting, special: dict[str, Any]) -> None:
    for minute in range(3):
        waiting.add(a_busy_job(f"busy-{minute}", minute=minute))
    waiting.add(a_busy_job("special", minute=9, **special))

    assert names(waiting, 1) == ["busy-0", "special"]


def test_a_job_that_is_not_yet_said_to_wait_is_of_the_same_kind(waiting: Waiting) -> None:
    waiting.add(a_busy_job("old"))
    waiting.add(a_busy_job("new", minute=1, reason="", phase=None))

    assert names(waiting, 1) == ["old"]


def test_a_job_whose_reason_changes_waits_once(waiting: Waiting) -> None:
    waiting.add(a_busy_job("train", reason=Reason.NO_POOL_FITS.value))
    waiting.add(a_busy_job("train"))

    assert len(waiting) == 1
    assert names(waiting, 5) == ["train"]


def test_a_job_that_waits_no_longer_is_forgotten(waiting: Waiting) -> None:
    waiting.add(a_busy_job("train"))
    waiting.discard(Key("team", "train"))
    waiting.discard(Key("team", "train"))

    assert len(waiting) == 0
    assert names(waiting, 5) == []


def test_what_a_kind_asks_for_is_known_while_one_of_it_waits(waiting: Waiting) -> None:
    for minute in range(2):
        waiting.add(a_busy_job(f"job-{minute}", minute=minute, seconds=600))
    (turn, _) = waiting.queues()["team"]
    asked = waiting.asks[turn.kind].request
    waiting.discard(Key("team", "job-0"))
    still = set(waiting.asks)
    waiting.discard(Key("team", "job-1"))

    assert (asked.namespace, asked.max_run_seconds, asked.count) == ("team", 600, 1)
    assert still == {turn.kind}
    assert waiting.asks == {}


def test_arrays_of_different_size_are_of_different_kinds(waiting: Waiting) -> None:
    for name, size in (("small", 2), ("large", 200)):
        job = a_busy_job(name)
        spec = msgspec.structs.replace(job.spec, array=ArraySpec(size=size))
        waiting.add(msgspec.structs.replace(job, spec=spec))

    assert sorted(ask.request.count for ask in waiting.asks.values()) == [2, 200]


def test_a_job_that_was_tried_before_asks_for_less_each_time_and_for_nothing_while_it_backs_off(
    waiting: Waiting,
) -> None:
    failed = msgspec.structs.replace(
        an_attempt(), state=AttemptState.FAILED, started="No", fault="Site", reason="PartitionUnknown"
    )
    waiting.add(a_busy_job("train", attempts=(failed,)))
    (ask,) = waiting.asks.values()
    waiting.add(a_busy_job("train", attempts=(failed,), reason=Reason.BACKING_OFF.value))

    assert ask.avoid == {("qingyang", "cpu")}
    assert ask.request.most_parts == 1
    assert waiting.asks == {}


def test_those_that_are_called_together_are_called_dearest_first(hub: Hub) -> None:
    pool = stored(a_pool("qingyang", "team", name="dear", price="9", max_queued=1), uid="uid-dear")
    hub.intake.seen(msgspec.structs.replace(pool, status=ResourcePoolStatus(observed_at=hub.now())))
    jobs = [a_busy_job("small", minute=0), a_busy_job("large", minute=1, seconds=6000)]
    for job in jobs:
        hub.intake.seen(job)
    hub.queue.open()
    wake_for_room(hub)

    assert queued(hub, jobs) == ["large"]


def queued(hub: Hub, jobs: list[ComputeJob]) -> list[str]:
    """Of these jobs, those that wait for a worker."""
    ready = {key for lane in Lane for key in hub.queue._backlog._ready[lane]}
    return [job.metadata.name for job in jobs if job_work(key_of(job.metadata)) in ready]


@pytest.fixture
def jobs(hub: Hub) -> list[ComputeJob]:
    """Three alike that wait; the hub's queue is empty and open."""
    jobs = [a_busy_job(f"job-{minute}", minute=minute) for minute in range(3)]
    for job in jobs:
        hub.intake.seen(job)
    hub.queue.open()
    return jobs


def test_as_many_are_placed_anew_as_there_is_room_for(hub: Hub, jobs: list[ComputeJob]) -> None:
    wake_for_room(hub)

    assert free_places(hub) == 1
    assert queued(hub, jobs) == ["job-0"]


def test_nobody_is_woken_while_all_pools_are_full(hub: Hub, jobs: list[ComputeJob]) -> None:
    hub.intake.seen(an_assignment(a_placed_job(), State.RUNNING))
    wake_for_room(hub)

    assert free_places(hub) == 0
    assert queued(hub, jobs) == []


def test_a_pool_that_was_made_smaller_takes_nothing_from_the_room_of_others(hub: Hub) -> None:
    for attempt in ("one", "two"):
        hub.intake.seen(an_assignment(a_placed_job(attempt)))
    hub.intake.seen(stored(a_pool("qingyang", "team", name="other", max_queued=3)))

    assert free_places(hub) == 3


def test_whatever_changes_the_answer_calls_all_one_after_the_other(hub: Hub, jobs: list[ComputeJob]) -> None:
    wake_all(hub)
    called = queued(hub, jobs)
    for job in jobs:
        end_turn(key_of(job.metadata), hub)

    assert called == ["job-0"]
    assert queued(hub, jobs) == ["job-0", "job-1", "job-2"]
