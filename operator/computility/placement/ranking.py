"""The order of the pools that fit a request, as it is with what the network's own attempts hold now."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Set
from itertools import islice

from computility.model.compute_job import Candidate
from computility.placement.answer import Answer
from computility.placement.behind import Key
from computility.placement.estimates import Estimates
from computility.placement.evaluation import Evaluation
from computility.placement.held import Ours, Stakes
from computility.placement.slots import row_room
from computility.placement.starts import Start

_RUNNERS_UP = 9


class Ranking:
    """An answer and what is ours: only the rows that a walk comes to are looked at, and those that were left.

    A row at which the request would have to wait for what is ours is moved to where it belongs then. It does
    so no earlier than it would without (but for `Behind.sooner`): so a walk that looks at each row
    when it comes to it misses none.

    Args:
        answer: What was found, whatever is ours.
        ours: What the network holds, as it is counted at each decision.
    """

    def __init__(self, answer: Answer, ours: Ours) -> None:
        self.answer = answer
        self._ours = ours
        self._releases = ours.releases
        self._starts: dict[int, Start] = {}
        self._key_of: dict[int, Key] = {}
        self._moved: list[Key] = []
        self._runners_up: dict[int | None, tuple[Candidate, ...]] = {}

    @property
    def evaluation(self) -> Evaluation:
        return self.answer.evaluation

    @property
    def is_fixed(self) -> bool:
        """Whether nothing that is ours could change the order, or an estimate."""
        return not self.answer.behind.is_anywhere

    def preferred(self) -> Iterator[int]:
        """Go through the rows that fit, the preferred first; ties by member and pool."""
        return self.evaluation.preferred() if self.is_fixed else self._merged()

    def is_behind(self, row: int) -> bool:
        """Say whether the request waits there for what is ours, of a row that a walk has come to."""
        return row in self._key_of

    def estimates(self, row: int) -> Estimates:
        """Return the columns that hold for such a row."""
        return self.answer.behind.estimates if row in self._key_of else self.evaluation.estimates

    def candidate(self, row: int) -> Candidate:
        """Return what the request would take at such a row."""
        return self.answer.candidate(row, is_behind=self.is_behind(row))

    def runners_up(self, chosen: int | None, tried: Set[int]) -> tuple[Candidate, ...]:
        """Return the next best pools that were compared, best first, without some that were tried before."""
        if tried or not self.is_fixed:
            return self._best(tried | {chosen})
        # Of jobs that ask for the same most come to the same few pools.
        found = self._runners_up.get(chosen)
        if found is None:
            found = self._runners_up[chosen] = self._best({chosen})
        return found

    def slots(self, row: int) -> int:
        """Return how many of the indices a pool could run at once beside what is ours."""
        stakes = self._stakes(row)
        return int(self.evaluation.slots[row]) if stakes is None else self._start(row).slots(stakes)

    def _best(self, without: Set[int | None]) -> tuple[Candidate, ...]:
        is_compared = self.evaluation.is_compared
        rows = (row for row in self.preferred() if row not in without and is_compared[row])
        return tuple(
            self.answer.runner_up(row, is_behind=self.is_behind(row)) for row in islice(rows, _RUNNERS_UP)
        )

    def _merged(self) -> Iterator[int]:
        """Go through the rows as they were found, and through those that were moved, both in order."""
        self._take_back()
        for row in self.answer.behind.sooner:
            self._look_at(row)
        moved, place, first_key = self._moved, 0, self.answer.behind.first_key
        for row in self.evaluation.preferred():
            if self._look_at(row):
                continue
            while place < len(moved) and moved[place] < first_key(row):
                yield moved[place][-1]
                place += 1
            yield row
        for _, _, row in moved[place:]:
            yield row

    def _look_at(self, row: int) -> bool:
        """Move a row if it has to be; say whether it is moved."""
        if row in self._key_of:
            return True
        stakes = self._stakes(row)
        if stakes is None or not self.answer.behind.may_start[row] or self._start(row).is_free(stakes):
            return False
        key = self._key_of[row] = self.answer.behind.key(row)
        insort(self._moved, key)
        return True

    def _take_back(self) -> None:
        """Return rows to where they were found whose pools have let so much go that it is enough."""
        if self._releases == self._ours.releases:
            return
        rows = self.evaluation.question.table.row_of
        for pool in self._ours.released_after(self._releases):
            row = rows.get(pool)
            if row in self._key_of and row is not None and self._is_free(row):
                del self._moved[bisect_left(self._moved, self._key_of.pop(row))]
        self._releases = self._ours.releases

    def _is_free(self, row: int) -> bool:
        stakes = self._stakes(row)
        return stakes is None or self._start(row).is_free(stakes)

    def _stakes(self, row: int) -> Stakes | None:
        return self._ours.at(self.evaluation.question.table.room[row][0])

    def _start(self, row: int) -> Start:
        found = self._starts.get(row)
        if found is None:
            evaluation = self.evaluation
            room = row_room(self.answer.behind.room, row)
            is_word = bool(evaluation.estimates.queues.is_word[row])
            found = self._starts[row] = Start(
                evaluation.pool(row), evaluation.question.request, room, is_word=is_word
            )
        return found
