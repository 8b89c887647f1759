"""Deals an array out so that it ends by its deadline: each pool what it ends by then, the preferred first."""

from collections.abc import Sequence

import numpy as np

from computility.placement.in_time import Pace, best_among, deal_limits, ends_all, pace_within
from computility.placement.ranking import Ranking
from computility.placement.request import Request
from computility.placement.shares import Part


def deal_in_time(ranking: Ranking, ready: Sequence[int]) -> tuple[Part, ...]:
    """Split an array over pools that end all of it by its deadline.

    Args:
        ranking: What is asked for, by when, how many times, and what is ours at the pools.
        ready: Rows of the pools that fit and have room, the preferred first.

    Returns:
        Parts in the order of the pools; empty if so many cannot end it in time.
    """
    evaluation = ranking.evaluation
    request, now = evaluation.question.request, evaluation.question.now
    if request.deadline is None:
        return ()
    pace = _pace(ranking, ready, request.seconds_left(now))
    rows = _choose(pace, ready, request)
    limits, left, parts = deal_limits(pace, rows, request.max_concurrent), request.count, []
    for row, limit in zip(rows, limits, strict=True):
        count = min(left, limit * int(pace.rounds[row]))
        if count:
            at_most = None if request.max_concurrent is None else limit
            parts.append(Part(pool=evaluation.pool(row), count=count, max_concurrent=at_most))
        left -= count
    return () if left else tuple(parts)


def _pace(ranking: Ranking, ready: Sequence[int], seconds: float) -> Pace:
    """Return what each pool ends in so many seconds, later where it waits for what is ours."""
    pace = pace_within(ranking.evaluation.estimates, seconds)
    behind = [row for row in ready if ranking.is_behind(row)]
    if behind:
        pace.rounds[behind] = pace_within(ranking.answer.behind.estimates, seconds).rounds[behind]
    return pace


def _choose(pace: Pace, ready: Sequence[int], request: Request) -> list[int]:
    """Return the preferred pools; for those of them that end least, as far as needed, those that end most.

    None is among them that the more preferred ones do without: each gets a share, and the limit is theirs.
    """
    able = [row for row in ready if pace.rounds[row] > 0]
    chosen = able[: request.most_parts]
    best = best_among(pace, np.array(able, np.intp), request)
    others = [row for row in best if row not in chosen]
    while others and not ends_all(pace, chosen, request):
        least = min((row for row in chosen if row not in best), key=lambda row: pace.runs[row])
        chosen[chosen.index(least)] = others.pop(0)
    return _first_that_end(pace, sorted(chosen, key=able.index), request)


def _first_that_end(pace: Pace, rows: list[int], request: Request) -> list[int]:
    """Return as many of some pools, the first ones, as end all of an array."""
    counts = (count for count in range(len(rows)) if ends_all(pace, rows[:count], request))
    return rows[: next(counts, len(rows))]
