"""On a real API server, with the agent's own account and rights: what it does, and what it costs."""

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from computility import __version__
from computility.agent.agent import Agent
from computility.agent.journal import Journal
from computility.kube.builtin import Lease, Namespace, ServiceAccount
from computility.kube.client import Client
from computility.kube.credentials import StaticToken
from computility.kube.tokens import mint_token
from computility.kube.transport import Finished
from computility.lab.control_plane import ControlPlane
from computility.lifecycle.evidence import WorkloadState
from computility.model.assignment import Assignment, AttemptLease, MovementWork, Started, State
from computility.model.meta import ObjectMeta, is_true
from computility.model.names import AGENT_LEASE, AGENT_VERSION_ANNOTATION
from computility.model.reasons import Reason
from computility.model.resource_pool import ResourcePool
from support.agent_rig import Hub, StepClock, a_config, a_table, an_agent, drive, rest, turn
from support.api import Api
from support.builders import seconds
from support.eventually import eventually
from support.kube import client_of
from support.memory_centre import MemoryCentre
from support.rights import bind

pytestmark = pytest.mark.control_plane


def utc_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def hub(control_plane: ControlPlane, api: Api, roles: None) -> AsyncIterator[Hub]:
    """A member as the hub makes it: namespace, account and rights."""
    async with client_of(control_plane) as client:
        made = Hub(client, f"agent-{secrets.token_hex(4)}")
        await client.create(Namespace(metadata=ObjectMeta(name=made.namespace)))
        await client.create(
            ServiceAccount(metadata=ObjectMeta(namespace=made.namespace, name="computility-agent"))
        )
        assert bind(api, made.namespace, "computility-agent", "computility-agent").is_ok
        yield made


class Rig(NamedTuple):
    """A running agent, its centre, and what it asked of the API server."""

    agent: Agent
    centre: MemoryCentre
    requests: list[Finished]

    def count(self, *verbs: str) -> Counter[str]:
        told = [r for r in self.requests if r.verb in verbs]
        return Counter(f"{r.verb} {r.resource}/{r.subresource}".rstrip("/") for r in told)


@pytest.fixture
async def account(control_plane: ControlPlane, hub: Hub) -> AsyncIterator[tuple[Client, list[Finished]]]:
    """The hub's API server as the agent may use it."""
    requests: list[Finished] = []
    minted = await mint_token(hub.client, hub.namespace, "computility-agent", seconds=600)
    token = StaticToken(minted.token)
    async with client_of(control_plane, token, on_request=requests.append) as client:
        yield client, requests


@contextlib.asynccontextmanager
async def running(
    hub: Hub, account: tuple[Client, list[Finished]], journal: Path, centre: MemoryCentre
) -> AsyncIterator[Rig]:
    """Run an agent in real time until the test has seen enough."""
    client, requests = account
    config = a_config(hub.member, heartbeat_seconds=0.2)
    with Journal(journal) as opened:
        agent = Agent(
            config, table=a_table(), journal=opened, client=client, backend=centre, clock=centre.clock
        )
        task = asyncio.create_task(agent.run())
        try:
            yield Rig(agent, centre, requests)
        finally:
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled(), task.exception()


async def ended(hub: Hub, rig: Rig, name: str) -> Assignment:
    def is_terminal() -> bool:
        seen = rig.agent.assignments.get(name)
        return seen is not None and seen.status.state.is_terminal

    await eventually(is_terminal, "the attempt ends")
    return await hub.read(name)


async def accepted(hub: Hub, rig: Rig) -> None:
    await eventually(lambda: rig.agent.membership.is_holder, "the agent has its Lease")
    await hub.accept()
    await eventually(lambda: rig.agent.membership.may_start, "the agent is accepted")


async def test_a_member_that_is_not_accepted_only_shows_its_lease(
    hub: Hub, account: tuple[Client, list[Finished]], tmp_path: Path
) -> None:
    async with running(hub, account, tmp_path / "j.db", MemoryCentre(utc_now)) as rig:
        await hub.assign()
        renewed = 5
        await eventually(lambda: len(rig.requests) >= renewed, "the Lease is renewed")

        assert {request.resource for request in rig.requests} == {"leases"}
        assert rig.centre.calls == []
        lease = await hub.client.get(Lease, hub.namespace, AGENT_LEASE)
        assert lease.metadata.annotations[AGENT_VERSION_ANNOTATION] == __version__


