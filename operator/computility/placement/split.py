"""Split an array over pools: the preferred ones first, each as much as it can run at once."""

from collections.abc import Iterable
from itertools import chain, islice

from computility.model.base import Value
from computility.model.compute_job import ArraySpec
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolFacts

MOST_PARTS = 8
"""Over so many pools an array is split at most: each is an attempt with an Assignment of its own."""


def parts_allowed(array: ArraySpec | None) -> int:
    """Return over how many pools a job may be split.

    Each part runs at least one index at a time: more parts than `maxConcurrent` would run too many.
    """
    return 1 if array is None else min(MOST_PARTS, array.max_concurrent or MOST_PARTS)


class Part(Value, frozen=True, kw_only=True):
    """How many indices a pool gets."""

    pool: PoolFacts
    count: int


def split(evaluation: Evaluation, ready: Iterable[int], most_parts: int = MOST_PARTS) -> tuple[Part, ...]:
    """Split the request's indices over pools.

    Args:
        evaluation: What is asked for, and how many times.
        ready: Rows of the pools that fit and have room, the preferred first.
        most_parts: How many of them may be used.

    Returns:
        Parts in the order of the pools; their counts add up to the request's. Whatever these pools could
        not run at once is dealt out in proportion to what each can; if none has anything free, the preferred
        one gets all. Empty if there are no pools.
    """
    count, rows = evaluation.question.request.count, iter(ready)
    first = next(rows, None)
    if first is None:
        return ()
    if count == 1:
        return (Part(pool=evaluation.pool(first), count=1),)
    slots = evaluation.slots
    # There may be thousands: of those that are ready only as many are looked for as are used.
    able = list(islice((row for row in chain((first,), rows) if slots[row] > 0), most_parts))
    if not able:
        return (Part(pool=evaluation.pool(first), count=count),)
    shares = _deal(count, [int(slots[row]) for row in able])
    return tuple(
        Part(pool=evaluation.pool(row), count=count) for row, count in zip(able, shares, strict=True) if count
    )


def _deal(count: int, slots: list[int]) -> list[int]:
    """Give each as much as it has slots for, in order; what is left over goes to all, in proportion."""
    shares, left = [], count
    for slot in slots:
        shares.append(min(slot, left))
        left -= shares[-1]
    extra = [left * slot // sum(slots) for slot in slots]
    extra[0] += left - sum(extra)
    return [share + more for share, more in zip(shares, extra, strict=True)]
