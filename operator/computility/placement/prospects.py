"""What may change the answer to a request beside room, and terms that pools have not offered yet."""

from collections.abc import Set
from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np

from computility.model.reasons import Reason
from computility.placement.ask import Ask
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolKey
from computility.placement.in_time import are_enough
from computility.placement.openings import opens_at
from computility.placement.request import Request
from computility.placement.table import Rows


class Prospects(NamedTuple):
    """What is to be waited for.

    Attributes:
        opens_at: When the first pool that is too dear now falls below the caps; None if none will.
        late_at: Pools that nothing speaks against but the deadline: a shorter queue there may help.
    """

    opens_at: datetime | None = None
    late_at: frozenset[PoolKey] = frozenset()


class Prospect(NamedTuple):
    """What may change the answer to one job that waits.

    Attributes:
        ask: What it asks for.
        found: When, and at which pools.
    """

    ask: Ask
    found: Prospects

    def without_deadline(self) -> Request:
        """Return what it asks for otherwise: nothing that it takes at a pool depends on the deadline."""
        return msgspec.structs.replace(self.ask.request, deadline=None)

    def is_in_time(self, evaluation: Evaluation) -> bool:
        """Say whether a pool where it was late is in time, by what was found without the deadline."""
        request, now, found = self.ask.request, evaluation.question.now, evaluation.estimates
        left = request.seconds_left(now)
        rows = evaluation.fitting
        if request.may_split:
            return are_enough(request, found, _without(rows, self.ask.avoid, evaluation), left)
        in_time = rows[found.done.expected[rows] <= left]
        return any(evaluation.pool(row).key in self.found.late_at for row in in_time.tolist())


def _without(rows: Rows, avoid: Set[PoolKey], evaluation: Evaluation) -> Rows:
    row_of = evaluation.question.table.row_of
    return np.setdiff1d(rows, [row_of[key] for key in avoid if key in row_of]) if avoid else rows


def find_prospects(evaluation: Evaluation, avoid: Set[PoolKey]) -> Prospects:
    """Say what may change an answer, at pools that are not to be avoided."""
    return Prospects(opens_at(evaluation, avoid), _late_at(evaluation, avoid))


def _late_at(evaluation: Evaluation, avoid: Set[PoolKey]) -> frozenset[PoolKey]:
    if evaluation.question.request.may_split and len(evaluation.fitting):
        return frozenset()  # several end it in time; they are only full
    is_late = evaluation.refused_only_for({Reason.DEADLINE_MISSED})
    return frozenset(evaluation.pool(row).key for row in np.flatnonzero(is_late).tolist()) - avoid
