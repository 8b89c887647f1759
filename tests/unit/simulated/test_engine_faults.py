"""What breaks at a simulated centre, and what it says of itself."""

import math

import pytest

from computility.backends.simulated.config import (
    Background,
    CentreConfig,
    Drain,
    Maintenance,
    NodeGroup,
    Partition,
    Spread,
)
from computility.backends.simulated.engine import ControllerAway, Engine
from computility.backends.simulated.faults_config import Faults, Range, Window
from computility.backends.simulated.profiles import theta_like
from computility.backends.simulated.records import Ending
from computility.lifecycle.evidence import WorkloadState
from computility.model.index_set import IndexSet

from .rig import a_centre, a_request, state_of, submit, task_of


def test_a_dead_node_is_noticed_late_and_what_ran_there_leaves_no_result() -> None:
    faults = Faults(detection_seconds=Range(least=15, most=30))
    engine = a_centre(nodes=2, faults=faults)
    submit(engine, a_request("there", nodes=2, seconds=12))
    submit(engine, a_request("later"))
    engine.advance(4)
    engine.fail_node("cpu", 0, repair_seconds=500)
    engine.advance(4 + 14)
    assert state_of(engine, "there") is WorkloadState.ACTIVE
    engine.advance(4 + 30)
    task = task_of(engine, "there")
    assert (task.ending, task.has_result) == (Ending.NODE_FAILED, False)
    engine.advance(1000)
    assert task_of(engine, "later").nodes == IndexSet.of([1])
    assert engine.measure("cpu").unavailable.nodes == 0


def test_a_job_that_loses_two_nodes_ends_when_the_first_is_noticed() -> None:
    engine = a_centre(nodes=2, faults=Faults(detection_seconds=Range(least=15, most=15)))
    submit(engine, a_request(nodes=2, seconds=50))
    for at, node in ((4, 0), (10, 1)):
        engine.advance(at)
        engine.fail_node("cpu", node, repair_seconds=500)
    engine.advance(100)
    assert task_of(engine).ended_at == 19


def test_a_drained_node_finishes_what_runs_and_takes_nothing_new() -> None:
    engine = a_centre(nodes=1, drains=(Drain(group="cpu", start=5, seconds=100),))
    submit(engine, a_request("running"))
    submit(engine, a_request("waiting"))
    engine.advance(50)
    assert task_of(engine, "running").ending is Ending.EXITED
    assert state_of(engine, "waiting") is WorkloadState.QUEUED
    assert engine.measure("cpu").unavailable.nodes == 1
    engine.advance(105)
    assert task_of(engine, "waiting").started_at == 105


def test_work_that_would_overlap_a_maintenance_waits_and_shorter_work_does_not() -> None:
    engine = a_centre(maintenance=(Maintenance(start=100, seconds=50),))
    submit(engine, a_request("long", limit_seconds=101))
    submit(engine, a_request("short", limit_seconds=100))
    engine.advance(1000)
    assert task_of(engine, "long").started_at == 150
    assert task_of(engine, "short").started_at == 0


def test_an_absent_controller_answers_nothing_and_starts_nothing_while_payloads_run_on() -> None:
    engine = a_centre(nodes=1, faults=Faults(outages=(Window(start=5, seconds=20),)))
    native_id = submit(engine, a_request("running"))
    submit(engine, a_request("waiting"), go=False)
    engine.advance(12)
    assert not engine.is_up
    for command in (
        lambda: engine.submit(a_request("new")),
        lambda: engine.release(native_id, "running"),
        lambda: engine.cancel("running"),
        lambda: engine.find("running"),
        lambda: engine.measure("cpu"),
    ):
        with pytest.raises(ControllerAway):
            command()
    engine.go("waiting")
    assert task_of(engine, "running").ended_at == 10
    engine.advance(25)
    assert task_of(engine, "waiting").started_at == 25


def test_a_crash_forgets_the_last_submissions_and_gives_their_ids_away_again() -> None:
    engine = a_centre(nodes=1)
    kept = submit(engine, a_request("kept", seconds=50))
    engine.advance(10)
    forgotten = submit(engine, a_request("forgotten"))
    engine.advance(12)
    engine.crash(forgets_seconds=3, restart_seconds=1)
    engine.advance(13)
    assert [workload.id for workload in engine.find("kept")] == [kept]
    assert engine.find("forgotten") == []
    assert engine.submit(a_request("stranger")) == forgotten
    engine.release(forgotten, "forgotten")
    engine.advance(100)
    assert state_of(engine, "stranger") is WorkloadState.HELD


