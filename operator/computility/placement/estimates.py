"""What a request would take at each pool: time, money, energy; expected, and between which ends.

Formulas, for each pool:
    run = reference seconds / relative speed            (without declared work: maxRunSeconds, a bound)
    done = wait + transfer + rounds * run               (the larger of wait and transfer where they overlap)
    cost = units * run * mean price over the run + bytes * price of the link
    kWh = (cards * W per card, or cores * W per core) * run / 3.6e6 * PUE
    location CO2 = kWh * grid factor; market CO2 = location CO2 * (1 - green share)
"""

from typing import NamedTuple

import numpy as np

from computility.placement.allocation import held
from computility.placement.energy import Emissions, emissions
from computility.placement.prices import Prices, prices_over
from computility.placement.question import Question
from computility.placement.runs import Runs, reckon_runs
from computility.placement.slots import all_slots
from computility.placement.table import Floats
from computility.placement.waits import Queues, Waits, reckon_waits

_HOUR = 3600.0


class Ends(NamedTuple):
    """What is expected, with a low and a high end; one of each a pool."""

    expected: Floats
    low: Floats
    high: Floats

    def at(self, row: int) -> "Ends":
        """Return those of one pool."""
        return Ends(*(each[row] for each in self))


class Holding(NamedTuple):
    """What one run is charged for: cores and cards, one of each a pool."""

    cores: Floats
    cards: Floats

    def at(self, row: int) -> "Holding":
        """Return that of one pool."""
        return Holding(self.cores[row], self.cards[row])

    def core_hour(self, prices: Prices) -> Floats:
        """Return what a core-hour of a run comes to with the price of the cards that it holds."""
        return prices.core_hour + self.cards * prices.card_hour / self.cores

    def rate(self, prices: Prices) -> Floats:
        """Return what one run costs a second."""
        return (self.cores * prices.core_hour + self.cards * prices.card_hour) / _HOUR


class Estimates(NamedTuple):
    """One of each a pool; seconds, amounts in the pool's currency, kg; nan where it cannot be known.

    Attributes:
        run: Seconds of one run.
        at_once: How many indices run at the same time.
        wait: Seconds in the queue.
        queues: What else is known of waiting: what the network's own attempts can change.
        transfer: Seconds until the data is there.
        start: Seconds from now until the first run starts.
        rounds: How many runs follow one another.
        done: Seconds from now until the last run is over.
        holding: What one run is charged for.
        cost: Of all runs, transfers included, as expected; its ends are reckoned only where they are shown.
        egress: The links' price of the data, once for all runs; part of `cost`.
        prices: The mean over the run, if it goes as expected.
        core_hour: The same of a core, with the cards of whole nodes that a request without cards has to take.
        per_reference_hour: Price of what a reference card or core does in an hour.
    """

    run: Runs
    at_once: Floats
    wait: Waits
    queues: Queues
    transfer: Floats
    start: Ends
    rounds: Floats
    done: Ends
    holding: Holding
    cost: Floats
    egress: Floats
    prices: Prices
    core_hour: Floats
    per_reference_hour: Floats
    emissions: Emissions


def estimate(q: Question) -> Estimates:
    """Reckon what the request would take at each pool, if nothing there were the network's own."""
    runs, queues = reckon_runs(q), reckon_waits(q)
    transfer, egress = _transfers(q)
    at_once, count = _at_once(q), q.request.count
    kept = Kept(
        run=runs,
        at_once=at_once,
        rounds=np.ceil(count / at_once),
        queues=queues,
        transfer=transfer,
        egress=egress,
        holding=_holding(q),
        emissions=emissions(q, runs.expected * count),
    )
    return _estimate(q, kept, queues.told)


def estimate_behind(q: Question, found: Estimates) -> Estimates:
    """Reckon the same where the network's own attempts hold what it would have started on."""
    kept = Kept(*(getattr(found, name) for name in Kept._fields))
    return _estimate(q, kept, found.queues.behind)


class Kept(NamedTuple):
    """What does not depend on how long it waits; fields as in `Estimates`."""

    run: Runs
    at_once: Floats
    rounds: Floats
    queues: Queues
    transfer: Floats
    egress: Floats
    holding: Holding
    emissions: Emissions


def _estimate(q: Question, kept: Kept, waits: Waits) -> Estimates:
    runs, rounds = kept.run, kept.rounds
    starts = _starts(q, waits, kept.transfer)
    done = Ends(
        starts.expected + rounds * runs.expected,
        starts.low + rounds * runs.low,
        starts.high + rounds * runs.high,
    )
    prices = prices_over(q.table, q.request.user_class, q.now, starts.expected, runs.expected * rounds)
    rate = kept.holding.rate(prices)
    units = q.request.cards or q.request.cores
    return Estimates(
        **kept._asdict(),
        wait=waits,
        start=starts,
        done=done,
        cost=rate * runs.expected * q.request.count + kept.egress,
        prices=prices,
        core_hour=prices.core_hour if q.request.cards else kept.holding.core_hour(prices),
        per_reference_hour=rate * _HOUR / units / runs.relative,
    )


def _holding(q: Question) -> Holding:
    request, table = q.request, q.table
    is_whole = table.has_whole_nodes > 0
    return Holding(
        held(is_whole, request.nodes, table.cores_per_node, request.cores),
        held(is_whole, request.nodes, table.cards_per_node, request.cards),
    )


def _starts(q: Question, waits: Waits, transfer: Floats) -> Ends:
    """Return how long it takes until the first run starts; at the low end nothing waits."""
    if not q.request.input_bytes:
        return Ends(waits.expected, transfer, waits.high)
    overlaps = q.table.ages_held > 0

    def after(wait: Floats) -> Floats:
        return np.where(overlaps, np.maximum(wait, transfer), wait + transfer)

    return Ends(after(waits.expected), transfer, after(waits.high))


def _transfers(q: Question) -> tuple[Floats, Floats]:
    """Return seconds and cost of bringing the data to each pool."""
    sizes = q.request.input_bytes
    if not sizes:
        return np.zeros(len(q.table)), np.zeros(len(q.table))
    standing = q.standing(*sizes)
    found = [q.links.transfer(sizes, pool) for pool in standing.facts]
    return standing.spread(each.seconds for each in found), standing.spread(each.cost for each in found)


def _at_once(q: Question) -> Floats:
    """Return how many indices run at the same time, at least one."""
    request = q.request
    if request.count == 1:
        return np.ones(len(q.table))
    return np.maximum(np.minimum(all_slots(request, q.table), request.max_concurrent or np.inf), 1)
