"""Hard filters that ask what would come of it: price, run time, data, deadline, energy."""

from collections.abc import Callable
from functools import cache

import numpy as np

from computility.metering.charge import amount
from computility.model.compute_job import Policy
from computility.model.reasons import Reason
from computility.placement.estimates import Estimates
from computility.placement.facts import PoolFacts
from computility.placement.in_time import are_enough, best_end, pace_within
from computility.placement.prices import is_within
from computility.placement.question import Question
from computility.placement.table import Bools, Floats
from computility.placement.verdict import Verdict


def has_affordable_cores(q: Question, found: Estimates) -> Verdict | None:
    """A core-hour is not above the job's cap, at the mean over the run.

    Where a job without cards has to take whole nodes that have some, their price is in it.
    """
    cap = q.request.placement.max_price_per_core_hour
    return None if cap is None else _affordable(q, found.core_hour, cap, "core-hour")


def has_affordable_cards(q: Question, found: Estimates) -> Verdict | None:
    """A card-hour is not above the job's cap, at the mean over the run, if the job takes cards."""
    cap = q.request.placement.max_price_per_card_hour
    if cap is None or not q.request.cards:
        return None
    return _affordable(q, found.prices.card_hour, cap, "card-hour")


def _affordable(q: Question, prices: Floats, cap: str, unit: str) -> Verdict:
    def found(pool: PoolFacts) -> str:
        price = amount(prices[q.table.row_of[pool.key]])
        return f"{price} {pool.spec.tariff.currency} per {unit}"

    passes = is_within(prices, float(cap))
    return Verdict(Reason.PRICE_TOO_HIGH, passes, f"{cap} per {unit}", found, -prices)


def tells_speed(q: Question, found: Estimates) -> Verdict | None:
    """The pool has the benchmark that the declared work is compared by."""
    if q.request.reference_seconds is None:
        return None
    return Verdict(Reason.NO_BENCHMARK, np.isfinite(found.run.expected), q.request.measure.value)


def ends_in_time(q: Question, found: Estimates) -> Verdict | None:
    """Even at the high end a run is over within `maxRunSeconds`."""
    if q.request.reference_seconds is None:
        return None
    high = found.run.high
    most = q.request.max_run_seconds
    return Verdict(
        Reason.WOULD_TIME_OUT,
        ~(high > most),
        f"{most} s",
        lambda p: f"up to {high[q.table.row_of[p.key]]:.0f} s",
        -high,
    )


def is_reached_by_data(q: Question, found: Estimates) -> Verdict | None:
    """A link is known from wherever the job's data is."""
    if not q.request.input_bytes:
        return None
    places = ",".join(sorted(q.request.input_bytes))
    return Verdict(Reason.NO_LINK, np.isfinite(found.transfer), f"a link from {places}")


def meets_deadline(q: Question, found: Estimates) -> Verdict | None:
    """It is expected to be done by the deadline; an array that several may share is judged by all of them."""
    if q.request.deadline is None or q.request.may_split:
        return None
    left = max(0.0, q.request.seconds_left(q.now))
    done = found.done.expected
    return Verdict(
        Reason.DEADLINE_MISSED,
        ~(done > left),
        f"done in {left:.0f} s",
        lambda p: f"{done[q.table.row_of[p.key]]:.0f} s",
        -done,
    )


def meet_deadline(q: Question, found: Estimates, fits_otherwise: Bools) -> Verdict | None:
    """Together, pools are expected to end an array by the deadline; each ends some of it.

    Asked after all other filters, because only pools that pass those take a part.
    """
    if q.request.deadline is None or not q.request.may_split:
        return None
    left, rows = max(0.0, q.request.seconds_left(q.now)), np.flatnonzero(fits_otherwise)
    ends_some = pace_within(found, left).rounds > 0
    is_enough = are_enough(q.request, found, rows, left)
    best = cache(lambda: best_end(q.request, found, rows))

    def said(pool: PoolFacts) -> str:
        row = q.table.row_of[pool.key]
        if is_enough or not fits_otherwise[row]:
            return f"one run in {found.start.expected[row] + found.run.expected[row]:.0f} s"
        return f"{best():.0f} s, split over the best of {len(rows)} pools"

    passes = ends_some if is_enough else ends_some & ~fits_otherwise
    nearness = -(found.start.expected + found.run.expected)
    return Verdict(Reason.DEADLINE_MISSED, passes, f"done in {left:.0f} s", said, nearness)


def tells_energy(q: Question, found: Estimates) -> Verdict | None:
    """What it draws is known, where the policy asks for it."""
    placement = q.request.placement
    asks = placement.policy in (Policy.GREENEST, Policy.BALANCED)
    if not asks and not (placement.policy is Policy.CUSTOM and placement.weights.carbon):
        return None
    return Verdict(Reason.ENERGY_UNKNOWN, ~np.isnan(found.emissions.kg_market), "spec.energy of the pool")


WHAT_COMES_OF_IT: tuple[Callable[[Question, Estimates], Verdict | None], ...] = (
    has_affordable_cores,
    has_affordable_cards,
    tells_speed,
    ends_in_time,
    is_reached_by_data,
    meets_deadline,
    tells_energy,
)
