"""How often the hub and the scheduler are asked about pools."""

from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec

from computility.agent.pools import REPORT_SECONDS, Pools
from computility.model.meta import find_condition
from computility.model.resource_pool import ResourcePool, ResourcePoolStatus
from support.agent_rig import StepClock, a_config, a_table
from support.memory_centre import MemoryCentre

FIVE_MINUTES = timedelta(minutes=5)


class CountingHub:
    """Keeps the last pool, and counts what is asked of it."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.pool: ResourcePool | None = None

    async def apply(self, pool: ResourcePool) -> ResourcePool:
        self.asked["apply"] += 1
        self.pool = pool if self.pool is None else self.pool
        return self.pool

    async def write_status(self, seen: ResourcePool, status: ResourcePoolStatus) -> ResourcePool:
        self.asked["status"] += 1
        self.pool = msgspec.structs.replace(seen, status=status)
        return self.pool


class Rig:
    def __init__(self, clock_factor: float = 1.0) -> None:
        self.clock, self.hub, self.trouble = StepClock(), CountingHub(), ""
        self.centre = MemoryCentre(self.clock)
        hub: Any = self.hub
        self.pools = Pools(
            hub,
            "member-alpha",
            a_config("alpha").pools,
            table=a_table(),
            backend=self.centre,
            ours=list,
            troubles=lambda: self.trouble,
            clock=self.clock,
            clock_factor=clock_factor,
        )

    async def beat_for(self, time: timedelta) -> None:
        for _ in range(int(time.total_seconds() / REPORT_SECONDS)):
            await self.pools.beat()
            self.clock.advance(REPORT_SECONDS)

    def forecast_asked(self) -> int:
        return sum(verb == "forecast" for verb, _ in self.centre.calls)

    def described(self) -> int:
        return sum(verb == "describe" for verb, _ in self.centre.calls)

    def status(self) -> ResourcePoolStatus:
        assert self.hub.pool is not None
        return self.hub.pool.status


async def test_pools_are_applied_and_the_scheduler_described_once_in_five_minutes() -> None:
    rig = Rig()
    await rig.beat_for(2 * FIVE_MINUTES)

    assert (rig.hub.asked["apply"], rig.described()) == (2, 2)


async def test_a_scheduler_that_is_silent_costs_the_hub_nothing_more() -> None:
    rig = Rig()
    rig.centre.is_away = True
    await rig.beat_for(FIVE_MINUTES)

    assert rig.hub.asked == {"apply": 1, "status": 1}
    assert rig.described() == 0


async def test_it_is_described_as_soon_as_it_answers_again() -> None:
    rig = Rig()
    rig.centre.is_away = True
    await rig.beat_for(FIVE_MINUTES)
    rig.centre.is_away = False
    await rig.pools.beat()

    assert rig.status().backend.version == "memory 1"


async def test_what_cannot_be_seen_of_our_own_attempts_stands_in_the_pools_condition_while_it_lasts() -> None:
    rig = Rig()
    rig.trouble = 'account "alice": no disk'
    await rig.pools.beat()
    ready = find_condition(rig.status().conditions, "Ready")
    assert ready is not None
    assert ready.message == 'partition "batch" was read, but account "alice": no disk'
    assert not rig.status().complete

    rig.trouble = ""
    await rig.pools.beat()
    assert rig.status().complete


async def test_the_scheduler_is_asked_once_a_minute_when_jobs_would_start() -> None:
    rig = Rig()
    await rig.beat_for(FIVE_MINUTES)

    assert rig.forecast_asked() == 5
    assert {each.starts_at for each in rig.status().forecast} == {None}
    assert rig.hub.asked["status"] == 1  # nothing has changed


async def test_a_later_start_is_told_within_a_minute() -> None:
    rig = Rig()
    began_at = rig.clock()
    await rig.beat_for(timedelta(seconds=10))
    rig.centre.starts_in = 7200.0
    await rig.beat_for(timedelta(seconds=60))

    minute_later = began_at + timedelta(minutes=1)
    assert {each.starts_at for each in rig.status().forecast} == {minute_later + timedelta(hours=2)}


async def test_a_scheduler_that_falls_silent_is_told_to_say_nothing() -> None:
    rig = Rig()
    await rig.pools.beat()
    assert rig.status().forecast
    rig.centre.is_away = True
    await rig.pools.beat()

    assert not rig.status().forecast
    assert rig.status().total.nodes == 4  # what it has stands


async def test_a_scheduler_that_answers_for_its_nodes_alone_leaves_the_report_whole() -> None:
    rig = Rig()
    rig.centre.refuses_forecasts = True
    await rig.pools.beat()

    assert (rig.status().complete, rig.status().forecast) == (True, ())


async def test_a_centre_in_faster_time_is_never_asked() -> None:
    rig = Rig(clock_factor=60)
    await rig.beat_for(FIVE_MINUTES)

    assert (rig.forecast_asked(), rig.status().forecast) == (0, ())
