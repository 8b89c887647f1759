"""An evaluation as receipts show it: each line is written once, however many jobs ask for the same."""

from functools import cached_property

from computility.model.compute_job import Candidate, Mode, Rejection
from computility.model.reasons import Reason
from computility.placement.behind import Behind
from computility.placement.candidates import brief, write_candidate
from computility.placement.evaluation import Evaluation
from computility.placement.rejections import count_rejections, most_first, set_apart


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
        self._runners_up: dict[tuple[int, bool], Candidate] = {}

    def candidate(self, row: int, *, is_behind: bool = False) -> Candidate:
        """Return what the request would take at one pool."""
        found = self._candidates.get((row, is_behind))
        if found is None:
            columns = self.behind.estimates if is_behind else self.evaluation.estimates
            found = write_candidate(self.evaluation, row, columns, is_behind=is_behind)
            self._candidates[row, is_behind] = found
        return found

    def runner_up(self, row: int, *, is_behind: bool = False) -> Candidate:
        """Return what a pool that was not chosen would take; a quote is asked for all of it."""
        found = self._runners_up.get((row, is_behind))
        if found is None:
            found, request = self.candidate(row, is_behind=is_behind), self.evaluation.question.request
            if request.placement.mode is not Mode.QUOTE:
                found = brief(found, request)
            self._runners_up[row, is_behind] = found
        return found

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
