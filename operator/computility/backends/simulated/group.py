"""The nodes of a group: what is free, down and drained on them, what runs there, and what waits for them."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

from computility.backends.simulated.config import NodeGroup
from computility.backends.simulated.faults_config import Window
from computility.backends.simulated.free import Amount, FreeTable
from computility.backends.simulated.queue import Queue, need_of
from computility.backends.simulated.records import Task, Workload
from computility.model.resource_pool import Capacity

_End = tuple[float, int, int, int, Amount]
"""When a task's limit is over, whose and which it is, its nodes, and what it has of each."""


class Figures(NamedTuple):
    """How a group's nodes stood from some time on."""

    since: float
    used_by_others: Capacity
    unavailable: Capacity


class Group:
    """The state of a group. Sets of nodes are the bits of integers, node 0 the lowest."""

    def __init__(self, config: NodeGroup, priorities: Mapping[str, int], closures: Sequence[Window]) -> None:
        each = Amount(config.cores, config.cards, config.memory_mib)
        self.config = config
        self.each = each
        self.all_nodes = (1 << config.nodes) - 1
        self.free = FreeTable.of_idle(config.nodes, each)
        self.free_of_others = FreeTable.of_idle(config.nodes, each)
        """What would be free if the network had no work here."""
        self.down: dict[int, float] = {}
        """Dead nodes → when each is repaired."""
        self.drained_by_hand = 0
        self.usable = self.all_nodes
        self.queue = Queue()
        self.ends: list[_End] = []
        """Running tasks by the end of their limit."""
        self.measured: deque[Figures] = deque()
        """Present and past figures, the oldest first."""
        self.workloads: dict[int, Workload] = {}
        """What waits or runs here, by serial."""
        self._priorities = priorities
        self._closures = sorted(closures, key=lambda window: window.start)

    def enqueue(self, workload: Workload) -> None:
        self.workloads[workload.serial] = workload
        self.queue.add(workload, self._priorities[workload.request.partition])

    def dequeue(self, workload: Workload) -> None:
        """Take it out of the queue; a no-op if it is not in."""
        self.queue.remove(workload, self._priorities[workload.request.partition])

    def occupy(self, workload: Workload, task: Task) -> None:
        """Give a task that starts its nodes."""
        need = need_of(workload.request)
        self.free.take(task.nodes.bits, need)
        if workload.is_foreign:
            self.free_of_others.take(task.nodes.bits, need)
        self.workloads[workload.serial] = workload
        insort(self.ends, _end(workload, task))

    def vacate(self, workload: Workload, task: Task) -> None:
        """Take them back."""
        need = need_of(workload.request)
        self.free.give(task.nodes.bits, need)
        if workload.is_foreign:
            self.free_of_others.give(task.nodes.bits, need)
        del self.ends[bisect_left(self.ends, _end(workload, task))]

    def let_go(self, workload: Workload) -> None:
        """Drop a workload that neither waits nor runs."""
        self.dequeue(workload)
        self.workloads.pop(workload.serial, None)

    def set_unusable(self, drained: int) -> None:
        """Say which nodes take no work, besides those that are down."""
        self.usable = self.all_nodes & ~drained
        for node in self.down:
            self.usable &= ~(1 << node)

    def closes_at(self, at: float) -> float:
        """Return by when work that starts then must be over for a maintenance; it is past in one."""
        begins = (window.start for window in self._closures if at < window.end)
        return min(begins, default=inf)

    def used_by_others(self) -> Capacity:
        free = self.free_of_others
        untouched = free.classes.get(self.each, 0).bit_count()
        return Capacity(
            nodes=self.config.nodes - untouched,
            cores=self.config.nodes * self.config.cores - free.sum_cores(self.all_nodes),
            cards=self.config.nodes * self.config.cards - free.sum_cards(self.all_nodes),
        )

    def unavailable(self) -> Capacity:
        """What is free on nodes that take no work."""
        nodes = self.all_nodes & ~self.usable
        if not nodes:
            return Capacity()
        return Capacity(
            nodes=nodes.bit_count(), cores=self.free.sum_cores(nodes), cards=self.free.sum_cards(nodes)
        )

    def total(self) -> Capacity:
        nodes = self.config.nodes
        return Capacity(nodes=nodes, cores=nodes * self.config.cores, cards=nodes * self.config.cards)


def _end(workload: Workload, task: Task) -> _End:
    ends_at = task.started_at + workload.request.limit_seconds
    return ends_at, workload.serial, task.index, task.nodes.bits, need_of(workload.request)
