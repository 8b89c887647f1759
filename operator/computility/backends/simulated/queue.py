"""What waits for a group's nodes, in order."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from math import inf

from computility.backends.simulated.free import Amount
from computility.backends.simulated.records import Workload
from computility.backends.simulated.requests import Request

_CHUNK = 64
_Place = tuple[float, float]
"""Priority negated, and turn: no two workloads have the same."""


class Waiting:
    """A workload that waits, with what is asked of it over and over: each event goes through the queue."""

    __slots__ = ("kind", "limit_seconds", "most", "need", "nodes", "workload")

    def __init__(self, workload: Workload, kind: int) -> None:
        request = workload.request
        self.workload = workload
        self.need = need_of(request)
        self.nodes = request.nodes
        self.limit_seconds = request.limit_seconds
        self.most = request.max_concurrent or inf
        self.kind = kind
        """The same number for all that need the same of each node."""

    @property
    def may_start(self) -> bool:
        """Whether it has a task that waits for nodes and for nothing else."""
        return self.workload.active < self.most and bool(self.workload.pending)


_Entry = tuple[float, int, Waiting]


class Queue:
    """Waiting workloads: higher priorities first, and in each the order of releases."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._kinds: dict[Amount, int] = {}

    def add(self, workload: Workload, priority: int) -> None:
        """Let it wait; it keeps its turn."""
        kind = self._kinds.setdefault(need_of(workload.request), len(self._kinds))
        insort(self._entries, (-priority, workload.turn, Waiting(workload, kind)), key=_place)

    def remove(self, workload: Workload, priority: int) -> None:
        """Take it out; a no-op if it is not in."""
        place: _Place = (-priority, workload.turn)
        at = bisect_left(self._entries, place, key=_place)
        if at < len(self._entries) and _place(self._entries[at]) == place:
            del self._entries[at]

    def in_order(self) -> Iterator[Waiting]:
        """Yield what waits; what has been yielded may leave the queue meanwhile."""
        last: _Place = (-inf, -inf)
        while chunk := self._entries[(at := bisect_right(self._entries, last, key=_place)) : at + _CHUNK]:
            last = _place(chunk[-1])
            for _, _, waiting in chunk:
                yield waiting


def need_of(request: Request) -> Amount:
    """Return what a task takes of each of its nodes."""
    return Amount(request.cores_per_node, request.cards_per_node, request.memory_mib)


def _place(entry: _Entry) -> _Place:
    return entry[0], entry[1]
