"""Split an array over pools: the preferred ones first, each as much as it can run at once.

It is split only where that is no worse by the job's own policy: to end sooner may cost more.
"""

from collections.abc import Iterable
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from computility.placement.deal_in_time import deal_in_time
from computility.placement.evaluation import Evaluation
from computility.placement.policies import Compared
from computility.placement.shares import Part, make_parts, take, take_all


def split(evaluation: Evaluation, ready: Iterable[int]) -> tuple[Part, ...]:
    """Split the request's indices over pools.

    Args:
        evaluation: What is asked for, and how many times.
        ready: Rows of the pools that fit and have room, the preferred first.

    Returns:
        Parts in the order of the pools; their counts add up to the request's. The preferred pool gets all
        where that is better by the policy, or as good and sooner done. Whatever several could not run at once
        is dealt out in proportion to what each can; or where that is better, or the first would be late, each
        gets what it ends by the deadline. Empty if there are no pools, or none that end it by then.
    """
    request = evaluation.question.request
    if request.deadline is None or not request.may_split:
        return _split_by_slots(evaluation, ready)
    rows = list(ready)
    ways = [way for way in (_split_by_slots(evaluation, rows), deal_in_time(evaluation, rows)) if way]
    in_time = [(merit, way) for way in ways if not (merit := _merit(evaluation, way)).is_late]
    return min(in_time, key=lambda each: each[0], default=(None, ()))[1]


def _split_by_slots(evaluation: Evaluation, ready: Iterable[int]) -> tuple[Part, ...]:
    request, rows = evaluation.question.request, iter(ready)
    count, most, most_parts = request.count, request.max_concurrent, request.most_parts
    first = next(rows, None)
    if first is None:
        return ()
    whole = make_parts([evaluation.pool(first)], [count], most)
    if not request.may_split:
        return whole
    slots = evaluation.slots
    # There may be thousands: of those that are ready only as many are looked for as are used.
    able = list(islice((row for row in chain((first,), rows) if slots[row] > 0), most_parts))
    if not able:
        return whole
    shares = _deal(count, [int(slots[row]) for row in able])
    used = [(evaluation.pool(row), share) for row, share in zip(able, shares, strict=True) if share]
    parts = make_parts([pool for pool, _ in used], [share for _, share in used], most)
    if parts[0].pool is whole[0].pool and parts[0].count == count:
        return whole
    return whole if _merit(evaluation, whole) < _merit(evaluation, parts) else parts


class _Merit(NamedTuple):
    """By what one way to run an array is better: the deadline, the policy's figure, the end."""

    is_late: bool
    score: float
    done_seconds: float


def _merit(evaluation: Evaluation, parts: tuple[Part, ...]) -> _Merit:
    all_of_it = take_all(take(evaluation, part) for part in parts)
    figures = (all_of_it.cost, all_of_it.done_seconds, all_of_it.kg_market)
    [score] = evaluation.score(Compared(*(np.array([figure]) for figure in figures)))
    deadline, now = evaluation.question.request.deadline, evaluation.question.now
    is_late = deadline is not None and all_of_it.done_seconds > (deadline - now).total_seconds()
    return _Merit(is_late, float(score), all_of_it.done_seconds)


def _deal(count: int, slots: list[int]) -> list[int]:
    """Give each as much as it has slots for, in order; what is left over goes to all, in proportion."""
    shares, left = [], count
    for slot in slots:
        shares.append(min(slot, left))
        left -= shares[-1]
    extra = [left * slot // sum(slots) for slot in slots]
    extra[0] += left - sum(extra)
    return [share + more for share, more in zip(shares, extra, strict=True)]
