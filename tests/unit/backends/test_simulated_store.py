"""A simulated centre and the journal beside it: what a kill leaves, and what was not written never was."""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from computility.agent.journal import JournalError
from computility.backends.simulated.backend import INSTANTS_IN_A_ROW
from computility.backends.simulated.config import Background, Spread
from computility.lifecycle.evidence import WorkloadState
from support.builders import an_entry
from support.either import CONFIG, SimulatedWorld
from support.workloads import a_target, an_array

ALIKE = Spread(median=1, p99=1)
USERS = Background(
    partition="cpu",
    gap_seconds=300,
    nodes=ALIKE,
    run_seconds=Spread(median=60, p99=600),
    requested_factor=Spread(median=2, p99=4),
)
BUSY = msgspec.structs.replace(CONFIG, background=(USERS,))
"""A centre with users of its own."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SimulatedWorld]:
    world = SimulatedWorld(tmp_path)
    yield world
    world.close()


async def test_what_a_look_has_told_is_there_after_a_kill(world: SimulatedWorld) -> None:
    waiting, running = await world.hold(world.payloads.ends()), await world.start(world.payloads.runs_on())
    burned = a_target()
    await world.backend.burn([burned])
    targets = [waiting, running, burned]
    before = await world.backend.look(targets)

    world.reopen()

    assert await world.backend.look(targets) == before


async def test_a_submit_and_the_journals_word_of_it_are_one_transaction(world: SimulatedWorld) -> None:
    lost, kept = a_target(), a_target()
    await world.submit(lost, world.payloads.ends())
    world.reopen()
    assert (await world.look(lost)).workloads == ()

    await world.submit(kept, world.payloads.ends())
    world.journal.write([an_entry()])
    world.reopen()

    assert world.journal.get(an_entry().name) is not None
    assert (await world.look(kept)).workloads[0].state is WorkloadState.HELD


async def test_what_should_have_happened_while_nobody_looked_happens_at_the_next_look(
    world: SimulatedWorld,
) -> None:
    target = await world.start(world.payloads.ends(3, after=60, max_run_seconds=600))
    await world.until_started(target)
    world.close()
    world.wall.advance(3600)
    world.open()

    result = (await world.look(target)).result

    assert result is not None
    assert (result.exit_code, result.run_seconds) == (3, 60)
    assert world.clock() - result.ended_at > timedelta(minutes=58)


async def test_while_it_cannot_be_written_nothing_is_told_and_afterwards_nothing_is_lost(
    world: SimulatedWorld,
) -> None:
    target = await world.start(world.payloads.runs_on())
    database: sqlite3.Connection = world.journal._database
    database.execute("PRAGMA query_only = ON")

    await world.pass_time(1)
    await world.backend.cancel([target])
    look = await world.look(target)
    with pytest.raises(JournalError):
        world.journal.write([an_entry()])

    assert (look.complete, look.workloads) == (False, ())
    assert "free its disk" in look.problem
    database.execute("PRAGMA query_only = OFF")
    assert (await world.look(target)).result is not None
    world.reopen()
    assert (await world.look(target)).result is not None


async def test_a_tidied_attempt_takes_no_room_in_the_centre_and_is_still_told(
    world: SimulatedWorld,
) -> None:
    target = await world.start(world.payloads.ends(output="said"), an_array(50))
    before = (await world.until_ended(target)).indices
    empty = 1  # the centre's own row
    assert world.rows("centre_rows") > 50

    await world.backend.tidy([target])
    await world.look(target)

    assert world.rows("centre_rows") <= empty + 1
    assert world.rows("centre_outputs") == 0
    world.reopen()
    assert (await world.look(target)).indices == before


async def test_a_tidied_attempt_is_forgotten_after_a_month_of_the_hubs_time(tmp_path: Path) -> None:
    world = SimulatedWorld(tmp_path, factor=10_000)
    target = await world.start(world.payloads.ends())
    await world.until_ended(target)
    tidied_at = world.wall()
    await world.backend.tidy([target])
    await world.look(target)

    await world.pass_time(timedelta(days=1).total_seconds())  # 27 years there
    world.backend.forget_tidied(tidied_at)
    assert world.rows("centre_tidied") == 1
    world.backend.forget_tidied(tidied_at + timedelta(seconds=1))

    assert world.rows("centre_tidied") == 0
    world.close()


async def test_while_a_centre_catches_up_others_have_their_turn(tmp_path: Path) -> None:
    world = SimulatedWorld(tmp_path, BUSY)
    await world.look(a_target())
    await world.pass_time(30 * 86_400)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(count())
    await world.look(a_target())
    other.cancel()

    instants = world.engine._centre.counters.next_serial  # each job arrives at an instant of its own
    assert turns >= instants // INSTANTS_IN_A_ROW > 10
    world.close()


async def test_what_is_asked_while_a_centre_catches_up_is_answered_as_of_now(tmp_path: Path) -> None:
    world = SimulatedWorld(tmp_path, BUSY)
    target = await world.start(world.payloads.ends(after=60, max_run_seconds=600))
    await world.pass_time(30 * 86_400)

    first, second, _ = await asyncio.gather(
        world.look(target), world.look(target), world.backend.cancel([target])
    )

    assert first == second
    assert first.taken_at == world.clock()
    assert first.result is not None
    assert first.result.run_seconds == 60
    world.close()


async def test_another_clock_factor_goes_on_from_the_same_virtual_instant(tmp_path: Path) -> None:
    world = SimulatedWorld(tmp_path, factor=10)
    target = await world.start(world.payloads.ends(after=1000, max_run_seconds=3600))
    await world.look(target)
    world.wall.advance(60)
    at = world.clock()

    world.reopen(factor=2)

    assert world.clock() == at
    world.wall.advance(190)
    assert (await world.look(target)).result is None
    world.wall.advance(20)
    assert (await world.look(target)).result is not None
    world.close()


async def test_a_wall_clock_that_goes_back_takes_nothing_back(world: SimulatedWorld) -> None:
    target = await world.start(world.payloads.ends())
    await world.until_ended(target)
    before = await world.look(target)

    world.wall.advance(-3600)

    after = await world.look(target)
    assert (after.result, after.taken_at) == (before.result, before.taken_at)
