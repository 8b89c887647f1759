"""Jobs that wait at the hub, because all pools that would take them have as many jobs as they take."""

from collections import deque
from collections.abc import Sequence


class Line:
    """Jobs that fit the same pools, the first come first."""

    __slots__ = ("jobs", "rows")

    def __init__(self, rows: frozenset[int]) -> None:
        self.rows = rows
        self.jobs: deque[int] = deque()


class Backlog:
    """The lines before the network, one for each set of pools.

    While anybody stands in a line, all its pools are full: a place that gets free goes to the first of those
    who fit it.

    Attributes:
        count: Jobs in all lines.
    """

    def __init__(self) -> None:
        self._lines: dict[frozenset[int], Line] = {}
        self.count = 0

    def join(self, fitting: Sequence[int], job: int) -> None:
        """Let a job wait that fits these pools."""
        rows = frozenset(fitting)
        line = self._lines.get(rows)
        if line is None:
            line = self._lines[rows] = Line(rows)
        line.jobs.append(job)
        self.count += 1

    def next_for(self, row: int) -> int | None:
        """Take out who came first of those who fit a pool; None if nobody does."""
        lines = [line for line in self._lines.values() if line.jobs and row in line.rows]
        if not lines:
            return None
        self.count -= 1
        return min(lines, key=lambda line: line.jobs[0]).jobs.popleft()