async def test_a_short_job_costs_two_patches_and_no_reading(
    hub: Hub, account: tuple[Client, list[Finished]], tmp_path: Path
) -> None:
    async with running(hub, account, tmp_path / "j.db", MemoryCentre(utc_now, run_seconds=0.2)) as rig:
        await accepted(hub, rig)
        await eventually(lambda: rig.count("watch", "list")["list assignments"] == 1, "it lists")
        name = await hub.assign()
        end = await ended(hub, rig, name)

        assert (end.status.state, end.status.exit_code, end.status.started) == (
            State.SUCCEEDED,
            0,
            Started.YES,
        )
        assert end.status.workloads[0].native_id == "11"
        assert rig.count("patch")["patch assignments/status"] == 2
        assert rig.count("get", "list")["get assignments"] == 0
        assert rig.count("list")["list assignments"] == 1
        assert rig.centre.starts[name] == 1


async def test_an_ended_attempt_is_tidied_once_and_the_hub_is_asked_for_nothing_more(
    hub: Hub, account: tuple[Client, list[Finished]], tmp_path: Path
) -> None:
    async with running(hub, account, tmp_path / "j.db", MemoryCentre(utc_now, run_seconds=0.2)) as rig:
        await accepted(hub, rig)
        name = await hub.assign()
        await ended(hub, rig, name)
        await eventually(lambda: rig.centre.files[name].is_tidy, "the attempt is tidied")
        await eventually(lambda: rig.agent.schedule.next_at() is None, "nothing more is coming")

        assert [names for verb, names in rig.centre.calls if verb == "tidy"] == [(name,)]
        assert rig.count("patch")["patch assignments/status"] == 2
        assert rig.count("get")["get assignments"] == 0


async def test_a_longer_job_costs_one_patch_more_and_its_reports_only_grow(
    hub: Hub, account: tuple[Client, list[Finished]], tmp_path: Path
) -> None:
    async with running(hub, account, tmp_path / "j.db", MemoryCentre(utc_now, run_seconds=2.5)) as rig:
        await accepted(hub, rig)
        end = await ended(hub, rig, await hub.assign())

        assert rig.count("patch")["patch assignments/status"] == 3
        assert end.status.sequence == 3
        assert len(end.status.agent_holder) == 36


async def test_many_attempts_at_once_share_calls_and_commits(
    hub: Hub, account: tuple[Client, list[Finished]], tmp_path: Path
) -> None:
    for_all = 40
    names = [await hub.assign() for _ in range(for_all)]
    async with running(hub, account, tmp_path / "j.db", MemoryCentre(utc_now, run_seconds=0.2)) as rig:
        await accepted(hub, rig)
        for name in names:
            await ended(hub, rig, name)

        calls = Counter(verb for verb, _ in rig.centre.calls)
        assert rig.centre.starts == Counter(names)
        assert calls["submit"] <= 3
        assert calls["release"] <= 5
        assert calls["tidy"] <= 15
        assert calls["look"] <= 30


async def test_the_pools_are_applied_with_the_tenants_of_the_table_and_get_a_status(
    hub: Hub, account: tuple[Client, list[Finished]], tmp_path: Path
) -> None:
    async with running(hub, account, tmp_path / "j.db", MemoryCentre(utc_now)) as rig:
        await accepted(hub, rig)
        await eventually(
            lambda: rig.count("patch")["patch resourcepools/status"] == 1, "the pool is reported"
        )
        pool = await hub.client.get(ResourcePool, hub.namespace, "cpu")
        await rig.agent.pools.beat()

        assert pool.spec.access.namespaces == ("team-a",)
        assert (pool.status.total.cores, pool.status.backend.version) == (8, "memory 1")
        assert pool.status.observed_generation == pool.metadata.generation
        assert is_true(pool.status.conditions, "Ready")
        assert rig.count("patch")["patch resourcepools/status"] == 1


async def test_another_agent_waits_for_the_lease_and_does_nothing_meanwhile(
    hub: Hub, account: tuple[Client, list[Finished]], tmp_path: Path
) -> None:
    first, second = MemoryCentre(utc_now, is_full=True), MemoryCentre(utc_now)
    async with running(hub, account, tmp_path / "a.db", first) as one:
        await accepted(hub, one)
        async with running(hub, account, tmp_path / "b.db", second) as other:
            name = await hub.assign()
            await eventually(lambda: first.jobs.get(name) is not None, "the first submits")
            await other.agent.membership.beat()

            assert not other.agent.membership.is_holder
            assert second.calls == []


