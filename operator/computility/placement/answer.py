"""An evaluation as receipts show it: each line is written once, however many jobs ask for the same."""

from functools import cached_property

from computility.model.compute_job import Candidate, Rejection
from computility.model.reasons import Reason
from computility.placement.candidates import write_candidate
from computility.placement.evaluation import Evaluation
from computility.placement.rejections import count_rejections, most_first, set_apart


class Answer:
    """What receipts say of one evaluation.

    Attributes:
        evaluation: What was found.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self._candidates: dict[int, Candidate] = {}

    def candidate(self, row: int) -> Candidate:
        """Return what the request would take at one pool."""
        found = self._candidates.get(row)
        if found is None:
            found = self._candidates[row] = write_candidate(self.evaluation, row)
        return found

    @cached_property
    def rejected(self) -> tuple[Rejection, ...]:
        """What was turned down, counted; with what fits, and was not compared."""
        evaluation = self.evaluation
        apart = [row for row in evaluation.order if not evaluation.is_compared[row]]
        wish = "spec.work, to compare card models"
        return most_first(
            [*count_rejections(evaluation), *set_apart(evaluation, apart, Reason.NOT_COMPARED, wish)]
        )

    def rejected_with(self, tried: list[int]) -> tuple[Rejection, ...]:
        """Return the same with rows that would fit, and were tried before."""
        if not tried:
            return self.rejected
        return most_first([*self.rejected, *set_apart(self.evaluation, tried, Reason.TRIED_BEFORE)])
