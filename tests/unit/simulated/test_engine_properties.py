"""What holds of every history of the engine, whatever comes by chance; a failure names its seed."""

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest

from computility.backends.simulated.backfill import reserve
from computility.backends.simulated.config import Background, Spread
from computility.backends.simulated.engine import Engine
from computility.backends.simulated.faults_config import Faults, Range
from computility.backends.simulated.records import Task, Workload
from computility.backends.simulated.requests import Request, Run

from .scenario import END, Scenario, command_engine, draw_crowd, draw_scenario, play_engine

SEEDS = range(16)
UNLUCKY = Faults(
    node_failure_gap_seconds=600,
    repair_seconds=Range(least=5, most=90),
    crash_gap_seconds=120,
    outage_gap_seconds=200,
    outage_seconds=Range(least=1, most=30),
)


def an_unlucky_scenario(seed: int) -> Scenario:
    """A centre with users of its own, at which everything breaks."""
    plain = draw_scenario(seed)
    users = Background(
        partition="cpu",
        gap_seconds=10,
        nodes=Spread(median=1, p99=4),
        run_seconds=Spread(median=5, p99=60),
        requested_factor=Spread(median=2, p99=10),
        cores_per_node=1,
    )
    config = msgspec.structs.replace(plain.config, faults=UNLUCKY, background=(users,))
    return Scenario(config, plain.commands)


def steps(scenario: Scenario) -> Iterator[Engine]:
    """Play a scenario event by event, and yield the engine after each."""
    engine = Engine(scenario.config)
    for command in scenario.commands:
        yield from step_to(engine, command.at)
        command_engine(engine, command)
        yield engine
    yield from step_to(engine, 400)


def step_to(engine: Engine, to: float) -> Iterator[Engine]:
    while (at := engine.next_event_at()) is not None and at <= to:
        engine.advance(at)
        yield engine
    engine.advance(to)


def all_workloads(engine: Engine) -> list[Workload]:
    return list(engine._centre.workloads.values())


def running(workload: Workload) -> list[Task]:
    return [task for task in workload.tasks.values() if task.ended_at is None]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_node_is_ever_given_away_twice(seed: int) -> None:
    scenario = an_unlucky_scenario(seed)
    for engine in steps(scenario):
        for group in scenario.config.groups:
            used = [[0, 0, 0] for _ in range(group.nodes)]
            for workload in all_workloads(engine):
                if engine._centre.group_of(workload).config == group:
                    add_use(used, workload)
            for cores, cards, memory_mib in used:
                assert cores <= group.cores
                assert cards <= group.cards
                assert memory_mib <= group.memory_mib
            free = engine._centre.groups[group.name].free
            assert free.sum_cores(-1) == group.nodes * group.cores - sum(cores for cores, _, _ in used)


def add_use(used: list[list[int]], workload: Workload) -> None:
    request = workload.request
    for task in running(workload):
        assert len(task.nodes) == request.nodes
        for node in task.nodes:
            used[node][0] += request.cores_per_node
            used[node][1] += request.cards_per_node
            used[node][2] += request.memory_mib


@pytest.mark.parametrize("seed", SEEDS)
def test_no_array_runs_more_tasks_at_once_than_it_may(seed: int) -> None:
    for engine in steps(an_unlucky_scenario(seed)):
        for workload in all_workloads(engine):
            assert workload.active == len(running(workload))
            assert workload.active <= (workload.request.max_concurrent or workload.active)


@pytest.mark.parametrize("seed", SEEDS)
def test_backfill_never_delays_the_first_in_the_queue_beyond_its_reservation(seed: int) -> None:
    promised: dict[tuple[int, int], float] = {}
    for engine in steps(draw_crowd(seed)):
        note_promise(engine, promised)
        for (serial, index), at in promised.items():
            workload = engine._centre.workloads[serial]
            if index in workload.tasks:
                assert workload.tasks[index].started_at <= at
            elif index in workload.pending:
                assert engine.clock <= at


