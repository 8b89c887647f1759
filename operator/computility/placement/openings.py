"""When a pool that is too dear for a job now is so no longer: by the windows of its tariff alone."""

from collections.abc import Iterator, Set
from datetime import datetime, timedelta

import numpy as np

from computility.model.reasons import Reason
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolKey
from computility.placement.price_course import FURTHEST, ROUNDING, SOONEST, PriceCourse, price_course
from computility.placement.table import Bools, Floats, Rows

_TOGETHER = 8
"""Bends of each pool that are looked at in one go: what follows the first opening matters to nobody."""


def opens_at(evaluation: Evaluation, avoid: Set[PoolKey]) -> datetime | None:
    """Return the first moment at which some pool is no longer above the job's caps; None if there is none.

    That is a pool that only its price speaks against, or its price and the deadline. The price is the mean
    over the run as it is expected now; what a pool reports later may move it. It changes before a window
    begins, for runs that reach into it.

    Args:
        evaluation: What was found.
        avoid: Pools that do not count.
    """
    places = _too_dear(evaluation, avoid)
    if not len(places):
        return None
    course = price_course(evaluation, places)
    first = _first_second(course.of(course.may_open()))
    return evaluation.question.now + timedelta(seconds=first) if first < FURTHEST else None


def _too_dear(evaluation: Evaluation, avoid: Set[PoolKey]) -> Rows:
    """Return the places, among those whose prices change, of the rows in question."""
    windowed = np.asarray(evaluation.question.table.windowed, np.intp)
    is_dear = evaluation.refused_only_for({Reason.PRICE_TOO_HIGH}, beside={Reason.DEADLINE_MISSED})
    places = np.flatnonzero(is_dear[windowed])
    if not avoid:
        return places
    is_open = [evaluation.pool(int(row)).key not in avoid for row in windowed[places]]
    return places[np.array(is_open, np.bool_)]


def _first_second(course: PriceCourse) -> float:
    """Return in how many whole seconds the first of some pools is below the caps; inf for never."""
    first, bends = np.inf, _bends(course)
    for begin in range(0, len(bends), _TOGETHER):
        pools = np.flatnonzero(bends[begin] < np.minimum(first, course.latest + 1))
        if not len(pools):
            break
        first = min(first, _first_among(course.of(pools), bends[begin : begin + _TOGETHER + 1, pools]))
    return first


def _first_among(course: PriceCourse, bends: Floats) -> float:
    """Return the same for what lies between some bends, shape (bends, pools).

    There each excess is linear: it ends at a bend, or where one of the two falls to 0.
    """
    excess = course.excess(bends)
    starts = [(bends, (excess <= 0).all(axis=0)), *_crossings(bends, excess)]
    moments = np.concatenate([moments[is_one] for moments, is_one in starts])
    among = course.of(np.concatenate([np.nonzero(is_one)[1] for _, is_one in starts]))
    # Of what is no whole second the next one; the one after it, where rounding leaves that above a cap.
    seconds = np.maximum(np.ceil(moments - ROUNDING) + np.array([[0.0], [1.0]]), SOONEST)
    is_open = among.is_open(seconds) & (seconds <= among.latest)
    return float(np.min(seconds, where=is_open, initial=np.inf))


def _crossings(bends: Floats, excess: Floats) -> Iterator[tuple[Floats, Bools]]:
    """Yield for each cap, between bends, where the price falls to it, and whether it does."""
    for each in excess:
        before, after = each[:-1], each[1:]
        falls = (before > 0) & (after <= 0)
        share = np.divide(before, before - after, out=np.zeros_like(before), where=falls)
        yield bends[:-1] + share * np.diff(bends, axis=0), falls


def _bends(course: PriceCourse) -> Floats:
    """Return, in order, the moments of placing with which a run begins or ends at an edge, (bends, pools).

    A stretch begins where the one before it ends.
    """
    begins, ends = course.stretches[:, 0], course.stretches[:, 1]
    starts = np.concatenate([begins, ends.max(axis=0, keepdims=True)]) - course.now.timestamp() - course.delay
    moments = np.clip(np.concatenate([starts, starts - course.length]), SOONEST, FURTHEST)
    return np.sort(np.concatenate([np.full_like(moments[:1], SOONEST), moments]), axis=0)
