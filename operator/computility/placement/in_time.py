"""Whether a request would be done by a moment."""

from collections.abc import Set

from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolKey


def is_done_within(evaluation: Evaluation, seconds: float, at: Set[PoolKey]) -> bool:
    """Say whether one of some pools fits, and is expected to be done in so many seconds."""
    rows = evaluation.fitting[evaluation.estimates.done.expected[evaluation.fitting] <= seconds]
    return any(evaluation.pool(row).key in at for row in rows.tolist())
