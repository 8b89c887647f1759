"""What runs cost over time at pools whose prices change, beside what a job would pay."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np

from computility.placement.evaluation import Evaluation
from computility.placement.prices import CAP_ROUNDING, Prices, is_within, known_seconds, mean_prices
from computility.placement.table import Bools, Floats, Rows

SOONEST = 1.0
"""Seconds: clocks of the hub show whole ones."""
FURTHEST = 10 * 366 * 86400.0
"""Seconds: what is later concerns nobody."""
ROUNDING = 1e-6
_NOISE = 1e-12
"""So much is added where an opening is looked for: whether there is one the filters' own rule says."""
_NO_CAP = 1e300


class PriceCourse(NamedTuple):
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

    def of(self, pools: Rows | Bools) -> "PriceCourse":
        """Return that of some of the pools."""
        return PriceCourse(
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
        """Return by how much the mean of a run is above what looks equal to each cap, shape (caps, ...).

        Args:
            moments: When the job is placed, in seconds from now; of each pool one, or shape (moments, pools).
        """
        return np.stack(self._above(self._means(moments))) - CAP_ROUNDING - _NOISE

    def is_open(self, moments: Floats) -> Bools:
        """Say whether the filters would let a run pass then; moments as above."""
        found = zip(self._per_unit(self._means(moments)), self.caps, strict=True)
        return np.logical_and(*(is_within(prices, cap) for prices, cap in found))

    def may_open(self) -> Bools:
        """Say of each pool whether its least prices are below the caps: most that are not never are."""
        least = Prices(*(np.fmin(usual, np.fmin.reduce(prices)) for usual, prices in self._prices()))
        return np.maximum(*self._above(least.times(self.factors))) <= ROUNDING

    def _above(self, prices: Prices) -> tuple[Floats, Floats]:
        """Return by how much some prices are above the caps."""
        core_hour, card_hour = self._per_unit(prices)
        return core_hour - self.caps[0], card_hour - self.caps[1]

    def _per_unit(self, prices: Prices) -> tuple[Floats, Floats]:
        """Return what the two caps are held against."""
        return prices.core_hour + self.cards_per_core * prices.card_hour, prices.card_hour

    def _means(self, moments: Floats) -> Prices:
        found = mean_prices(self.usual, self.stretches, self.now, moments + self.delay, self.length)
        return found.times(self.factors)

    def _prices(self) -> Iterator[tuple[Floats, Floats]]:
        yield from zip(self.usual, (self.stretches[:, 2], self.stretches[:, 3]), strict=True)


def price_course(evaluation: Evaluation, places: Rows) -> PriceCourse:
    """Return the course of some pools by their places among those whose prices change."""
    question, found = evaluation.question, evaluation.estimates
    table, request = question.table, question.request
    rows = np.asarray(table.windowed, np.intp)[places]
    run = found.run.expected[rows]
    core_cap = request.placement.max_price_per_core_hour
    card_cap = request.placement.max_price_per_card_hour if request.cards else None
    left = FURTHEST if request.deadline is None else request.seconds_left(question.now)
    return PriceCourse(
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
