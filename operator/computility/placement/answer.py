"""An evaluation as receipts show it: each line is written once, however many jobs ask for the same."""

from collections.abc import Set
from datetime import datetime, timedelta
from functools import cached_property

from computility.model.compute_job import Candidate, Mode, Rejection
from computility.model.reasons import Reason
from computility.placement.behind import Behind
from computility.placement.candidates import brief, with_cost_range, write_candidate
from computility.placement.estimates import Estimates
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolKey
from computility.placement.prospects import Prospects, find_prospects
from computility.placement.rejections import count_rejections, most_first, set_apart

_HOLDS = timedelta(seconds=10)
"""How long an answer is used again while nothing changes."""


class Answer:
    """What receipts say of one evaluation.

    Attributes:
        evaluation: What was found.
        behind: What that comes to where the request waits for the network's own attempts.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.behind = Behind(evaluation)
        self._candidates: dict[tuple[int, bool], Candidate] = {}
        self._bare: dict[tuple[int, bool], Candidate] = {}
        self._runners_up: dict[tuple[int, bool], Candidate] = {}
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

    def candidate(self, row: int, *, is_behind: bool = False) -> Candidate:
        """Return what the request would take at one pool."""
        found = self._candidates.get((row, is_behind))
        if found is None:
            found = self._written(row, is_behind=is_behind)
            found = with_cost_range(found, self.evaluation, row, self._columns(is_behind=is_behind))
            self._candidates[row, is_behind] = found
        return found

    def _written(self, row: int, *, is_behind: bool) -> Candidate:
        found = self._bare.get((row, is_behind))
        if found is None:
            found = write_candidate(
                self.evaluation, row, self._columns(is_behind=is_behind), is_behind=is_behind
            )
            self._bare[row, is_behind] = found
        return found

    def runner_up(self, row: int, *, is_behind: bool = False) -> Candidate:
        """Return what a pool that was not chosen would take; a quote is asked for all of it."""
        found = self._runners_up.get((row, is_behind))
        if found is None:
            found = self._runners_up[row, is_behind] = self._runner_up(row, is_behind=is_behind)
        return found

    def _runner_up(self, row: int, *, is_behind: bool) -> Candidate:
        request = self.evaluation.question.request
        if request.placement.mode is Mode.QUOTE:
            return self.candidate(row, is_behind=is_behind)
        return brief(self._written(row, is_behind=is_behind), request)

    def _columns(self, is_behind: bool) -> Estimates:
        return self.behind.estimates if is_behind else self.evaluation.estimates

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
