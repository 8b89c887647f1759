"""What a simulated centre does, one promise at a time."""

from typing import Any

import pytest

from computility.backends.simulated.config import (
    Partition,
)
from computility.backends.simulated.records import Ending
from computility.backends.simulated.requests import Refusal, RefusalReason, Run
from computility.lifecycle.evidence import WorkloadState
from computility.model.index_set import IndexSet

from .rig import a_centre, a_request, state_of, submit, task_of


def test_a_held_job_waits_until_it_is_released() -> None:
    engine = a_centre()
    native_id = engine.submit(a_request())
    engine.advance(1000)
    assert state_of(engine) is WorkloadState.HELD
    engine.release(native_id, "somebody-else")
    engine.advance(1001)
    assert state_of(engine) is WorkloadState.HELD
    engine.release(native_id, "job")
    engine.advance(1001)
    assert state_of(engine) is WorkloadState.ACTIVE


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"partition": "none"}, RefusalReason.UNKNOWN_PARTITION),
        ({"limit_seconds": 90_001}, RefusalReason.LIMIT_EXCEEDED),
        ({"nodes": 3}, RefusalReason.LIMIT_EXCEEDED),
        ({"cores_per_node": 9}, RefusalReason.NEVER_FITS),
        ({"cards_per_node": 3}, RefusalReason.NEVER_FITS),
        ({"memory_mib": 1001}, RefusalReason.NEVER_FITS),
        ({"tasks": "0-5"}, RefusalReason.BEYOND_QUEUE),
    ],
)
def test_what_is_not_taken_is_refused_with_its_reason(fields: dict[str, Any], reason: RefusalReason) -> None:
    engine = a_centre(partitions=(Partition(name="cpu", max_nodes=2, max_queued=5),))
    refusal = engine.submit(a_request(**fields))
    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason
    assert refusal.passes == (reason is RefusalReason.QUEUE_FULL)
    assert engine.find("job") == []


def test_a_full_queue_takes_work_again_once_some_is_over() -> None:
    engine = a_centre(partitions=(Partition(name="cpu", max_queued=1),))
    submit(engine, a_request("first"))
    assert isinstance(engine.submit(a_request("second")), Refusal)
    engine.advance(10)
    assert isinstance(engine.submit(a_request("second")), int)


def test_a_payload_starts_only_with_the_go() -> None:
    engine = a_centre()
    submit(engine, a_request(), go=False)
    engine.advance(20)
    assert state_of(engine) is WorkloadState.ACTIVE
    assert task_of(engine).began_at is None
    engine.go("job")
    engine.advance(29)
    assert task_of(engine).ended_at is None
    engine.advance(30)
    task = task_of(engine)
    assert (task.began_at, task.ended_at, task.exit_code, task.has_result) == (20, 30, 0, True)


def test_a_task_that_waits_for_the_go_beyond_its_limit_ends_without_a_result() -> None:
    engine = a_centre()
    submit(engine, a_request(), go=False)
    engine.advance(1000)
    task = task_of(engine)
    assert (task.ending, task.ended_at, task.has_result) == (Ending.TIME_LIMIT, 60, False)


@pytest.mark.parametrize(
    ("wind_down_seconds", "ended_at", "signal"),
    [
        pytest.param(0, 50, 15, id="ends-on-sigterm"),
        pytest.param(4, 54, 15, id="winds-down-within-its-grace"),
        pytest.param(99, 60, 9, id="is-killed-at-the-limit"),
    ],
)
def test_the_limit_comes_with_a_grace_before_it(
    wind_down_seconds: float, ended_at: float, signal: int
) -> None:
    engine = a_centre()
    run = Run(seconds=1000, wind_down_seconds=wind_down_seconds)
    submit(engine, a_request(run=run, grace_seconds=10))
    engine.advance(1000)
    task = task_of(engine)
    assert (task.told_at, task.ended_at, task.signal) == (50, ended_at, signal)
    assert task.ending is Ending.TIME_LIMIT
    assert task.has_result


