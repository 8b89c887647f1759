"""On a real API server: an attempt at an array, from its Assignment to its end, in the agent's own hands."""

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from computility.agent.agent import Agent
from computility.agent.journal import Journal
from computility.kube.builtin import Namespace
from computility.kube.transport import Finished
from computility.lab.control_plane import ControlPlane
from computility.lifecycle.evidence import WorkloadState
from computility.model.assignment import Assignment, AssignmentStatus, Counts, Started, State
from computility.model.index_set import IndexSet
from computility.model.meta import ObjectMeta
from computility.model.reasons import Reason
from support.agent_rig import Hub, StepClock, an_agent, drive, rest
from support.builders import seconds
from support.eventually import eventually
from support.kube import client_of
from support.memory_centre import MemoryCentre

pytestmark = pytest.mark.control_plane

TEN = IndexSet.first(10)
TWO_CHUNKS = IndexSet.of(range(0, 2400, 2))


class Rig(NamedTuple):
    """An agent that the test drives, by a clock that the test moves."""

    hub: Hub
    agent: Agent
    clock: StepClock
    centre: MemoryCentre
    journal: Journal
    requests: list[Finished]

    def writes(self) -> int:
        return sum(request.verb == "patch" and request.subresource == "status" for request in self.requests)

    def seen(self, name: str) -> AssignmentStatus:
        """What the agent has of an Assignment, which may have yet to arrive."""
        assignment = self.agent.assignments.get(name)
        return assignment.status if assignment else AssignmentStatus()

    def calls(self, *verbs: str) -> Counter[str]:
        return Counter(verb for verb, _ in self.centre.calls if verb in verbs)

    async def drive(self, until: Callable[[], Any], turns: int = 400) -> None:
        await drive(self.agent, self.clock, until, turns)

    async def end(self, name: str, turns: int = 400) -> AssignmentStatus:
        """Drive an attempt to its end and the agent to rest, and read what the hub has of it."""
        await self.drive(lambda: self.seen(name).state.is_terminal, turns)
        await rest(self.agent, self.clock)
        return (await self.hub.read(name)).status


@pytest.fixture
async def rig(control_plane: ControlPlane, tmp_path: Path) -> AsyncIterator[Rig]:
    clock, requests = StepClock(), list[Finished]()
    centre = MemoryCentre(clock, run_seconds=30)
    async with client_of(control_plane) as admin, client_of(control_plane, on_request=requests.append) as own:
        hub = Hub(admin, f"array-{secrets.token_hex(4)}")
        await admin.create(Namespace(metadata=ObjectMeta(name=hub.namespace)))
        with Journal(tmp_path / "journal.db") as journal:
            async with an_agent(hub, journal, own, centre, clock) as agent:
                yield Rig(hub, agent, clock, centre, journal, requests)


def by_state(status: AssignmentStatus) -> dict[State, str]:
    return {outcome.state: outcome.indices for outcome in status.outcomes}


async def test_every_index_runs_once_and_the_end_counts_them_all(rig: Rig) -> None:
    rig.centre.exit_codes = {3: 7}
    name = await rig.hub.assign(TEN)
    end = await rig.end(name)

    assert (end.state, end.reason, end.exit_code) == (State.FAILED, Reason.EXIT_CODE.value, 7)
    assert by_state(end) == {State.SUCCEEDED: "0-2,4-9", State.FAILED: "3"}
    assert end.counts == Counts(succeeded=9, failed=1)
    assert rig.centre.starts_of_indices == Counter((name, index) for index in TEN)
    assert (end.run_seconds, len(end.workloads)) == (300, 1)


async def test_an_array_costs_few_more_writes_than_a_job_and_one_call_of_each_kind(rig: Rig) -> None:
    name = await rig.hub.assign(TEN)
    before = rig.writes()
    await rig.end(name)

    assert rig.writes() - before == 3
    verbs = ("submit", "go", "release", "burn", "tidy")
    assert rig.calls(*verbs) == Counter(submit=1, go=1, release=1, tidy=1)