def test_what_runs_unknown_to_the_controller_is_killed_without_a_result() -> None:
    engine = a_centre()
    submit(engine, a_request("caught", seconds=50))
    submit(engine, a_request("fast", seconds=5))
    engine.advance(2)
    engine.crash(forgets_seconds=3, restart_seconds=9)
    engine.advance(100)
    caught, fast = task_of(engine, "caught"), task_of(engine, "fast")
    assert engine.find("caught") == []
    assert (caught.ending, caught.ended_at, caught.has_result) == (Ending.FORGOTTEN, 11, False)
    assert (fast.ending, fast.ended_at, fast.has_result) == (Ending.EXITED, 5, True)
    assert engine.measure("cpu").used_by_others.nodes == 0


def test_a_crash_undoes_the_last_releases() -> None:
    engine = a_centre(nodes=1)
    submit(engine, a_request("running", seconds=50))
    waiting = engine.submit(a_request("waiting"))
    engine.advance(10)
    engine.release(waiting, "waiting")
    engine.advance(12)
    rows = engine.changes()
    engine.crash(forgets_seconds=5, restart_seconds=1)
    rows |= engine.changes()
    again = Engine(engine._centre.config, {key: row for key, row in rows.items() if row is not None})
    for either in (engine, again):
        either.advance(100)
        assert state_of(either, "waiting") is WorkloadState.HELD


def test_an_ended_workload_is_shown_for_its_age_and_its_files_for_ever() -> None:
    engine = a_centre(min_job_age_seconds=100)
    submit(engine, a_request())
    engine.advance(109)
    assert state_of(engine) is WorkloadState.ENDED
    engine.advance(110)
    assert engine.find("job") == []
    assert task_of(engine).has_result


def test_an_attempt_is_forgotten_only_when_it_is_over_and_then_leaves_no_row() -> None:
    engine = a_centre()
    submit(engine, a_request())
    engine.advance(5)
    engine.forget("job")
    assert state_of(engine) is WorkloadState.ACTIVE
    engine.advance(50)
    engine.changes()
    engine.forget("job")
    assert {key for key, row in engine.changes().items() if row is not None} == {"centre"}
    assert engine.find("job") == []


def test_figures_are_seconds_old_and_say_what_others_use_and_not_what_we_do() -> None:
    others = Background(
        partition="cpu",
        gap_seconds=1e9,
        nodes=Spread(median=1, p99=1),
        run_seconds=Spread(median=100, p99=100),
        requested_factor=Spread(median=1, p99=1),
        cores_per_node=3,
    )
    engine = a_centre(background=(others,), stale_seconds=Range(least=4, most=4))
    (arrives_at,) = [at for at, *_ in engine._centre.counters.timers.values()]
    engine.advance(arrives_at + 3)
    submit(engine, a_request())
    engine.advance(arrives_at + 3)
    assert engine.measure("cpu").used_by_others.cores == 0
    engine.advance(arrives_at + 5)
    measured = engine.measure("cpu")
    assert math.isclose(measured.at, arrives_at + 1)
    assert (measured.used_by_others.nodes, measured.used_by_others.cores) == (1, 3)
    assert (measured.total.nodes, measured.total.cores, measured.total.cards) == (4, 32, 8)


def test_runs_that_are_not_given_are_drawn_the_same_whenever_they_start() -> None:
    def ended(before: int) -> list[tuple[float, int | None]]:
        engine = a_centre()
        for number in range(before):
            submit(engine, a_request(f"before-{number}", nodes=4))
        submit(engine, a_request("drawn", None, tasks="0-99", cores_per_node=1))
        engine.advance(10_000)
        tasks = [task_of(engine, "drawn", index) for index in range(100)]
        return [(round(task.ended_at - task.started_at, 6), task.exit_code) for task in tasks]

    assert ended(before=0) == ended(before=7)
    assert len(set(ended(before=0))) > 20
    assert {1, 0} <= {exit_code for _, exit_code in ended(before=0)}


def test_background_load_like_thetas_fills_about_as_much_as_there() -> None:
    engine = a_centre(nodes=440, background=(theta_like("cpu", nodes=440),), warm_up_seconds=10 * 86_400)
    used = []
    for day in range(60):
        engine.advance(day * 86_400)
        used.append(engine.measure("cpu").used_by_others.nodes / 440)
    assert 0.4 < sum(used) / len(used) < 0.8


def test_a_configuration_that_names_what_it_has_not_is_refused_with_the_place() -> None:
    with pytest.raises(ValueError, match=r'partition "cpu".*"fat".*groups \(cpu\)'):
        a_centre(partitions=(Partition(name="cpu", group="fat"),))
    with pytest.raises(ValueError, match='"cpu" twice in partitions'):
        a_centre(partitions=(Partition(name="cpu"), Partition(name="cpu")))


def test_state_of_another_configuration_is_refused() -> None:
    engine = a_centre()
    submit(engine, a_request())
    rows = {key: row for key, row in engine.changes().items() if row is not None}
    group = NodeGroup(name="other", nodes=1, cores=1, memory_mib=1)
    other = CentreConfig(groups=(group,), partitions=(Partition(name="other"),))
    with pytest.raises(ValueError, match="does not go with its configuration"):
        Engine(other, rows)
