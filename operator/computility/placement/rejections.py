"""Pools that were turned down, counted by reason, with the nearest that was found and three examples."""

from collections.abc import Iterable

import numpy as np

from computility.model.compute_job import PoolRef, Rejection
from computility.model.reasons import Reason
from computility.placement.evaluation import Evaluation
from computility.placement.table import Rows
from computility.placement.verdict import Verdict

_EXAMPLES = 3


def count_rejections(evaluation: Evaluation) -> list[Rejection]:
    """Count pools under the first filter that refuses them."""
    counted = []
    for place in np.unique(evaluation.first):
        if place >= 0:
            rows = np.flatnonzero(evaluation.first == place)
            counted.append(_rejection(evaluation, evaluation.verdicts[place], rows))
    return counted


def _rejection(evaluation: Evaluation, verdict: Verdict, rows: Rows) -> Rejection:
    nearest = rows[0] if verdict.nearness is None else rows[np.argmax(verdict.nearness[rows])]
    refusal = verdict.refusal(evaluation.pool(int(nearest)))
    return Rejection(
        reason=refusal.reason.value,
        count=len(rows),
        wanted=refusal.wanted,
        found=refusal.found,
        examples=references(evaluation, rows[:_EXAMPLES].tolist()),
    )


def set_apart(evaluation: Evaluation, rows: list[int], reason: Reason, wanted: str = "") -> list[Rejection]:
    """Count rows that no filter refuses, and that were passed over all the same."""
    if not rows:
        return []
    examples = references(evaluation, sorted(rows)[:_EXAMPLES])
    return [Rejection(reason=reason.value, count=len(rows), wanted=wanted, examples=examples)]


def references(evaluation: Evaluation, rows: Iterable[int]) -> tuple[PoolRef, ...]:
    """Name pools by their rows."""
    pools = (evaluation.pool(row) for row in rows)
    return tuple(PoolRef(member=pool.member, pool=pool.pool) for pool in pools)


def most_first(rejected: Iterable[Rejection]) -> tuple[Rejection, ...]:
    """Sort by how many were turned down, then by reason."""
    return tuple(sorted(rejected, key=lambda each: (-each.count, each.reason)))


def render_rejections(rejected: Iterable[Rejection]) -> str:
    """Say in one line what was turned down, why, and how near the nearest came."""
    return "; ".join(
        f"{r.count} {r.reason}"
        + (f" (wanted {r.wanted}" if r.wanted else "")
        + (", " if r.wanted and r.found else " (" if r.found else "")
        + (f"nearest {r.found}" if r.found else "")
        + (")" if r.wanted or r.found else "")
        for r in rejected
    )