def test_a_cancelled_task_runs_for_at_most_its_grace() -> None:
    engine = a_centre()
    submit(engine, a_request(run=Run(seconds=50, wind_down_seconds=99), grace_seconds=10))
    engine.advance(5)
    engine.cancel("job")
    engine.advance(100)
    task = task_of(engine)
    assert (task.told_at, task.ended_at, task.signal, task.ending) == (5, 15, 9, Ending.CANCELLED)


def test_tasks_of_an_array_are_cancelled_one_by_one() -> None:
    engine = a_centre(nodes=2)
    submit(engine, a_request(tasks="3-9"))
    engine.advance(5)
    engine.cancel("job", IndexSet.of([3, 8]))
    engine.advance(100)
    (workload,) = engine.find("job")
    assert workload.indices(Ending.CANCELLED) == IndexSet.of([3, 8])
    assert workload.indices(Ending.EXITED) == IndexSet.parse("4-7,9")
    assert workload.withdrawn == IndexSet.of([8])


def test_an_array_runs_no_more_tasks_at_once_than_it_may() -> None:
    engine = a_centre()
    submit(engine, a_request(tasks="0-4", max_concurrent=2))
    engine.advance(100)
    starts = [task_of(engine, index=index).started_at for index in range(5)]
    assert starts == [0, 0, 10, 10, 20]


def test_a_burned_claim_keeps_the_payload_from_ever_starting() -> None:
    engine = a_centre()
    engine.burn("job")
    submit(engine, a_request())
    engine.advance(100)
    (workload,) = engine.find("job")
    task = workload.tasks[0]
    assert (task.ending, task.exit_code, task.began_at) == (Ending.CLAIM_TAKEN, 75, None)
    assert engine.claims("job") == {}


def test_a_claim_that_a_task_has_is_not_burned() -> None:
    engine = a_centre()
    submit(engine, a_request(tasks="0-5"))
    engine.advance(0)
    engine.burn("job")
    assert engine.burned("job") & IndexSet.first(6) == IndexSet.of([4, 5])
    engine.advance(100)
    (workload,) = engine.find("job")
    assert workload.indices(Ending.EXITED) == IndexSet.first(4)


def test_of_two_submissions_of_one_name_only_one_runs_each_payload() -> None:
    engine = a_centre()
    submit(engine, a_request())
    submit(engine, a_request())
    engine.advance(100)
    assert [w.tasks[0].ending for w in engine.find("job")] == [Ending.EXITED, Ending.CLAIM_TAKEN]


def test_a_short_job_goes_before_a_wide_one_that_waits_and_a_long_one_does_not() -> None:
    engine = a_centre(nodes=2)
    submit(engine, a_request("running", seconds=50))
    submit(engine, a_request("wide", nodes=2))
    submit(engine, a_request("long", limit_seconds=61))
    submit(engine, a_request("short", limit_seconds=60))
    engine.advance(0)
    assert state_of(engine, "short") is WorkloadState.ACTIVE
    assert state_of(engine, "long") is WorkloadState.QUEUED
    engine.advance(200)
    assert task_of(engine, "wide").started_at == 50
    assert task_of(engine, "long").started_at == 60


def test_no_more_jobs_are_tried_behind_the_first_than_the_depth_allows() -> None:
    engine = a_centre(nodes=2, backfill_depth=1)
    submit(engine, a_request("running", seconds=50))
    submit(engine, a_request("wide", nodes=2))
    submit(engine, a_request("wide-too", nodes=2))
    submit(engine, a_request("short"))
    engine.advance(0)
    assert state_of(engine, "short") is WorkloadState.QUEUED


def test_a_partition_of_higher_priority_goes_first_on_the_nodes_that_both_have() -> None:
    express = Partition(name="express", group="cpu", priority=1)
    engine = a_centre(nodes=1, partitions=(Partition(name="cpu"), express))
    submit(engine, a_request("plain"))
    submit(engine, a_request("urgent", partition="express"))
    engine.advance(100)
    assert task_of(engine, "urgent").started_at == 0
    assert task_of(engine, "plain").started_at == 10
