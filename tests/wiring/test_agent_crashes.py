"""On a real API server: an agent that dies between any two of its effects finishes what it began, once."""

import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from computility.agent.agent import Agent
from computility.kube.builtin import Namespace
from computility.lab.control_plane import ControlPlane
from computility.lifecycle.evidence import WorkloadState
from computility.model.assignment import AssignmentStatus, Desired, Started, State
from computility.model.index_set import IndexSet
from computility.model.meta import ObjectMeta
from computility.model.reasons import Reason
from support.agent_rig import Hub, StepClock, an_agent, drive, rest
from support.crash import Crash, Fuse, FusedBackend, FusedClient, FusedJournal
from support.eventually import eventually
from support.kube import client_of
from support.memory_centre import MemoryCentre

pytestmark = pytest.mark.control_plane

MOST_MOMENTS = 60


class Way(NamedTuple):
    """A way through the protocol: when the hub cancels, how it all ends, how many effects the agent needs.

    `array` and `max_concurrent` are those of an attempt at an array; `starts` how many payloads start.
    """

    centre: dict[str, Any]
    state: State
    started: Started
    effects: int
    cancel_when: "Callable[[Walk], bool]" = lambda _: False
    desired: Desired = Desired.RUN
    array: IndexSet | None = None
    max_concurrent: int | None = None
    starts: int = 1

    @property
    def end(self) -> tuple[State, str, Started]:
        return self.state, _REASONS[self.state].value, self.started


_REASONS = {
    State.SUCCEEDED: Reason.SUCCEEDED,
    State.FAILED: Reason.EXIT_CODE,
    State.CANCELLED: Reason.CANCELLED,
}


class Walk:
    """One attempt from its Assignment to its end, with one crash of the agent on the way."""

    def __init__(self, plane: ControlPlane, hub: Hub, journal: Path, way: Way, fuse: Fuse) -> None:
        self.plane, self.hub, self.journal_file, self.way, self.fuse = plane, hub, journal, way, fuse
        self.clock = StepClock()
        self.centre = MemoryCentre(self.clock, **way.centre)
        self.name = ""
        self.state = State.PENDING

    async def to_the_end(self) -> tuple[AssignmentStatus, bool]:
        """Return how the attempt ended, and whether the agent died on the way."""
        self.name = await self.hub.assign(self.way.array, self.way.max_concurrent, desired=self.way.desired)
        try:
            return await self._live(self.fuse), False
        except Crash:
            return await self._live(Fuse.whole()), True

    def job_is(self, state: WorkloadState) -> bool:
        return any(job.state is state for job in self.centre.jobs.get(self.name, []))

    def leftovers(self) -> list[str]:
        jobs = self.centre.jobs.get(self.name, [])
        return [job.native_id for job in jobs if job.state is not WorkloadState.ENDED]

    async def _live(self, fuse: Fuse) -> AssignmentStatus:
        with FusedJournal(self.journal_file, fuse) as journal:
            async with FusedClient.of(self.plane, fuse) as client:
                backend = FusedBackend(self.centre, fuse)
                async with an_agent(self.hub, journal, client, backend, self.clock) as agent:
                    await drive(agent, self.clock, lambda: self._has_ended(agent))
                    await rest(agent, self.clock)
                    return (await self.hub.read(self.name)).status

    async def _has_ended(self, agent: Agent) -> bool:
        seen = agent.assignments.get(self.name)
        assert seen is not None
        self.state = seen.status.state
        if seen.spec.desired is Desired.RUN and self.way.cancel_when(self):
            await self.hub.cancel(self.name)
            await eventually(lambda: wants_cancel(agent, self.name), "the cancel arrives")
        return self.state.is_terminal


