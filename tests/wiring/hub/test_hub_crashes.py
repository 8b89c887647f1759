"""The hub on a real API server, killed before and after each of its writes: the next one goes on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from computility.model.assignment import Desired, State
from computility.model.names import member_namespace
from support.hub import HubThread
from support.hub_plane import fresh_name
from support.hub_process import Crash, HubProcess
from support.network import Network

pytestmark = pytest.mark.control_plane

StartHub = Callable[..., Awaitable[HubThread]]
StartDyingHub = Callable[[Crash], HubProcess]
MOMENTS = ("before", "after")
RECORD, BOOK = ("patch", "computejobs/status", 1), ("patch", "computejobs/status", 2)
CREATE, GIVE_UP = ("create", "assignments", 1), ("patch", "assignments", 1)
DELETE = ("delete", "assignments", 1)


def crashes(*writes: tuple[str, str, int]) -> list[object]:
    return [
        pytest.param(Crash(moment, *write), id=f"{moment}-{write[0]}-{write[1]}-{write[2]}")
        for write in writes
        for moment in MOMENTS
    ]


@pytest.mark.parametrize("crash", crashes(RECORD, CREATE, BOOK, DELETE))
async def test_a_job_runs_once_wherever_the_hub_died(
    network: Network, start_dying_hub: StartDyingHub, start_hub: StartHub, crash: Crash
) -> None:
    member = fresh_name("m")
    hub = start_dying_hub(crash._replace(tenant=network.tenant, home=member_namespace(member)))
    await _join(network, member)
    async with agent_at(network, member) as ran:
        await network.submit("job")
        await hub.until_dead()
        await start_hub()
        job = await network.until_phase("job", "Succeeded")
        await network.until_assigned(member, 0)

    assert [(a.ordinal, a.state.value) for a in job.status.attempts] == [(1, "Succeeded")]
    assert job.status.last_ordinal == 1
    assert len(ran) == 1, "its Assignment was seen under more than one name"


@pytest.mark.parametrize("crash", crashes(GIVE_UP))
async def test_a_cancelled_job_ends_cancelled_wherever_the_hub_died(
    network: Network, start_dying_hub: StartDyingHub, start_hub: StartHub, crash: Crash
) -> None:
    member = fresh_name("m")
    hub = start_dying_hub(crash._replace(tenant=network.tenant, home=member_namespace(member)))
    await _join(network, member)
    await network.submit("job")
    await network.until_assigned(member)
    await network.until_phase("job", "Placed")
    async with agent_at(network, member, cancels_only=True):
        await network.cancel("job")
        await hub.until_dead()
        await start_hub()
        job = await network.until_phase("job", "Cancelled")
        await network.until_assigned(member, 0)

    assert [(a.ordinal, a.state.value) for a in job.status.attempts] == [(1, "Cancelled")]


async def test_a_second_hub_waits_and_takes_over_when_the_first_stops(
    network: Network, start_hub: StartHub
) -> None:
    first = await start_hub(identity="first")
    member = await _join(network, fresh_name("m"))
    second = await start_hub(identity="second")
    await network.submit("one")
    await network.until_assigned(member)
    waited = await second.writes()
    await first.stop()
    await network.submit("two")
    await network.until_assigned(member, 2)

    assert not waited
    assert (await first.writes())["create assignments"] == (await second.writes())["create assignments"] == 1


async def _join(network: Network, member: str) -> str:
    await network.join(member)
    await network.offer(member)
    return member


@asynccontextmanager
async def agent_at(network: Network, member: str, *, cancels_only: bool = False) -> AsyncIterator[set[str]]:
    """An agent that ends whatever it is given; yields the names that it has seen."""
    ended: set[str] = set()

    async def work() -> None:
        while True:
            for assignment in await network.assignments(member):
                ended.add(assignment.metadata.name)
                wants_cancel = assignment.spec.desired is Desired.CANCEL
                if not assignment.status.state.is_terminal and wants_cancel >= cancels_only:
                    await network.report(assignment, State.CANCELLED if wants_cancel else State.SUCCEEDED)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(work())
    try:
        yield ended
    finally:
        task.cancel()
        await asyncio.wait({task})
