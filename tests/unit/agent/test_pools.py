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
    def __init__(self) -> None:
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
        )

    async def beat_for(self, time: timedelta) -> None:
        for _ in range(int(time.total_seconds() / REPORT_SECONDS)):
            await self.pools.beat()
            self.clock.advance(REPORT_SECONDS)

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