async def test_the_same_journal_resumes_at_once(
    hub: Hub, account: tuple[Client, list[Finished]], tmp_path: Path
) -> None:
    centre = MemoryCentre(utc_now, run_seconds=0.2, is_full=True)
    async with running(hub, account, tmp_path / "j.db", centre) as rig:
        await accepted(hub, rig)
        name = await hub.assign()
        await eventually(lambda: any(verb == "release" for verb, _ in centre.calls), "it is released")
    centre.is_full = False
    async with running(hub, account, tmp_path / "j.db", centre) as rig:
        end = await ended(hub, rig, name)

        assert end.status.state is State.SUCCEEDED
        assert len(centre.jobs[name]) == 1


async def test_nothing_is_started_once_another_holds_the_lease(
    hub: Hub, account: tuple[Client, list[Finished]], tmp_path: Path
) -> None:
    centre = MemoryCentre(utc_now)
    async with running(hub, account, tmp_path / "j.db", centre) as rig:
        await accepted(hub, rig)
        usurper = {"spec": {"holderIdentity": "another-journal", "leaseDurationSeconds": 3600}}
        await hub.client.patch(Lease, hub.namespace, AGENT_LEASE, usurper)
        await eventually(lambda: not rig.agent.membership.is_holder, "the Lease is lost")
        name = await hub.assign()
        await eventually(lambda: rig.agent.assignments.get(name) is not None, "the Assignment arrives")
        beats = len(rig.requests)
        await eventually(lambda: len(rig.requests) > beats + 2, "it goes on asking for the Lease")

        assert not rig.agent.membership.may_start
        assert [verb for verb, _ in centre.calls if verb not in {"describe", "look", "forecast"}] == []
        assert (await hub.read(name)).status.state is State.PENDING


class Stepped(NamedTuple):
    """An agent that the test drives, by a clock that the test moves."""

    agent: Agent
    clock: StepClock
    centre: MemoryCentre
    journal: Journal


@pytest.fixture
async def by_steps(
    hub: Hub, account: tuple[Client, list[Finished]], tmp_path: Path
) -> AsyncIterator[Stepped]:
    clock = StepClock()
    centre = MemoryCentre(clock, run_seconds=5)
    with Journal(tmp_path / "journal.db") as journal:
        async with an_agent(hub, journal, account[0], centre, clock) as agent:
            yield Stepped(agent, clock, centre, journal)


async def walked(hub: Hub, rig: Stepped, name: str) -> Assignment:
    def is_terminal() -> bool:
        seen = rig.agent.assignments.get(name)
        return seen is not None and seen.status.state.is_terminal

    await drive(rig.agent, rig.clock, is_terminal)
    return await hub.read(name)


async def test_an_assignment_that_the_centre_refuses_fails_without_a_start_and_without_a_call(
    hub: Hub, by_steps: Stepped
) -> None:
    moving = await hub.assign(job=None, movement=MovementWork(source="here", destination="there"))
    foreign = await hub.assign(member_uid="uid-of-another")

    for name, reason in ((moving, Reason.UNSUPPORTED), (foreign, Reason.MEMBER_MISMATCH)):
        status = (await walked(hub, by_steps, name)).status
        assert (status.state, status.reason, status.started) == (State.FAILED, reason.value, Started.NO)
    assert by_steps.centre.calls == []


async def test_an_assignment_made_again_is_answered_from_the_journal_also_after_tidying(
    hub: Hub, by_steps: Stepped
) -> None:
    name = await hub.assign()
    first = await walked(hub, by_steps, name)
    await rest(by_steps.agent, by_steps.clock)
    assert by_steps.centre.files[name].is_tidy
    await hub.delete(name)
    await eventually(lambda: by_steps.agent.assignments.get(name) is None, "the deletion arrives")
    meta = ObjectMeta(name=name, namespace=hub.namespace)
    await hub.client.create(Assignment(metadata=meta, spec=first.spec))
    again = await walked(hub, by_steps, name)

    assert again.metadata.uid != first.metadata.uid
    assert (again.status.state, again.status.exit_code) == (State.SUCCEEDED, 0)
    assert again.status.workloads == first.status.workloads
    assert by_steps.centre.starts[name] == 1


