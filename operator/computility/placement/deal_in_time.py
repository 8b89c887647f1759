"""Deals an array out so that it ends by its deadline: each pool what it ends by then, the preferred first."""

from collections.abc import Sequence

from computility.placement.in_time import Pace, deal_limits, ended_by, pace_within
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
    pace = _pace(ranking, ready, (request.deadline - now).total_seconds())
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
    """Return the preferred pools; for those of them that end least, as far as needed, those that end most."""
    able = [row for row in ready if pace.rounds[row] > 0]
    chosen, others = able[: request.most_parts], able[request.most_parts :]
    if ended_by(pace, chosen, request.max_concurrent) >= request.count:
        return chosen
    others.sort(key=lambda row: pace.runs[row])
    while others and ended_by(pace, chosen, request.max_concurrent) < request.count:
        least = min(chosen, key=lambda row: pace.runs[row])
        if pace.runs[others[-1]] <= pace.runs[least]:
            break
        chosen[chosen.index(least)] = others.pop()
    return sorted(chosen, key=able.index)
