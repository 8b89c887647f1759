"""Everything that a simulated centre consists of; the modules beside this one change it."""

from collections.abc import Sequence

import msgspec

from computility.backends.simulated.agenda import Agenda, Kind
from computility.backends.simulated.chance import Chance
from computility.backends.simulated.config import CentreConfig, Partition
from computility.backends.simulated.faults_config import Window
from computility.backends.simulated.group import Group
from computility.backends.simulated.records import Attempt, Task, Workload

Key = tuple[str | int, ...]
"""A row of the saved state: ("centre",), ("task", serial, index), ..."""


class Counters(msgspec.Struct, kw_only=True):
    """Numbers that go on after a restart."""

    clock: float
    next_id: int = 1
    next_serial: int = 1
    next_turn: int = 1
    away_until: float = float("-inf")
    timers: dict[str, tuple[float, int, int, int]] = msgspec.field(default_factory=dict)
    """Entries of the agenda that come by chance; there is one of each sort."""
    unsettled: list[str] = msgspec.field(default_factory=list)
    """Groups whose queue must be looked at before time goes on."""


class Centre:
    """State and nothing else: nodes, queues, workloads, files, the agenda, and what is to be saved."""

    def __init__(self, config: CentreConfig) -> None:
        check_config(config)
        self.config = config
        self.chance = Chance(1 if config.seed is None else config.seed)
        self.counters = Counters(clock=0.0 - config.warm_up_seconds)
        self.partitions = {partition.name: partition for partition in config.partitions}
        priorities = {partition.name: partition.priority for partition in config.partitions}
        self.groups = {
            group.name: Group(group, priorities, closures_of(config, group.name)) for group in config.groups
        }
        self.workloads: dict[int, Workload] = {}
        self.attempts: dict[str, Attempt] = {}
        self.load = dict.fromkeys(self.partitions, 0)
        """Tasks of the network that wait or run, by partition."""
        self.agenda = Agenda()
        self.touched: set[Key] = set()
        self.unsettled: set[str] = set()

    @property
    def clock(self) -> float:
        return self.counters.clock

    @property
    def is_up(self) -> bool:
        return self.counters.clock >= self.counters.away_until

    def partition_of(self, workload: Workload) -> Partition:
        return self.partitions[workload.request.partition]

    def group_of(self, workload: Workload) -> Group:
        return self.groups[self.partition_of(workload).group_name]

    def unsettle(self, group: Group) -> None:
        """Have the group's queue looked at before time goes on."""
        self.unsettled.add(group.config.name)

    def plan(self, workload: Workload, task: Task) -> None:
        """Put what is due to a task next on the agenda, and have the task saved."""
        self.agenda.add(task.due_at, Kind.TASK, workload.serial, task.index)
        self.touched.add(("task", workload.serial, task.index))

    def touch(self, workload: Workload) -> None:
        self.touched.add(("workload", workload.serial))

    def attempt(self, name: str) -> Attempt:
        """Return what there is under this name; made if need be."""
        found = self.attempts.get(name)
        if found is None:
            found = self.attempts[name] = Attempt()
        return found


def closures_of(config: CentreConfig, group: str) -> Sequence[Window]:
    """Return the maintenances that concern a group."""
    return [window for window in config.maintenance if not window.groups or group in window.groups]


def check_config(config: CentreConfig) -> None:
    """Check that the configuration names only what it has.

    Raises:
        ValueError: It does not, or names something twice; the message says what and where.
    """
    groups = _unique("groups", [group.name for group in config.groups])
    partitions = _unique("partitions", [partition.name for partition in config.partitions])
    for partition in config.partitions:
        _known("groups", groups, partition.group_name, f'partition "{partition.name}"')
    for stream in config.background:
        _known("partitions", partitions, stream.partition, "background")
    for drain in config.drains:
        _known("groups", groups, drain.group, "drains")
    for name in (name for window in config.maintenance for name in window.groups):
        _known("groups", groups, name, "maintenance")


def _unique(what: str, names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f'the simulated centre has "{name}" twice in {what}: give each another name')
    return names


def _known(what: str, names: Sequence[str], name: str, where: str) -> None:
    if name not in names:
        raise ValueError(
            f'{where} of the simulated centre names "{name}", which is not in {what} ({", ".join(names)})'
        )
