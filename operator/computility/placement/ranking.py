"""The order of the pools that fit a request, as it is with what the network's own attempts hold now."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Set
from itertools import islice

from computility.model.compute_job import Candidate
from computility.placement.answer import Answer
from computility.placement.behind import FIRST, Key
from computility.placement.estimates import Estimates
from computility.placement.ours import Ours
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

    Attributes:
        evaluation: The answer's.
        is_fixed: Whether nothing that is ours could change the order, or an estimate.
    """

    def __init__(self, answer: Answer, ours: Ours) -> None:
        self.answer = answer
        self.evaluation = answer.evaluation
        self.is_fixed = not answer.behind.is_anywhere
        self._ours = ours
        self._releases = ours.releases
        self._pools = self.evaluation.question.table.room
        self._starts: dict[int, Start] = {}
        self._rest = self.evaluation.preferred()
        self._kept: list[Key] = []
        self._fetched = FIRST
        self._moved: list[Key] = []
        self._key_of: dict[int, Key] = {}
        self._runners_up: dict[int | None, tuple[Candidate, ...]] = {}

    def preferred(self) -> Iterator[int]:
        """Go through the rows that fit, the preferred first; ties by member and pool.

        A walk is over once another has begun.
        """
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

    def without_ours(self) -> "Ranking":
        """Return the same as if nothing at the pools were the network's own."""
        return Ranking(self.answer, Ours())

    def slots(self, row: int) -> int:
        """Return how many of the indices a pool could run at once beside what is ours."""
        stakes = self._ours.at(self._pools[row][0])
        return int(self.evaluation.slots[row]) if stakes is None else self._start(row).slots(stakes)

    def _best(self, without: Set[int | None]) -> tuple[Candidate, ...]:
        is_compared = self.evaluation.is_compared
        rows = (row for row in self.preferred() if row not in without and is_compared[row])
        return tuple(
            self.answer.runner_up(row, is_behind=self.is_behind(row)) for row in islice(rows, _RUNNERS_UP)
        )

    def _merged(self) -> Iterator[int]:
        """Go through the rows that are where they were found, and through those moved, both in order."""
        self._take_back()
        for row in self.answer.behind.sooner:
            if row not in self._key_of and not self._is_free(row):
                self._move(row)
        kept, moved, at, place = self._kept, self._moved, 0, 0
        while at < len(kept) or self._fetch():
            key = kept[at]
            if not self._is_free(key[-1]):
                del kept[at]
                self._move(key[-1])
                continue
            while place < len(moved) and moved[place] < key:
                yield moved[place][-1]
                place += 1
            yield key[-1]
            at += 1
        for _, _, row in moved[place:]:
            yield row

    def _fetch(self) -> bool:
        """Take in the next row of the evaluation's order; say whether there was one."""
        for row in self._rest:
            self._fetched = self.answer.behind.first_key(row)
            if row not in self._key_of:
                self._kept.append(self._fetched)
                return True
        return False

    def _move(self, row: int) -> None:
        """Put a row where it belongs while the request would wait there."""
        _discard(self._kept, self.answer.behind.first_key(row))
        self._key_of[row] = self.answer.behind.key(row)
        insort(self._moved, self._key_of[row])

    def _take_back(self) -> None:
        """Return rows to where they were found whose pools have let so much go that it is enough."""
        if self._releases == self._ours.releases:
            return
        rows = self.evaluation.question.table.row_of
        for pool in self._ours.released_after(self._releases):
            row = rows.get(pool)
            if row is not None and row in self._key_of and self._is_free(row):
                _discard(self._moved, self._key_of.pop(row))
                key = self.answer.behind.first_key(row)
                if key <= self._fetched:
                    insort(self._kept, key)
        self._releases = self._ours.releases

    def _is_free(self, row: int) -> bool:
        """Say whether nothing that is ours keeps the request from what was found of a row."""
        stakes = self._ours.at(self._pools[row][0])
        if stakes is None or not self.answer.behind.may_start[row]:
            return True
        return self._start(row).is_free(stakes)

    def _start(self, row: int) -> Start:
        found = self._starts.get(row)
        if found is None:
            evaluation = self.evaluation
            room = self.answer.behind.room.at(row)
            is_word = bool(evaluation.estimates.queues.is_word[row])
            found = self._starts[row] = Start(
                evaluation.pool(row), evaluation.question.request, room, is_word=is_word
            )
        return found


def _discard(keys: list[Key], key: Key) -> None:
    """Take a key out of a sorted list, if it is there."""
    place = bisect_left(keys, key)
    if place < len(keys) and keys[place] == key:
        del keys[place]
