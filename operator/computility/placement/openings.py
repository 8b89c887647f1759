"""When a pool that is too dear for a job now is so no longer: by the windows of its tariff alone."""

from collections.abc import Iterator, Set
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from computility.model.reasons import Reason
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolKey
from computility.placement.prices import Prices, known_seconds, mean_prices
from computility.placement.table import Bools, Floats, Rows

_PASSING = {Reason.PRICE_TOO_HIGH, Reason.DEADLINE_MISSED}
_SOONEST = 1.0
"""Seconds: clocks of the hub show whole ones."""
_FURTHEST = 10 * 366 * 86400.0
_ROUNDING = 1e-6
_NO_CAP = 1e300
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
    course = _course(evaluation, places)
    first = _first_second(course.of(course.may_open()))
    return evaluation.question.now + timedelta(seconds=first) if first < _FURTHEST else None


def _too_dear(evaluation: Evaluation, avoid: Set[PoolKey]) -> Rows:
    """Return the places, among those whose prices change, of the rows in question."""
    windowed = np.asarray(evaluation.question.table.windowed, np.intp)
    prices = [each for each in evaluation.verdicts if each.reason is Reason.PRICE_TOO_HIGH]
    if not prices or not len(windowed):
        return windowed[:0]
    is_dear = ~np.logical_and.reduce([each.passes[windowed] for each in prices])
    for verdict in evaluation.verdicts:
        if verdict.reason not in _PASSING:
            is_dear &= verdict.passes[windowed]
    places = np.flatnonzero(is_dear)
    if not avoid:
        return places
    is_open = [evaluation.pool(int(row)).key not in avoid for row in windowed[places]]
    return places[np.array(is_open, np.bool_)]


class _Course(NamedTuple):
    """The prices of some pools over time, one figure each.

    Attributes:
        now: When it is.
        usual: Prices outside of all stretches.
        stretches: As `mean_prices` takes them, shape (stretches, 4, pools).
        factors: What the user pays of the prices.
        delay: Seconds from when the job is placed until it starts.
        length: How long it runs, in seconds.
        cards_per_core: How many cards come with each core, where whole nodes are charged for cores alone.
        latest: In how many seconds it would have to be placed to end one run by its deadline without a wait.
        caps: Of a core-hour and of a card-hour.
    """

    now: datetime
    usual: Prices
    stretches: Floats
    factors: Floats
    delay: Floats
    length: Floats
    cards_per_core: Floats
    latest: Floats
    caps: tuple[float, float]

    def of(self, pools: Rows | Bools) -> "_Course":
        """Return that of some of the pools."""
        return _Course(
            self.now,
            Prices(*(each[pools] for each in self.usual)),
            self.stretches[:, :, pools],
            self.factors[pools],
            self.delay[pools],
            self.length[pools],
            self.cards_per_core[pools],
            self.latest[pools],
            self.caps,
        )

    def excess(self, moments: Floats) -> Floats:
        """Return by how much the mean of a run is above each cap, shape (caps, ...).

        Args:
            moments: When the job is placed, in seconds from now; of each pool one, or shape (moments, pools).
        """
        found = mean_prices(self.usual, self.stretches, self.now, moments + self.delay, self.length)
        return np.stack(self._above(found.times(self.factors)))

    def may_open(self) -> Bools:
        """Say of each pool whether its least prices are below the caps: most that are not never are."""
        least = Prices(*(np.fmin(usual, np.fmin.reduce(prices)) for usual, prices in self._prices()))
        return np.maximum(*self._above(least.times(self.factors))) <= _ROUNDING

    def _above(self, prices: Prices) -> tuple[Floats, Floats]:
        """Return by how much some prices are above the caps."""
        core_hour = prices.core_hour + self.cards_per_core * prices.card_hour
        return core_hour - self.caps[0], prices.card_hour - self.caps[1]

    def _prices(self) -> Iterator[tuple[Floats, Floats]]:
        yield from zip(self.usual, (self.stretches[:, 2], self.stretches[:, 3]), strict=True)


def _first_second(course: _Course) -> float:
    """Return in how many whole seconds the first of some pools is below the caps; inf for never."""
    first, bends = np.inf, _bends(course)
    for begin in range(0, len(bends), _TOGETHER):
        pools = np.flatnonzero(bends[begin] < np.minimum(first, course.latest + 1))
        if not len(pools):
            break
        first = min(first, _first_among(course.of(pools), bends[begin : begin + _TOGETHER + 1, pools]))
    return first


def _first_among(course: _Course, bends: Floats) -> float:
    """Return the same for what lies between some bends, shape (bends, pools).

    There each excess is linear: it ends at a bend, or where one of the two falls to 0.
    """
    excess = course.excess(bends)
    starts = [(bends, (excess <= 0).all(axis=0)), *_crossings(bends, excess)]
    moments = np.concatenate([moments[is_one] for moments, is_one in starts])
    among = course.of(np.concatenate([np.nonzero(is_one)[1] for _, is_one in starts]))
    # Of what is no whole second the next one; the one after it, where rounding leaves that above a cap.
    seconds = np.maximum(np.ceil(moments - _ROUNDING) + np.array([[0.0], [1.0]]), _SOONEST)
    is_open = (among.excess(seconds) <= 0).all(axis=0) & (seconds <= among.latest)
    return float(np.min(seconds, where=is_open, initial=np.inf))


def _crossings(bends: Floats, excess: Floats) -> Iterator[tuple[Floats, Bools]]:
    """Yield for each cap, between bends, where the price falls to it, and whether it does."""
    for each in excess:
        before, after = each[:-1], each[1:]
        falls = (before > 0) & (after <= 0)
        share = np.divide(before, before - after, out=np.zeros_like(before), where=falls)
        yield bends[:-1] + share * np.diff(bends, axis=0), falls


def _bends(course: _Course) -> Floats:
    """Return, in order, the moments of placing with which a run begins or ends at an edge, (bends, pools).

    A stretch begins where the one before it ends.
    """
    begins, ends = course.stretches[:, 0], course.stretches[:, 1]
    starts = np.concatenate([begins, ends.max(axis=0, keepdims=True)]) - course.now.timestamp() - course.delay
    moments = np.clip(np.concatenate([starts, starts - course.length]), _SOONEST, _FURTHEST)
    return np.sort(np.concatenate([np.full_like(moments[:1], _SOONEST), moments]), axis=0)


def _course(evaluation: Evaluation, places: Rows) -> _Course:
    question, found = evaluation.question, evaluation.estimates
    table, request = question.table, question.request
    rows = np.asarray(table.windowed, np.intp)[places]
    run = found.run.expected[rows]
    core_cap = request.placement.max_price_per_core_hour
    card_cap = request.placement.max_price_per_card_hour if request.cards else None
    left = _FURTHEST if request.deadline is None else (request.deadline - question.now).total_seconds()
    return _Course(
        now=question.now,
        usual=Prices(table.core_hour[rows], table.card_hour[rows]),
        stretches=table.windows[:, :, places],
        factors=table.factors(request.user_class)[rows],
        delay=known_seconds(found.start.expected[rows]),
        length=known_seconds(run * found.rounds[rows]),
        cards_per_core=(found.holding.cards / found.holding.cores)[rows] * (not request.cards),
        latest=left - run,
        caps=(_cap(core_cap), _cap(card_cap)),
    )


def _cap(said: str | None) -> float:
    return _NO_CAP if said is None else float(said)
