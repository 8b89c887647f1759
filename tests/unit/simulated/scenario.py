"""Small random scenarios: a centre, and commands at whole seconds; played to the engine or the naive one."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from computility.backends.simulated.config import CentreConfig, Drain, Maintenance, NodeGroup, Partition
from computility.backends.simulated.engine import ControllerAway, Engine
from computility.backends.simulated.faults_config import Faults, Range, Window
from computility.backends.simulated.requests import Request, Run
from computility.model.index_set import IndexSet

from .naive import Naive
from .naive_tasks import NaiveTask

SECONDS = 150
"""When the last command is given; everything is over by `END`."""
END = 5_000


@dataclass(frozen=True)
class Command:
    at: int
    word: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Scenario:
    config: CentreConfig
    commands: list[Command]


def draw_scenario(seed: int) -> Scenario:
    random = Random(seed)
    config = draw_config(random)
    commands = [c for n in range(random.randint(1, 25)) for c in draw_job(random, config, f"job-{n}")]
    commands += [draw_failure(random, config) for _ in range(random.choice([0, 0, 1, 3]))]
    return Scenario(config, sorted(commands, key=lambda command: command.at))


def draw_crowd(seed: int) -> Scenario:
    """Many jobs of few lengths, released at once: backfill and little else."""
    random = Random(seed)
    group = NodeGroup(name="cpu", nodes=random.randint(2, 6), cores=random.choice([1, 4]), memory_mib=1)
    config = CentreConfig(
        groups=(group,), partitions=(Partition(name="cpu"),), min_job_age_seconds=1_000_000, seed=seed
    )
    commands = []
    for number in range(random.randint(8, 30)):
        limit, name = random.choice([5, 10, 20, 40, 80]), f"job-{number}"
        request = Request(
            name=name,
            account="alice",
            partition="cpu",
            nodes=random.choice([1, 1, 2, group.nodes - 1, group.nodes]),
            cores_per_node=random.randint(1, group.cores),
            limit_seconds=limit,
            run=Run(seconds=random.choice([limit, random.randint(1, limit)])),
        )
        words = [("submit", (request,)), ("go", (name,)), ("release", (name,))]
        commands += [Command(0, word, arguments) for word, arguments in words]
        if random.random() < 0.2:
            commands.append(Command(random.randint(1, SECONDS), "cancel", (name, {0})))
    return Scenario(config, sorted(commands, key=lambda command: command.at))


def draw_config(random: Random) -> CentreConfig:
    groups = [
        NodeGroup(
            name=name,
            nodes=random.randint(1, 6),
            cores=random.choice([1, 4, 8]),
            memory_mib=random.choice([10, 1000]),
            cards=random.choice([0, 2]),
        )
        for name in ("cpu", "gpu")[: random.randint(1, 2)]
    ]
    partitions = [Partition(name=group.name) for group in groups]
    if random.random() < 0.5:
        partitions.append(Partition(name="express", group="cpu", priority=random.choice([-1, 5])))
    return CentreConfig(
        groups=tuple(groups),
        partitions=tuple(partitions),
        maintenance=tuple(Maintenance(**draw_window(random)) for _ in range(random.choice([0, 0, 1, 2]))),
        drains=tuple(
            Drain(group="cpu", nodes=random.choice([None, 1]), **draw_window(random))
            for _ in range(random.choice([0, 0, 1]))
        ),
        faults=Faults(
            detection_seconds=Range(least=7, most=7),
            outages=tuple(Window(**draw_window(random)) for _ in range(random.choice([0, 0, 1]))),
        ),
        min_job_age_seconds=1_000_000,
    )


def draw_window(random: Random) -> dict[str, float]:
    return {"start": random.randint(1, SECONDS), "seconds": random.randint(1, 60)}


def draw_job(random: Random, config: CentreConfig, name: str) -> list[Command]:
    """Draw a job that fits, and what is commanded of it: not always everything, nor in the usual order."""
    request = draw_request(random, config, name)
    at = random.choice([0, random.randint(0, SECONDS)])
    commands = [Command(at, "submit", (request,)), Command(at + random.choice([0, 0, 3]), "release", (name,))]
    if random.random() < 0.95:
        commands.append(Command(max(0, at + random.choice([-2, 0, 0, 4, 30])), "go", (name,)))
    if random.random() < 0.15:
        commands.append(Command(at + random.randint(0, 40), "burn", (name,)))
    if random.random() < 0.35:
        chosen = {i for i in request.index_set if random.random() < 0.8}
        commands.append(Command(at + random.randint(0, 60), "cancel", (name, chosen)))
    if random.random() < 0.1:
        commands += [Command(at, "submit", (request,)), Command(at, "release", (name,))]
    return commands


def draw_request(random: Random, config: CentreConfig, name: str) -> Request:
    partition = random.choice(config.partitions)
    group = next(group for group in config.groups if group.name == partition.group_name)
    limit = random.choice([5, 20, 20, 60, 200])
    tasks = IndexSet.of(sorted(random.sample(range(30), random.randint(2, 9))))
    return Request(
        name=name,
        account="alice",
        partition=partition.name,
        nodes=random.randint(1, group.nodes),
        cores_per_node=random.choice([group.cores, group.cores, random.randint(1, group.cores)]),
        cards_per_node=random.choice([0, 0, group.cards]),
        memory_mib=random.choice([0, 3]),
        limit_seconds=limit,
        grace_seconds=random.choice([0, 0, 3, 10]),
        tasks=str(tasks) if random.random() < 0.3 else "0",
        max_concurrent=random.choice([None, 1, 2]),
        run=draw_run(random, limit),
        runs={index: draw_run(random, limit) for index in range(random.choice([0, 0, 3]))},
    )


def draw_run(random: Random, limit: int) -> Run:
    return Run(
        seconds=random.choice([0, random.randint(0, limit), limit, limit + 30]),
        exit_code=random.choice([0, 3]),
        signal=random.choice([None, None, 11]),
        wind_down_seconds=random.choice([0, 0, 2, 50]),
    )


def draw_failure(random: Random, config: CentreConfig) -> Command:
    group = random.choice(config.groups)
    node, repair = random.randrange(group.nodes), random.choice([1, 20, 100])
    return Command(random.randint(0, SECONDS), "fail_node", (group.name, node, repair))


def play_engine(scenario: Scenario, after_each: Callable[[Engine], Engine] = lambda engine: engine) -> Engine:
    """Play a scenario to its end; after each command another engine may go on in the first one's place."""
    engine = Engine(scenario.config)
    for command in scenario.commands:
        engine.advance(command.at)
        command_engine(engine, command)
        engine = after_each(engine)
    engine.advance(END)
    return engine


