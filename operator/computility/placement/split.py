"""Split an array over pools: the preferred ones first, each as much as it can run at once.

It is split only where that is no worse by the job's own policy: to end sooner may cost more.
"""

from collections.abc import Iterable
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from computility.placement.deal_in_time import deal_in_time
from computility.placement.policies import Compared
from computility.placement.ranking import Ranking
from computility.placement.shares import Part, make_parts, take, take_all


def split(ranking: Ranking, ready: Iterable[int]) -> tuple[Part, ...]:
    """Split the request's indices over pools.

    Args:
        ranking: What is asked for, how many times, and what is ours at the pools.
        ready: Rows of the pools that fit and have room, the preferred first.

    Returns:
        Parts in the order of the pools; their counts add up to the request's. The preferred pool gets all
        where that is better by the policy, or as good and sooner done. Whatever several could not run at once
        is dealt out in proportion to what each can; or where that is better, or the first would be late, each
        gets what it ends by the deadline. Empty if there are no pools, or none that end it by then.
    """
    request = ranking.evaluation.question.request
    if request.deadline is None or not request.may_split:
        return _split_by_slots(ranking, ready)
    rows = list(ready)
    # What is ours makes no job wait: where all ways are late only for that, they are judged without it.
    return _split_in_time(ranking, rows) or _split_in_time(ranking.without_ours(), rows)


def _split_in_time(ranking: Ranking, rows: list[int]) -> tuple[Part, ...]:
    ways = [way for way in (_split_by_slots(ranking, rows), deal_in_time(ranking, rows)) if way]
    in_time = [(merit, way) for way in ways if not (merit := _merit(ranking, way)).is_late]
    return min(in_time, key=lambda each: each[0], default=(None, ()))[1]


def _split_by_slots(ranking: Ranking, ready: Iterable[int]) -> tuple[Part, ...]:
    evaluation, rows = ranking.evaluation, iter(ready)
    request = evaluation.question.request
    count, most, most_parts = request.count, request.max_concurrent, request.most_parts
    first = next(rows, None)
    if first is None:
        return ()
    whole = make_parts([evaluation.pool(first)], [count], most)
    if not request.may_split:
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


class _Merit(NamedTuple):
    """By what one way to run an array is better: the deadline, the policy's figure, the end."""

    is_late: bool
    score: float
    done_seconds: float


def _merit(ranking: Ranking, parts: tuple[Part, ...]) -> _Merit:
    evaluation = ranking.evaluation
    all_of_it = take_all(take(ranking, part) for part in parts)
    figures = (all_of_it.cost, all_of_it.done_seconds, all_of_it.kg_market)
    [score] = evaluation.score(Compared(*(np.array([figure]) for figure in figures)))
    question = evaluation.question
    is_late = all_of_it.done_seconds > question.request.seconds_left(question.now)
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