async def test_no_more_run_at_once_than_allowed_and_progress_is_told(rig: Rig) -> None:
    name = await rig.hub.assign(TEN, max_concurrent=3)
    before = rig.writes()
    await rig.drive(lambda: (rig.seen(name).counts or Counts()).succeeded >= 6)
    halfway = rig.seen(name)
    end = await rig.end(name)

    assert (halfway.state, halfway.started) == (State.RUNNING, Started.YES)
    assert halfway.counts is not None
    assert halfway.counts.pending + halfway.counts.running + halfway.counts.succeeded == 10
    assert by_state(halfway) == {State.SUCCEEDED: str(TEN.take(halfway.counts.succeeded))}
    assert rig.centre.most_at_once[name] == 3
    assert by_state(end) == {State.SUCCEEDED: "0-9"}
    # Held, Running, the end; between them no more than one in five seconds of two minutes.
    assert rig.writes() - before <= 3 + 120 / 5


async def test_an_array_of_several_chunks_is_several_workloads_and_one_attempt(rig: Rig) -> None:
    name = await rig.hub.assign(TWO_CHUNKS)
    end = await rig.end(name)

    assert by_state(end) == {State.SUCCEEDED: str(TWO_CHUNKS)}
    assert [(w.chunk, w.native_id) for w in end.workloads] == [(0, "11"), (1, "12")]
    assert rig.calls("submit", "release") == Counter(submit=1, release=1)
    assert rig.centre.starts[name] == len(TWO_CHUNKS)


async def test_a_cancel_ends_what_runs_and_keeps_the_rest_from_starting(rig: Rig) -> None:
    name = await rig.hub.assign(TEN, max_concurrent=4)
    await rig.drive(lambda: rig.seen(name).state is State.RUNNING)
    await rig.hub.cancel(name)
    await eventually(lambda: wants_cancel(rig, name), "the cancel arrives")
    end = await rig.end(name)

    assert (end.state, end.counts) == (State.CANCELLED, Counts(failed=10))
    assert {(o.indices, o.started) for o in end.outcomes} == {("0-3", Started.YES), ("4-9", Started.NO)}
    assert rig.centre.starts[name] == 4
    assert {job.state for job in rig.centre.jobs[name]} == {WorkloadState.ENDED}


async def test_an_index_that_the_centre_loses_ends_alone(rig: Rig) -> None:
    name = await rig.hub.assign(TEN, max_concurrent=4)
    await rig.drive(lambda: rig.seen(name).state is State.RUNNING)
    rig.centre.jobs[name] = [job for job in rig.centre.jobs[name] if job.index != 8]
    end = await rig.end(name)

    assert by_state(end) == {State.SUCCEEDED: "0-7,9", State.LOST: "8"}
    (lost,) = (outcome for outcome in end.outcomes if outcome.state is State.LOST)
    assert (lost.started, lost.reason) == (Started.NO, Reason.WORKLOAD_VANISHED.value)
    assert rig.centre.starts_of_indices[name, 8] == 0


async def test_the_end_of_an_array_is_answered_again_from_the_journal(rig: Rig) -> None:
    name = await rig.hub.assign(TEN)
    first = await rig.end(name)
    spec = (await rig.hub.read(name)).spec
    await rig.hub.delete(name)
    await eventually(lambda: rig.agent.assignments.get(name) is None, "the deletion arrives")
    meta = ObjectMeta(name=name, namespace=rig.hub.namespace)
    await rig.hub.client.create(Assignment(metadata=meta, spec=spec))
    await eventually(lambda: rig.agent.assignments.get(name) is not None, "the new one arrives")
    again = await rig.end(name)

    assert (again.outcomes, again.counts) == (first.outcomes, first.counts)
    assert rig.centre.starts[name] == 10


async def test_a_look_asks_only_for_what_has_not_ended(rig: Rig) -> None:
    asked: list[IndexSet] = []
    look = rig.centre.look

    async def listening(targets: Any) -> Any:
        asked.extend(target.indices for target in targets)
        return await look(targets)

    rig.centre.look = listening  # type: ignore[method-assign]
    name = await rig.hub.assign(TEN, max_concurrent=5)
    await rig.drive(lambda: (rig.seen(name).counts or Counts()).succeeded == 5)
    late = rig.clock() + seconds(1)
    await rig.drive(lambda: rig.clock() > late)

    assert asked[0] == TEN
    assert asked[-1] == TEN - TEN.take(5)


def wants_cancel(rig: Rig, name: str) -> bool:
    assignment = rig.agent.assignments.get(name)
    return assignment is not None and assignment.spec.desired.value == "Cancel"