WAYS = {
    "a payload that succeeds": Way({"run_seconds": 5}, State.SUCCEEDED, Started.YES, effects=12),
    "a cancel before anything was done": Way(
        {}, State.CANCELLED, Started.NO, effects=6, desired=Desired.CANCEL, starts=0
    ),
    "a cancel while it is held": Way(
        {},
        State.CANCELLED,
        Started.NO,
        effects=12,
        starts=0,
        cancel_when=lambda walk: walk.state is State.HELD and walk.job_is(WorkloadState.HELD),
    ),
    "a cancel while it is queued": Way(
        {"is_full": True},
        State.CANCELLED,
        Started.NO,
        effects=14,
        starts=0,
        cancel_when=lambda walk: walk.job_is(WorkloadState.QUEUED),
    ),
    "a cancel while it runs": Way(
        {"run_seconds": 900},
        State.CANCELLED,
        Started.YES,
        effects=15,
        cancel_when=lambda walk: walk.state is State.RUNNING,
    ),
    "an array of which one index fails": Way(
        {"run_seconds": 5, "exit_codes": {1: 3}},
        State.FAILED,
        Started.YES,
        effects=16,
        array=IndexSet.first(4),
        max_concurrent=2,
        starts=4,
    ),
    "an array that is cancelled while half of it waits": Way(
        {"run_seconds": 900},
        State.CANCELLED,
        Started.YES,
        effects=17,
        array=IndexSet.first(4),
        max_concurrent=2,
        starts=2,
        cancel_when=lambda walk: walk.state is State.RUNNING,
    ),
}


@pytest.fixture
async def hub(control_plane: ControlPlane) -> AsyncIterator[Hub]:
    async with client_of(control_plane) as client:
        yield await a_member(client, f"crash-{secrets.token_hex(4)}")


async def a_member(client: Any, name: str) -> Hub:
    hub = Hub(client, name)
    await client.create(Namespace(metadata=ObjectMeta(name=hub.namespace)))
    return hub


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_a_crash_at_any_moment_changes_neither_the_end_nor_the_one_start(
    control_plane: ControlPlane, hub: Hub, tmp_path: Path, way: Way
) -> None:
    for moment in range(MOST_MOMENTS):
        # Each walk has a member of its own: with a new journal it would have to wait out the Lease.
        own = await a_member(hub.client, f"{hub.member}-{moment}")
        walk = Walk(control_plane, own, tmp_path / f"{moment}.db", way, Fuse(moment))
        status, has_crashed = await walk.to_the_end()

        assert (status.state, status.reason, status.started) == way.end, walk.fuse.moment
        assert walk.centre.starts.total() == way.starts, walk.fuse.moment
        assert set(walk.centre.starts_of_indices.values()) <= {1}, walk.fuse.moment
        assert walk.leftovers() == [], walk.fuse.moment
        assert walk.centre.files[walk.name].is_tidy, walk.fuse.moment
        if not has_crashed:
            assert moment == 2 * way.effects
            return
    pytest.fail(f"more than {MOST_MOMENTS} moments: a way has no end")


async def test_an_end_is_kept_while_the_hub_is_away_and_told_when_it_returns(
    control_plane: ControlPlane, hub: Hub, tmp_path: Path
) -> None:
    clock = StepClock()
    centre, whole = MemoryCentre(clock, run_seconds=5), Fuse.whole()
    with FusedJournal(tmp_path / "journal.db", whole) as journal:
        async with (
            FusedClient.of(control_plane, whole) as client,
            an_agent(hub, journal, client, centre, clock) as agent,
        ):
            name = await hub.assign()
            await drive(agent, clock, lambda: centre.starts[name] == 1)
            client.is_cut_off = True
            await drive(agent, clock, lambda: is_settled(journal, name))
            assert not (await hub.read(name)).status.state.is_terminal
            client.is_cut_off = False
            await drive(agent, clock, lambda: is_terminal(agent, name))

            assert (await hub.read(name)).status.state is State.SUCCEEDED


def wants_cancel(agent: Agent, name: str) -> bool:
    seen = agent.assignments.get(name)
    return seen is not None and seen.spec.desired is Desired.CANCEL


def is_terminal(agent: Agent, name: str) -> bool:
    seen = agent.assignments.get(name)
    return seen is not None and seen.status.state.is_terminal


def is_settled(journal: FusedJournal, name: str) -> bool:
    entry = journal.get(name)
    return entry is not None and entry.settled is not None
