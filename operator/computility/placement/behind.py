"""What an evaluation comes to at pools where the network's own attempts hold what would have been free."""

from functools import cached_property
from math import inf, isnan

import numpy as np

from computility.placement.estimates import Estimates, estimate_behind
from computility.placement.evaluation import Evaluation, to_compare
from computility.placement.slots import FreeRooms
from computility.placement.table import Bools, Floats

Key = tuple[int, float, int]
"""By what rows are ordered: 1 where the deadline would be missed, the policy's figure, the row."""
FIRST: Key = (-1, 0.0, -1)
_WITHOUT_FIGURE = 2
"""What has no figure comes last."""


class Behind:
    """The second answer to each row: the request would start at once, but for what is ours there.

    No filter is asked again: what is ours passes. A pool that would only miss the deadline because of it
    stays, behind all that do not.

    Args:
        evaluation: The first answer.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation

    @cached_property
    def may_start(self) -> list[bool]:
        """Of each row, whether it fits, and the request would start there at once if nothing were ours."""
        may_start, fitting = self._evaluation.estimates.queues.may_start, self._evaluation.fitting
        found = np.zeros(len(may_start), np.bool_)
        found[fitting] = may_start[fitting]
        return found.tolist()

    @cached_property
    def is_anywhere(self) -> bool:
        """Whether there is any such row: else nothing that is ours changes an estimate."""
        return bool(self._evaluation.estimates.queues.may_start[self._evaluation.fitting].any())

    @cached_property
    def estimates(self) -> Estimates:
        with np.errstate(over="ignore", invalid="ignore"):
            return estimate_behind(self._evaluation.question, self._evaluation.estimates)

    @cached_property
    def room(self) -> FreeRooms:
        """What was free of each pool, and what one run takes of it."""
        return FreeRooms(self._evaluation.question.request, self._evaluation.question.table)

    def first_key(self, row: int) -> Key:
        """Return the key of a row at which the request starts as the evaluation has it."""
        return _key(0, float(self._first_scores[row]), row)

    def key(self, row: int) -> Key:
        """Return the key of a row at which it waits for what is ours."""
        return _key(int(self._is_late[row]), float(self._scores[row]), row)

    @cached_property
    def sooner(self) -> list[int]:
        """Rows that are preferred when the request starts later: a dear window is over by then."""
        if not self._evaluation.question.table.windowed:
            return []
        is_better = (self._scores < self._first_scores) & ~self._is_late & np.array(self.may_start, np.bool_)
        return np.flatnonzero(is_better).tolist()

    @cached_property
    def _first_scores(self) -> Floats:
        return self._spread(self._evaluation.scores)

    @cached_property
    def _scores(self) -> Floats:
        figures = to_compare(self.estimates, self._evaluation.fitting)
        with np.errstate(over="ignore", invalid="ignore"):
            return self._spread(self._evaluation.score(figures))

    def _spread(self, scores: Floats) -> Floats:
        """Return the scores of the rows that fit as one of each row."""
        found = np.full(len(self._evaluation.question.table), inf)
        found[self._evaluation.fitting] = scores
        return found

    @cached_property
    def _is_late(self) -> Bools:
        question = self._evaluation.question
        return self.estimates.done.expected > question.request.seconds_left(question.now)


def _key(late: int, score: float, row: int) -> Key:
    return (_WITHOUT_FIGURE, 0.0, row) if isnan(score) else (late, score, row)
