"""One pool in virtual time: what is free, what runs, and who waits, first come first served."""

from collections import deque
from typing import NamedTuple

from computility.model.pool_facts import AllocationUnit
from computility.placement.facts import PoolFacts
from computility.whatif.trace import Shape


class Task(NamedTuple):
    """A job at a pool.

    Attributes:
        job: Its number in the trace.
        row: The pool.
        cores, cards: What is allocated to it.
        seconds: How long it will run there.
        share: How much of the pool that is: the larger of both shares.
    """

    job: int
    row: int
    cores: int
    cards: int
    seconds: float
    share: float


class PoolQueue:
    """The machines of a pool as two numbers, cores and cards, and the queue before them.

    A job behind one that does not fit yet waits with it, though it might fit itself. At most `max_queued`
    jobs are at a pool, as in the real network.

    Attributes:
        waiting: Who waits, the first come first.
    """

    __slots__ = ("_ahead", "_all_cards", "_all_cores", "_busy", "_ends", "_whole", "cards", "cores",
                 "live", "most", "row", "waiting")  # fmt: skip

    def __init__(self, row: int, pool: PoolFacts) -> None:
        shape = pool.spec.shape
        self.row = row
        self.cores = self._all_cores = shape.nodes * shape.cores_per_node
        self.cards = self._all_cards = shape.nodes * shape.cards_per_node
        self.most = pool.spec.limits.max_queued
        self.live = 0
        self.waiting: deque[Task] = deque()
        is_whole = pool.spec.allocation_unit is AllocationUnit.NODE
        self._whole = (shape.cores_per_node, shape.cards_per_node) if is_whole else None
        self._ahead = self._busy = self._ends = 0.0

    @property
    def has_room(self) -> bool:
        """Whether the network may send one job more."""
        return self.live < self.most

    def task(self, job: int, shape: Shape, seconds: float) -> Task:
        """Return what a job would be here: pools that give nothing less allocate whole nodes."""
        cores, cards = self._allocated(shape)
        return Task(job, self.row, cores, cards, seconds, self._share(cores, cards))

    def wait_seconds(self, shape: Shape, now: float) -> float:
        """Estimate how long a job would wait that came now.

        0 if it would start; else all work that is ahead of it or still runs, spread over the whole pool.
        """
        if not self.waiting:
            cores, cards = self._allocated(shape)
            if cores <= self.cores and cards <= self.cards:
                return 0.0
        return max(0.0, self._ahead + self._ends - now * self._busy)

    def take(self, task: Task) -> None:
        """Let a job join the queue."""
        self.live += 1
        self._ahead += task.share * task.seconds
        self.waiting.append(task)

    def start_next(self, now: float) -> Task | None:
        """Start the first of the queue, if what it takes is free."""
        if not self.waiting:
            return None
        task = self.waiting[0]
        if task.cores > self.cores or task.cards > self.cards:
            return None
        self.waiting.popleft()
        self.cores -= task.cores
        self.cards -= task.cards
        self._ahead -= task.share * task.seconds
        self._busy += task.share
        self._ends += task.share * (now + task.seconds)
        return task

    def end(self, task: Task, now: float) -> None:
        """Free what a job held that ends now."""
        self.live -= 1
        self.cores += task.cores
        self.cards += task.cards
        self._busy -= task.share
        self._ends -= task.share * now

    def _allocated(self, shape: Shape) -> tuple[int, int]:
        nodes, cores, cards = shape
        if self._whole is None:
            return nodes * cores, nodes * cards
        return nodes * self._whole[0], nodes * self._whole[1]

    def _share(self, cores: int, cards: int) -> float:
        by_cores = cores / self._all_cores
        return max(by_cores, cards / self._all_cards) if cards else by_cores
