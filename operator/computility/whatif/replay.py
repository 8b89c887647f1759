"""Replays a trace under one policy: an event loop over submissions and ends, in virtual time.

Each job is placed when it is submitted, by the filters, estimates and policy of real placement; it waits in
its pool's queue until what it takes is free. Equal jobs share an evaluation.
"""

import math
from collections import Counter
from datetime import timedelta
from heapq import heappop, heappush
from typing import NamedTuple

from computility.model.job_placement import Policy
from computility.model.reasons import Reason
from computility.whatif.backlog import Backlog
from computility.whatif.network import Network
from computility.whatif.offers import MINDS_WAITING, Offer, Terms
from computility.whatif.pool_queue import PoolQueue, Task
from computility.whatif.schedule import Schedule
from computility.whatif.trace import Trace

_HOUR = 3600.0
_KEPT_ROWS = 8_000_000
"""How many pools' offers are kept in all: some 250,000 kinds at 33 pools."""


class Replayed(NamedTuple):
    """What came of a replay.

    Attributes:
        schedule: Of each job.
        totals: What all of them took: seconds of pools, money, kWh, kg of CO2.
        nowhere: Jobs without a place, by the word under which most pools turned them down.
        evaluations: How many times all pools were asked.
    """

    schedule: Schedule
    totals: Terms
    nowhere: dict[Reason, int]
    evaluations: int


def replay(trace: Trace, network: Network, policy: Policy) -> Replayed:
    """Run a whole trace, until its last job has ended."""
    return _Replay(trace, network, policy).run()


class _Replay:
    def __init__(self, trace: Trace, network: Network, policy: Policy) -> None:
        self._trace, self._network, self._policy = trace, network, policy
        self._pools = [PoolQueue(row, pool) for row, pool in enumerate(network.table.pools)]
        self._offers: dict[int, Offer] = {}
        self._offers_hour = 0
        self._evaluations = 0
        self._ends: list[tuple[float, int, Task]] = []
        self._backlog = Backlog()
        self._schedule = Schedule(len(trace))
        self._nowhere: Counter[Reason] = Counter()
        self._kinds: list[int] = trace.kind.tolist()
        self._work: list[float] = trace.seconds.tolist()
        self._totals = [0.0] * len(Terms._fields)
        self._minds_waiting = policy in MINDS_WAITING

    def run(self) -> Replayed:
        for job, now in enumerate(self._trace.submit.tolist()):
            self._pass_time(now)
            self._submit(job, now)
        self._pass_time(math.inf)
        return Replayed(self._schedule, Terms(*self._totals), dict(self._nowhere), self._evaluations)

    def _pass_time(self, until: float) -> None:
        """Let all end that ends by then, each in its turn, and let others start in its place."""
        ends = self._ends
        while ends and ends[0][0] <= until:
            now, _, task = heappop(ends)
            pool = self._pools[task.row]
            pool.end(task, now)
            if self._backlog.count:
                self._refill(pool, now)
            self._start(pool, now)

    def _submit(self, job: int, now: float) -> None:
        offer = self._offer(self._kinds[job], now)
        if offer.reason is not None:
            self._nowhere[offer.reason] += 1
            return
        row = self._by_waits(offer, now) if self._minds_waiting else self._by_rank(offer)
        if row is None:
            self._backlog.join(offer.fitting, job)
        else:
            self._place(job, offer, self._pools[row])
            self._start(self._pools[row], now)

    def _refill(self, pool: PoolQueue, now: float) -> None:
        """Give a place that got free to who waits at the hub for it."""
        while pool.has_room and (job := self._backlog.next_for(pool.row)) is not None:
            self._place(job, self._offer(self._kinds[job], now), pool)

    def _place(self, job: int, offer: Offer, pool: PoolQueue) -> None:
        terms, work = offer.terms(pool.row), self._work[job]
        task = pool.task(job, offer.shape, work * terms.seconds)
        pool.take(task)
        self._schedule.place(task)
        for number, each in enumerate(terms):
            self._totals[number] += work * each

    def _start(self, pool: PoolQueue, now: float) -> None:
        """Start of a pool's queue what can start."""
        while (task := pool.start_next(now)) is not None:
            self._schedule.starts[task.job] = now
            heappush(self._ends, (now + task.seconds, task.job, task))

    def _by_rank(self, offer: Offer) -> int | None:
        """Return the first pool with room; what it costs and emits does not depend on when it runs."""
        pools = self._pools
        return next((row for row in offer.ranked if pools[row].has_room), None)

    def _by_waits(self, offer: Offer, now: float) -> int | None:
        """Return the best pool with room, as long as the queues are now."""
        pools = [self._pools[row] for row in offer.fitting]
        scores = offer.scores([pool.wait_seconds(offer.shape, now) for pool in pools])
        ranked: list[int] = scores.argsort(kind="stable").tolist()
        return next((pools[place].row for place in ranked if pools[place].has_room), None)

    def _offer(self, kind: int, now: float) -> Offer:
        """Return what was offered to this kind before; where prices change with time, in the same hour."""
        hour = int(now // _HOUR) if self._network.table.windowed else 0
        if hour != self._offers_hour or len(self._offers) * len(self._pools) > _KEPT_ROWS:
            self._offers.clear()
            self._offers_hour = hour
        found = self._offers.get(kind)
        if found is None:
            found = self._offers[kind] = self._evaluate(kind, hour)
        return found

    def _evaluate(self, kind: int, hour: int) -> Offer:
        self._evaluations += 1
        wanted = self._trace.kinds[kind]
        moment = self._network.start + timedelta(seconds=hour * _HOUR)
        return Offer(wanted.shape, self._network.evaluate(wanted, self._policy, moment))