def command_engine(engine: Engine, command: Command) -> None:
    try:
        match command.word, command.arguments:
            case "release", (name,):
                for workload in engine.find(name):
                    engine.release(workload.id, name)
            case "cancel", (name, indices):
                engine.cancel(name, IndexSet.of(indices))
            case "fail_node", (group, node, repair):
                engine.fail_node(group, node, repair_seconds=repair)
            case word, arguments:
                getattr(engine, word)(*arguments)
    except ControllerAway:
        pass


def play_naive(scenario: Scenario) -> Naive:
    naive = Naive(scenario.config)
    for command in scenario.commands:
        naive.run_to(command.at)
        if not naive.away() or command.word in ("go", "burn", "fail_node"):
            getattr(naive, command.word)(*command.arguments)
    naive.run_to(SECONDS)
    naive.run_out()
    return naive


History = dict[tuple[int, int], tuple[Any, ...]]
"""(id, index) → all that became of it."""


def tell_naive(naive: Naive) -> History:
    return {(job.id, task.index): _naive_line(task) for job in naive.jobs for task in job.tasks}


def _naive_line(task: NaiveTask) -> tuple[Any, ...]:
    if task.withdrawn:
        return ("withdrawn",)
    if task.started_at is None:
        return ("waits",)
    ended = (task.ended_at, task.ending, task.exit_code, task.signal)
    return (task.started_at, tuple(sorted(task.nodes)), task.began_at, task.told_at, *ended)


def tell_engine(engine: Engine, scenario: Scenario) -> History:
    names = {command.arguments[0].name for command in scenario.commands if command.word == "submit"}
    history: History = {}
    for workload in (workload for name in names for workload in engine.find(name)):
        history |= {(workload.id, index): ("waits",) for index in workload.pending}
        history |= {(workload.id, index): ("withdrawn",) for index in workload.withdrawn}
        for index, task in workload.tasks.items():
            ended = (task.ended_at, task.ending, task.exit_code, task.signal)
            line = (task.started_at, tuple(task.nodes), task.began_at, task.told_at, *ended)
            history[workload.id, index] = line
    return history