async def test_what_was_not_tidied_when_the_agent_died_is_tidied_although_its_assignment_is_gone(
    hub: Hub, by_steps: Stepped
) -> None:
    agent, clock, centre, journal = by_steps
    name = await hub.assign()
    await drive(agent, clock, lambda: centre.starts[name] == 1)
    await drive(agent, clock, lambda: entry_of(journal, name).settled is not None)
    await hub.delete(name)
    await eventually(lambda: agent.assignments.get(name) is None, "the deletion arrives")
    assert not centre.files[name].is_tidy

    agent.loop.wake_all()  # as an agent does when it starts
    await drive(agent, clock, lambda: entry_of(journal, name).tidied_at is not None)

    assert centre.files[name].is_tidy
    assert journal.open_entries == {}


async def test_a_held_attempt_whose_assignment_is_gone_ends_after_one_lease_and_not_before(
    hub: Hub, by_steps: Stepped
) -> None:
    agent, clock, centre, journal = by_steps
    centre.is_full = True
    name = await hub.assign(lease=AttemptLease(seconds=60))
    await drive(agent, clock, lambda: name in centre.jobs)
    await hub.delete(name)
    await eventually(lambda: agent.assignments.get(name) is None, "the deletion arrives")
    await drive(agent, clock, lambda: entry_of(journal, name).missing_at is not None)
    missing_at = entry_of(journal, name).missing_at
    assert missing_at is not None
    await drive(agent, clock, lambda: entry_of(journal, name).settled is not None)

    assert 60 <= (clock() - missing_at).total_seconds() <= 70
    assert {job.state for job in centre.jobs[name]} == {WorkloadState.ENDED}
    assert centre.starts[name] == 0


async def test_a_cancel_that_comes_in_between_is_a_conflict_and_never_a_start(
    hub: Hub, by_steps: Stepped
) -> None:
    agent, clock, centre, _ = by_steps
    name = await hub.assign()
    await drive(agent, clock, lambda: name in centre.jobs)
    # The agent has not heard of it when it records: the compare-and-swap tells it.
    await hub.cancel(name)
    end = await walked(hub, by_steps, name)
    await rest(agent, clock)

    assert (end.status.state, end.status.started) == (State.CANCELLED, Started.NO)
    assert [verb for verb, _ in centre.calls if verb in {"go", "release"}] == []


async def test_a_submit_that_is_postponed_is_tried_again_for_as_long_as_it_takes_and_does_not_count(
    hub: Hub, by_steps: Stepped
) -> None:
    agent, clock, centre, journal = by_steps
    centre.postpones = Reason.LIMIT_REACHED
    name = await hub.assign()
    passes_at = clock() + seconds(600)
    await drive(agent, clock, lambda: clock() > passes_at)
    waiting = (await hub.read(name)).status
    tries = sum(verb == "submit" for verb, _ in centre.calls)
    assert (waiting.state, waiting.reason) == (State.PENDING, Reason.LIMIT_REACHED.value)
    assert [c.submits for c in entry_of(journal, name).chunks] == [0]
    assert 10 <= tries <= 21

    centre.postpones = None
    assert (await walked(hub, by_steps, name)).status.state is State.SUCCEEDED


async def test_an_assignment_that_is_gone_before_the_watch_says_so_costs_one_write_and_one_read(
    hub: Hub, by_steps: Stepped, account: tuple[Client, list[Finished]]
) -> None:
    agent, clock, centre, _ = by_steps
    name = await hub.assign()
    await drive(agent, clock, lambda: centre.starts[name] == 1)
    informer = agent.assignments._informer
    informer.objects = MappingProxyType(dict(informer.objects))  # a copy that the watch does not reach
    before = len(account[1])
    await hub.delete(name)
    for _ in range(100):
        await turn(agent, clock)

    asked = [r.verb for r in account[1][before:] if r.resource == "assignments" and r.verb != "watch"]
    assert sorted(asked) == ["get", "patch"]
    assert agent.assignments.get(name) is None


async def test_a_centre_that_is_silent_delays_and_loses_nothing(hub: Hub, by_steps: Stepped) -> None:
    agent, clock, centre, _ = by_steps
    name = await hub.assign()
    await drive(agent, clock, lambda: centre.starts[name] == 1)
    centre.is_away = True
    returns_at = clock() + seconds(600)
    await drive(agent, clock, lambda: clock() > returns_at, turns=4000)
    assert (await hub.read(name)).status.state is State.HELD
    centre.is_away = False
    status = (await walked(hub, by_steps, name)).status

    assert (status.state, status.run_seconds) == (State.SUCCEEDED, 5)


def entry_of(journal: Journal, name: str):
    entry = journal.get(name)
    assert entry is not None
    return entry
