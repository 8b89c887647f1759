"""One cycle of placement, measured: a snapshot, each class evaluated and ranked, jobs placed."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from computility.lab.fleets.p3 import p3_fleet
from computility.lab.fleets.snapshot import snapshot_of
from computility.model.resource_pool import Capacity, PoolLimits
from computility.placement.facts import PoolFacts, PoolKey
from computility.placement.ours import Ours
from computility.placement.place import place
from computility.placement.request import Request
from computility.placement.shares import stake_of
from computility.placement.snapshot import Snapshot

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
CHANGED_SHARE = 0.1
"""So many have reported since the last cycle: agents report every 10 s, a busy hub places every second."""
LEAST_ROOM = 64


class Cycle(NamedTuple):
    """What one cycle took, in seconds of wall and of this process's processor time.

    Attributes:
        evaluate_seconds, evaluate_cpu_seconds: The snapshot, and each class at each pool.
        place_seconds, place_cpu_seconds: All jobs, with a receipt for each.
        placed: How many of the jobs found a place.
    """

    evaluate_seconds: float
    evaluate_cpu_seconds: float
    place_seconds: float
    place_cpu_seconds: float
    placed: int


class Federation:
    """A fleet whose agents report between the cycles.

    Args:
        pools: How many.
        jobs: How many a cycle places: the preferred pools fill up by that, all together do not.
        seed: Where all its randomness comes from.
    """

    def __init__(self, pools: int, jobs: int, seed: int = 1) -> None:
        snapshot = snapshot_of(p3_fleet(pools, seed), NOW)
        self._chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._facts = [_limited(pool, max(LEAST_ROOM, 2 * jobs // pools)) for pool in snapshot.pools]
        self._ways = tuple(link.spec for link in p3_fleet(1).links)
        self._cycles = 0

    def run_cycle(self, classes: Sequence[Request], jobs: int) -> Cycle:
        """Have some agents report, then measure a cycle in which so many jobs are placed, class by class."""
        self._report()
        now = NOW + timedelta(seconds=self._cycles)
        live, ours = Counter[PoolKey](), Ours()
        started = _clocks()
        snapshot = Snapshot(pools=tuple(self._facts), links=self._ways, live=live, ours=ours)
        for request in classes:
            next(snapshot.answer(request, now).evaluation.preferred(), None)
        evaluated = _clocks()
        placed = sum(
            _place(classes[number % len(classes)], snapshot, now, live, ours) for number in range(jobs)
        )
        ended = _clocks()
        return Cycle(
            evaluated[0] - started[0],
            evaluated[1] - started[1],
            ended[0] - evaluated[0],
            ended[1] - evaluated[1],
            placed,
        )

    def _report(self) -> None:
        self._cycles += 1
        now = NOW + timedelta(seconds=self._cycles)
        for row in self._chance.sample(range(len(self._facts)), round(len(self._facts) * CHANGED_SHARE)):
            self._facts[row] = _reported(self._facts[row], self._chance.random(), now)


def _place(request: Request, snapshot: Snapshot, now: datetime, live: Counter[PoolKey], ours: Ours) -> bool:
    parts = place(request, snapshot, now).parts
    for part in parts:
        live[part.pool.key] += 1
        ours.add(part.pool.key, stake_of(part, request, now))
    return bool(parts)


def _limited(pool: PoolFacts, room: int) -> PoolFacts:
    limits = PoolLimits(max_queued=room, max_run_seconds=pool.spec.limits.max_run_seconds)
    return msgspec.structs.replace(pool, spec=msgspec.structs.replace(pool.spec, limits=limits))


def _reported(pool: PoolFacts, used_share: float, now: datetime) -> PoolFacts:
    total = pool.status.total
    used = Capacity(
        nodes=int(total.nodes * used_share),
        cores=int(total.cores * used_share),
        cards=int(total.cards * used_share),
    )
    status = msgspec.structs.replace(pool.status, used_by_others=used, observed_at=now)
    return msgspec.structs.replace(pool, status=status)


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()
