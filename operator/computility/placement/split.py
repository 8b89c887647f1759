"""Split an array over pools: the preferred ones first, each as much as it can run at once.

It is split only where that is no worse by the job's own policy: to end sooner may cost more.
"""

from collections.abc import Iterable
from itertools import chain, islice

import numpy as np

from computility.model.compute_job import ArraySpec
from computility.placement.policies import Compared
from computility.placement.ranking import Ranking
from computility.placement.shares import Part, make_parts, take, take_all

MOST_PARTS = 8
"""Over so many pools an array is split at most: each is an attempt with an Assignment of its own."""


def parts_allowed(array: ArraySpec | None) -> int:
    """Return over how many pools a job may be split.

    Each part runs at least one index at a time: more parts than `maxConcurrent` would run too many.
    """
    return 1 if array is None else min(MOST_PARTS, array.max_concurrent or MOST_PARTS)


def split(ranking: Ranking, ready: Iterable[int], most_parts: int = MOST_PARTS) -> tuple[Part, ...]:
    """Split the request's indices over pools.

    Args:
        ranking: What is asked for, how many times, and what is ours at the pools.
        ready: Rows of the pools that fit and have room, the preferred first.
        most_parts: How many of them may be used.

    Returns:
        Parts in the order of the pools; their counts add up to the request's. The preferred pool gets all
        where that is better by the policy, or as good and sooner done. Whatever several could not run at once
        is dealt out in proportion to what each can. Empty if there are no pools.
    """
    evaluation = ranking.evaluation
    count, rows = evaluation.question.request.count, iter(ready)
    first = next(rows, None)
    if first is None:
        return ()
    most = evaluation.question.request.max_concurrent
    whole = make_parts([evaluation.pool(first)], [count], most)
    if count == 1 or most_parts == 1:
        return whole
    # There may be thousands: of those that are ready only as many are looked for as are used.
    slots = ((row, ranking.slots(row)) for row in chain((first,), rows))
    able = list(islice(((row, runs) for row, runs in slots if runs > 0), most_parts))
    if not able:
        return whole
    shares = _deal(count, [runs for _, runs in able])
    used = [(evaluation.pool(row), share) for (row, _), share in zip(able, shares, strict=True) if share]
    parts = make_parts([pool for pool, _ in used], [share for _, share in used], most)
    if parts[0].pool is whole[0].pool and parts[0].count == count:
        return whole
    return whole if _merit(ranking, whole) < _merit(ranking, parts) else parts


def _merit(ranking: Ranking, parts: tuple[Part, ...]) -> tuple[bool, float, float]:
    """Return by what one way to run an array is better: the deadline, the policy's figure, the end."""
    evaluation = ranking.evaluation
    all_of_it = take_all(take(ranking, part) for part in parts)
    figures = (all_of_it.cost, all_of_it.done_seconds, all_of_it.kg_market)
    [score] = evaluation.score(Compared(*(np.array([figure]) for figure in figures)))
    deadline, now = evaluation.question.request.deadline, evaluation.question.now
    is_late = deadline is not None and all_of_it.done_seconds > (deadline - now).total_seconds()
    return is_late, float(score), all_of_it.done_seconds


def _deal(count: int, slots: list[int]) -> list[int]:
    """Give each as much as it has slots for, in order; what is left over goes to all, in proportion."""
    shares, left = [], count
    for slot in slots:
        shares.append(min(slot, left))
        left -= shares[-1]
    extra = [left * slot // sum(slots) for slot in slots]
    extra[0] += left - sum(extra)
    return [share + more for share, more in zip(shares, extra, strict=True)]
