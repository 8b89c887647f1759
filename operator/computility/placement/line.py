"""The pools that jobs of one kind go through in a rehearsal, one job after the other."""

from collections import deque
from collections.abc import Callable, Iterator, Set

from computility.placement.facts import PoolKey
from computility.placement.ranking import Ranking


class Line:
    """The pools in question, the preferred first; those once found full are passed over for good."""

    def __init__(self, ranking: Ranking, without: Set[PoolKey]) -> None:
        rows = ranking.evaluation.question.table.row_of
        self._ranking = ranking
        self._gone = {row for key in without if (row := rows.get(key)) is not None}
        self._rows = (row for row in ranking.preferred() if row not in self._gone)
        self._seen: deque[int] = deque()

    def ready(self, has_room: Callable[[int], bool]) -> Iterator[int]:
        """Go through those with room; of thousands mostly the first is asked for."""
        return self._ready(has_room) if self._ranking.is_fixed else self._ready_now(has_room)

    def _ready_now(self, has_room: Callable[[int], bool]) -> Iterator[int]:
        """Go through them in an order that changes with what was taken."""
        for row in self._ranking.preferred():
            if row not in self._gone:
                if has_room(row):
                    yield row
                else:
                    self._gone.add(row)

    def _ready(self, has_room: Callable[[int], bool]) -> Iterator[int]:
        while self._seen and not has_room(self._seen[0]):
            self._seen.popleft()
        yield from (row for row in self._seen if has_room(row))
        for row in self._rows:
            if has_room(row):
                self._seen.append(row)
                yield row
