"""An agent over a centre in memory and a real API server, driven step by step by a clock of its own."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from computility.agent.accounts import AccountsTable, PoolRow, TenantRow
from computility.agent.agent import Agent
from computility.agent.config import AgentConfig, HubSettings, PoolSettings, SlurmSettings
from computility.agent.journal import Journal
from computility.agent.loop import MOST_ROUNDS
from computility.kube.builtin import Lease
from computility.kube.client import Client
from computility.model.assignment import Assignment, Desired
from computility.model.index_set import IndexSet
from computility.model.meta import ObjectMeta
from computility.model.names import (
    ACCEPTED_ANNOTATION,
    AGENT_LEASE,
    LEASE_SECONDS_ANNOTATION,
    MEMBER_UID_ANNOTATION,
    assignment_name,
)
from computility.model.resource_pool import Architecture, ResourcePoolSpec, Shape
from support.builders import an_assignment, array_spec
from support.eventually import eventually

MEMBER_UID = "uid-alpha"
TURNS = 400


class StepClock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def a_table() -> AccountsTable:
    return AccountsTable(
        pools={"cpu": PoolRow(partition="batch")}, tenants={"team-a": TenantRow(account="alice")}
    )


def a_config(member: str, **fields: Any) -> AgentConfig:
    pool = PoolSettings(
        name="cpu",
        spec=ResourcePoolSpec(
            architecture=Architecture.AMD64, shape=Shape(nodes=4, cores_per_node=2, memory_per_node="4Gi")
        ),
    )
    config = AgentConfig(
        member=member,
        hub=HubSettings(server="https://unused", token_file="unused"),
        slurm=SlurmSettings(helper="unused"),
        journal="unused",
        pools=(pool,),
    )
    return msgspec.structs.replace(config, **fields)


class Hub:
    """What a hub does to an agent, done by hand."""

    def __init__(self, client: Client, member: str) -> None:
        self.client = client
        self.member = member
        self.namespace = f"member-{member}"

    async def accept(self) -> None:
        """Answer on the agent's Lease that the member is accepted."""
        annotations = {
            MEMBER_UID_ANNOTATION: MEMBER_UID,
            ACCEPTED_ANNOTATION: "true",
            LEASE_SECONDS_ANNOTATION: "60",
        }
        patch = {"metadata": {"annotations": annotations}}
        await self.client.patch(Lease, self.namespace, AGENT_LEASE, patch)

    async def assign(
        self, array: IndexSet | None = None, max_concurrent: int | None = None, **changes: Any
    ) -> str:
        """Create an Assignment of a new job's first attempt, or of one at an array, and return its name."""
        uid = str(uuid.uuid4())
        spec = an_assignment().spec if array is None else array_spec(array, max_concurrent)
        spec = msgspec.structs.replace(spec, **{"member_uid": MEMBER_UID} | changes)
        if spec.job is not None:
            spec = msgspec.structs.replace(spec, job=msgspec.structs.replace(spec.job, uid=uid))
        meta = ObjectMeta(name=assignment_name(uid, 1), namespace=self.namespace)
        await self.client.create(Assignment(metadata=meta, spec=spec))
        return meta.name

    async def read(self, name: str) -> Assignment:
        return await self.client.get(Assignment, self.namespace, name)

    async def cancel(self, name: str) -> None:
        patch = {"spec": {"desired": Desired.CANCEL.value}}
        await self.client.patch(Assignment, self.namespace, name, patch)

    async def delete(self, name: str) -> None:
        await self.client.delete(Assignment, self.namespace, name)


@contextlib.asynccontextmanager
async def an_agent(
    hub: Hub, journal: Journal, client: Client, backend: Any, clock: Callable[[], datetime]
) -> AsyncIterator[Agent]:
    """Make an agent that holds its Lease and follows its Assignments; its loop is for the test to drive."""
    agent = Agent(
        a_config(hub.member), table=a_table(), journal=journal, client=client, backend=backend, clock=clock
    )
    await agent.membership.beat()
    await hub.accept()
    await agent.membership.beat()
    following = asyncio.create_task(agent.assignments.follow())
    try:
        # As many as the hub has: an agent that starts does not decide before it has listed either.
        expected = {item.metadata.name for item in (await hub.client.list(Assignment, hub.namespace)).items}
        await eventually(lambda: expected <= agent.assignments.names(), "the agent lists its Assignments")
        agent.loop.wake_all()
        yield agent
    finally:
        following.cancel()
        await asyncio.wait([following])


async def turn(agent: Agent, clock: StepClock) -> bool:
    """Do what is due now, or move the clock to what is due next; False when nothing is coming."""
    batches = agent.schedule.take(clock(), MOST_ROUNDS)
    if batches:
        await asyncio.gather(*map(agent.loop.round, batches))
        return True
    at = agent.schedule.next_at()
    if at is None:
        return False
    clock.now = max(clock.now, at)
    return True


async def drive(agent: Agent, clock: StepClock, until: Callable[[], Any], turns: int = TURNS) -> None:
    """Take turns until something is so (a plain or an awaited claim); fail when that takes too many."""
    for _ in range(turns):
        claim = until()
        if await claim if asyncio.iscoroutine(claim) else claim:
            return
        if not await turn(agent, clock):
            # Only the watch can bring something new now.
            await asyncio.sleep(0.005)
    raise AssertionError(f"not within {turns} turns, at {clock.now:%T} of the agent's clock")


async def rest(agent: Agent, clock: StepClock) -> None:
    """Take turns until nothing is coming: also what a lost answer may have left behind has ended then."""
    for _ in range(TURNS):
        if not await turn(agent, clock):
            return
    raise AssertionError(f"it does not come to rest within {TURNS} turns")
