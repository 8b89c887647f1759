"""An evaluation as receipts show it: each line is written once, however many jobs ask for the same."""

from collections.abc import Set
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice

from computility.model.compute_job import Candidate, Mode, Rejection
from computility.model.reasons import Reason
from computility.placement.candidates import brief, with_cost_range, write_candidate
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolKey
from computility.placement.prospects import Prospects, find_prospects
from computility.placement.rejections import count_rejections, most_first, set_apart

_RUNNERS_UP = 9
_HOLDS = timedelta(seconds=10)
"""How long an answer is used again while nothing changes."""


class Answer:
    """What receipts say of one evaluation.

    Attributes:
        evaluation: What was found.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self._candidates: dict[int, Candidate] = {}
        self._bare: dict[int, Candidate] = {}
        self._runners_up: dict[int | None, tuple[Candidate, ...]] = {}
        self._prospects: dict[Set[PoolKey], Prospects] = {}

    def holds(self, now: datetime) -> bool:
        """Say whether it is still of use: deadlines come nearer, facts grow old, and windows begin."""
        is_open = any(each.opens_at and each.opens_at <= now for each in self._prospects.values())
        return not is_open and abs(now - self.evaluation.question.now) < _HOLDS

    def prospects(self, avoid: Set[PoolKey]) -> Prospects:
        """Return what may change the answer, at pools that are not to be avoided; reckoned when asked for."""
        found = self._prospects.get(avoid)
        if found is None:
            found = self._prospects[avoid] = find_prospects(self.evaluation, avoid)
        return found

    def candidate(self, row: int) -> Candidate:
        """Return what the request would take at one pool."""
        found = self._candidates.get(row)
        if found is None:
            found = with_cost_range(self._written(row), self.evaluation, row)
            self._candidates[row] = found
        return found

    def _written(self, row: int) -> Candidate:
        found = self._bare.get(row)
        if found is None:
            found = self._bare[row] = write_candidate(self.evaluation, row)
        return found

    def runners_up(self, chosen: int | None, tried: Set[int]) -> tuple[Candidate, ...]:
        """Return the next best pools that were compared, best first, without some that were tried before."""
        if tried:
            return self._best(tried | {chosen})
        # Of jobs that ask for the same most come to the same few pools.
        found = self._runners_up.get(chosen)
        if found is None:
            found = self._runners_up[chosen] = self._best({chosen})
        return found

    def _best(self, without: Set[int | None]) -> tuple[Candidate, ...]:
        is_compared = self.evaluation.is_compared
        rows = (row for row in self.evaluation.preferred() if row not in without and is_compared[row])
        return tuple(self._runner_up(row) for row in islice(rows, _RUNNERS_UP))

    def _runner_up(self, row: int) -> Candidate:
        """Return what a pool that was not chosen would take; a quote is asked for all of it."""
        request = self.evaluation.question.request
        if request.placement.mode is Mode.QUOTE:
            return self.candidate(row)
        return brief(self._written(row), request)

    @cached_property
    def rejected(self) -> tuple[Rejection, ...]:
        """What was turned down, counted; with what fits, and was not compared."""
        evaluation = self.evaluation
        fitting = evaluation.fitting
        apart = fitting[~evaluation.is_compared[fitting]].tolist()
        wish = "spec.work, to compare card models"
        return most_first(
            [*count_rejections(evaluation), *set_apart(evaluation, apart, Reason.NOT_COMPARED, wish)]
        )

    def rejected_with(self, tried: list[int]) -> tuple[Rejection, ...]:
        """Return the same with rows that would fit, and were tried before."""
        if not tried:
            return self.rejected
        return most_first([*self.rejected, *set_apart(self.evaluation, tried, Reason.TRIED_BEFORE)])
