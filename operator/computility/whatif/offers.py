"""What the pools offer to a kind of job, kept small: thousands of kinds are in hand at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from computility.model.job_placement import Policy
from computility.model.reasons import Reason
from computility.placement.evaluation import Evaluation
from computility.placement.policies import EVEN, Compared, score
from computility.placement.table import Floats
from computility.whatif.trace import Shape


class Terms(NamedTuple):
    """What a second of work on the reference takes at one pool: seconds, money, kWh, kg of CO2."""

    seconds: float
    cost: float
    kwh: float
    kg_market: float
    kg_location: float


class Offer:
    """The answer to one kind of job, with nothing in it of when the pools are busy.

    Attributes:
        shape: What the job takes.
        ranked: The pools that fit, the preferred first where nobody waits anywhere.
        fitting: The same in the order of the table, which decides ties.
        reason: If none fits, under which word most are turned down.
    """

    def __init__(self, shape: Shape, evaluation: Evaluation) -> None:
        self.shape = shape
        self.ranked: Sequence[int] = evaluation.order
        self.fitting = sorted(evaluation.order)
        self.reason = None if self.ranked else _most_common_reason(evaluation)
        self._compared = evaluation.compared
        self._estimates = evaluation.estimates
        self._policy = evaluation.question.request.placement.policy
        self._declared_seconds = evaluation.question.request.reference_seconds or 1.0
        self._terms: dict[int, Terms] = {}

    def terms(self, row: int) -> Terms:
        """Return what the work takes at one pool, for each second that it takes on the reference."""
        found = self._terms.get(row)
        if found is None:
            found = self._terms[row] = Terms(
                *(float(column[row]) / self._declared_seconds for column in self._columns())
            )
        return found

    def scores(self, waits: Sequence[float]) -> Floats:
        """Return the policy's figure of each fitting pool, in their order, with so many seconds of wait."""
        waited: Compared = self._compared._replace(done=self._compared.done + np.asarray(waits))
        return score(self._policy, EVEN, waited, waited)

    def _columns(self) -> tuple[Floats, ...]:
        found, emitted = self._estimates, self._estimates.emissions
        return found.run.expected, found.cost, emitted.kwh, emitted.kg_market, emitted.kg_location


def _most_common_reason(evaluation: Evaluation) -> Reason:
    if not len(evaluation.first):
        return Reason.NO_POOLS
    return evaluation.verdicts[int(np.bincount(evaluation.first).argmax())].reason


MINDS_WAITING = {Policy.FASTEST, Policy.BALANCED}
"""Policies in which a pool's wait counts."""