def note_promise(engine: Engine, promised: dict[tuple[int, int], float]) -> None:
    """Note when the first in the queue, if it waits for nodes, must have started."""
    group = engine._centre.groups["cpu"]
    for first in group.queue.in_order():
        if first.may_start and not engine._centre.unsettled:
            at = reserve(group, first, engine.clock).at
            key = (first.workload.serial, first.workload.next_index)
            promised[key] = min(at, promised.get(key, at))
        return


@pytest.mark.parametrize("seed", SEEDS)
def test_equal_jobs_start_in_the_order_of_their_release(seed: int) -> None:
    random = Random(seed)
    scenario = draw_scenario(seed)
    engine = Engine(msgspec.structs.replace(scenario.config, faults=Faults()))
    alike = Request(
        name="x",
        account="alice",
        partition="cpu",
        nodes=1,
        cores_per_node=1,
        limit_seconds=20,
        run=Run(seconds=9),
    )
    names = [f"alike-{n}" for n in range(30)]
    for name in names:
        engine.submit(msgspec.structs.replace(alike, name=name))
    random.shuffle(names)
    for name in names:
        engine.release(engine.find(name)[0].id, name)
        engine.advance(engine.clock + random.choice([0, 1, 7]))
    engine.advance(END)
    starts = [engine.find(name)[0].tasks[0].started_at for name in names]
    assert starts == sorted(starts)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_gives_the_same_history_in_steps_of_any_size(seed: int) -> None:
    scenario = an_unlucky_scenario(seed)
    *_, in_steps = steps(scenario)
    in_steps.advance(END)
    assert everything(play_engine(scenario)) == everything(in_steps)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_engine_restored_at_any_time_goes_on_as_if_nothing_had_been(seed: int) -> None:
    scenario = an_unlucky_scenario(seed)
    rows: dict[str, bytes] = {}
    random = Random(seed)

    def restart(engine: Engine) -> Engine:
        for key, row in engine.changes().items():
            rows.pop(key, None) if row is None else rows.__setitem__(key, row)
        return Engine(scenario.config, rows) if random.random() < 0.5 else engine

    assert everything(play_engine(scenario, restart)) == everything(play_engine(scenario))


def everything(engine: Engine) -> list[Any]:
    """Return the whole state, apart from what follows from it."""
    centre = engine._centre
    groups = centre.groups.values()
    return [
        engine.clock,
        centre.workloads,
        {name: (attempt.go, attempt.burned) for name, attempt in centre.attempts.items()},
        {name: sorted(attempt.claims) for name, attempt in centre.attempts.items()},
        centre.counters.timers,
        (centre.counters.next_id, centre.counters.next_turn, centre.counters.away_until),
        [(group.down, group.usable, group.free.classes, group.ends) for group in groups],
        [[waiting.workload.serial for waiting in group.queue.in_order()] for group in groups],
        centre.load,
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_workloads_that_the_controller_knows_have_one_id(seed: int) -> None:
    for engine in steps(an_unlucky_scenario(seed)):
        known = [workload.id for workload in all_workloads(engine) if not workload.is_forgotten]
        assert len(known) == len(set(known))


def test_ids_are_given_twice_after_a_crash_and_never_without() -> None:
    def count_reused(scenario: Scenario) -> int:
        owners: dict[int, set[int]] = {}
        for engine in steps(scenario):
            for workload in all_workloads(engine):
                owners.setdefault(workload.id, set()).add(workload.serial)
        return sum(len(serials) > 1 for serials in owners.values())

    def without_crash(scenario: Scenario) -> Scenario:
        faults = msgspec.structs.replace(UNLUCKY, crash_gap_seconds=None)
        return Scenario(msgspec.structs.replace(scenario.config, faults=faults), scenario.commands)

    scenarios = [an_unlucky_scenario(seed) for seed in SEEDS]
    assert sum(map(count_reused, scenarios)) > 0
    assert sum(count_reused(without_crash(scenario)) for scenario in scenarios) == 0
