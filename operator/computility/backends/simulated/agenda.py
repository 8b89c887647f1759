"""What happens when: the engine's calendar, in an order that does not depend on how it was filled."""

import enum
import heapq


class Kind(enum.IntEnum):
    """What an entry is about. At one instant the lower kinds come first."""

    TASK = 0
    """Something is due to a task: (serial, index)."""
    REPAIR = 1
    """A node works again: (group's number, node)."""
    EDGE = 2
    """A window begins or ends: (0, 0)."""
    NODE_FAILURE = 3
    """By chance: (group's number, how manieth)."""
    CRASH = 4
    """By chance: (0, how manieth)."""
    OUTAGE = 5
    """By chance: (0, how manieth)."""
    ARRIVAL = 6
    """Of a job of the centre's own users: (stream's number, how manieth)."""
    PURGE = 7
    """The controller drops an ended workload: (serial, 0)."""


Entry = tuple[float, int, int, int]
"""(when, kind, and what the kind says)."""


class Agenda:
    """A heap of entries. One that became void stays until its time; its handler finds nothing to do."""

    def __init__(self) -> None:
        self._heap: list[Entry] = []

    def add(self, at: float, kind: Kind, which: int = 0, number: int = 0) -> None:
        heapq.heappush(self._heap, (at, kind, which, number))

    def next_at(self) -> float | None:
        return self._heap[0][0] if self._heap else None

    def pop_until(self, at: float) -> Entry | None:
        """Take the first entry off if its time has come."""
        return heapq.heappop(self._heap) if self._heap and self._heap[0][0] <= at else None
