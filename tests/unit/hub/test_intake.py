from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from computility.hub.heartbeats import Heartbeats
from computility.hub.intake import Intake
from computility.hub.keys import Lane
from computility.hub.metrics import Metrics
from computility.hub.queue import WorkQueue
from computility.hub.router import Router
from computility.hub.store import Store
from computility.kube.builtin import Lease, LeaseSpec, Namespace
from computility.model.assignment import State
from computility.model.compute_job import ComputeJob
from computility.model.data_link import DataLink
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Key, ObjectMeta
from computility.model.names import AGENT_LEASE, USER_CLASS_LABEL, member_namespace
from computility.model.pool_facts import StartForecast
from computility.model.resource_pool import Capacity, ResourcePool, ResourcePoolStatus
from support.network import a_job, a_link, a_member, a_pool, with_spec
from support.stored import a_placed_job, a_waiting_job, an_assignment, stored

NOON, LATER = "2026-11-24T12:00:00Z", "2026-11-24T12:00:10Z"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """An intake with all that it feeds."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store, self.metrics = Store(), Metrics()
        self.queue = WorkQueue(self.clock)
        self.heartbeats = Heartbeats(self.clock)
        router = Router(self.store, self.queue, self.heartbeats)
        self.intake = Intake(self.store, self.queue, router, self.metrics)
        self.queue.open()

    async def due(self, seconds: float = 0.0) -> list[str]:
        """Take all that is due after so many seconds."""
        self.clock.now += seconds
        taken = []
        while sum(map(self.queue.depth, Lane)) or self._ripens():
            work = await self.queue.take()
            self.queue.done(work)
            taken.append(str(work))
        return taken

    def _ripens(self) -> bool:
        at = self.queue._backlog.next_at()
        return at is not None and at <= self.clock.now


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_an_assignment_leads_to_the_job_that_it_is_for(desk: Desk) -> None:
    desk.intake.seen(an_assignment(a_placed_job()))

    assert await desk.due() == ["job team/train"]


async def test_an_echo_of_what_is_known_leads_to_nothing(desk: Desk) -> None:
    desk.intake.seen(a_placed_job())
    await desk.due()
    desk.intake.seen(a_placed_job())

    assert await desk.due() == []


async def test_ends_are_looked_at_before_new_jobs(desk: Desk) -> None:
    desk.intake.seen(stored(a_job("team", "new")))
    desk.intake.seen(an_assignment(a_placed_job("old"), State.SUCCEEDED))

    assert await desk.due() == ["job team/old", "job team/new"]


async def test_an_ended_attempt_wakes_those_that_wait_for_a_place(desk: Desk) -> None:
    job = a_placed_job()
    for item in (job, an_assignment(job), a_waiting_job("patient")):
        desk.intake.seen(item)
    await desk.due()
    desk.intake.seen(an_assignment(job, State.SUCCEEDED, version=2))
    still_booked_live = await desk.due(1.0)
    desk.intake.gone(ComputeJob, Key("team", "train"), job.metadata.uid)

    assert "room" not in " ".join(still_booked_live)
    assert "room " in await desk.due(1.0)


SEEN = ResourcePoolStatus(observed_at=datetime.fromisoformat(NOON))
USED = ResourcePoolStatus(
    observed_at=datetime.fromisoformat(LATER), total=Capacity(nodes=3), used_by_others=Capacity(nodes=2)
)


def nodes_up(count: int) -> ResourcePoolStatus:
    """What an agent says that has seen all four nodes."""
    return msgspec.structs.replace(
        SEEN, complete=True, total=Capacity(nodes=4), unavailable=Capacity(nodes=4 - count)
    )


TOLD = ResourcePoolStatus(
    observed_at=datetime.fromisoformat(LATER), forecast=(StartForecast(max_nodes=1, max_run_seconds=60),)
)


@pytest.mark.parametrize(
    ("before", "after", "wakes"),
    [
        pytest.param({"status": SEEN}, {"status": USED}, False, id="its-figures-do-not"),
        pytest.param({"status": SEEN}, {"status": TOLD}, False, id="its-schedulers-word-does-not"),
        pytest.param({}, {"status": SEEN}, True, id="its-first-look-does"),
        pytest.param({"status": nodes_up(0)}, {"status": nodes_up(1)}, True, id="enough-nodes-up-do"),
        pytest.param({"status": nodes_up(1)}, {"status": nodes_up(2)}, False, id="more-than-enough-do-not"),
        pytest.param({"status": nodes_up(2)}, {"status": nodes_up(1)}, False, id="fewer-do-not"),
        pytest.param(
            {"status": SEEN}, {"status": SEEN, "spec": a_pool("m", "other").spec}, True, id="its-offer-does"
        ),
    ],
)
async def test_what_placement_reads_of_a_pool_wakes_the_waiting(
    desk: Desk, before: dict[str, Any], after: dict[str, Any], wakes: bool
) -> None:
    pool = a_pool("qingyang", "team")
    desk.intake.seen(stored(pool, **before))
    desk.intake.seen(a_waiting_job())
    await desk.due(1.0)
    desk.intake.seen(stored(pool, version=2, **after))

    assert ("wake " in await desk.due(1.0)) is wakes


@pytest.mark.parametrize(
    ("later", "wakes"),
    [
        pytest.param({"seconds": 3600}, False, id="an-hour-later"),
        pytest.param({"seconds": 3601}, True, id="past-what-was-valid"),
    ],
)
async def test_a_pool_that_is_heard_of_again_wakes_the_waiting(
    desk: Desk, later: dict[str, int], wakes: bool
) -> None:
    pool = with_spec(a_pool("qingyang", "team"), valid_seconds=3600)
    desk.intake.seen(stored(pool, status=SEEN))
    desk.intake.seen(a_waiting_job())
    await desk.due(1.0)
    again = ResourcePoolStatus(observed_at=datetime.fromisoformat(NOON) + timedelta(**later))
    desk.intake.seen(stored(pool, version=2, status=again))

    assert ("wake " in await desk.due(1.0)) is wakes


@pytest.fixture
async def waits_with_a_link(desk: Desk) -> Desk:
    """A desk that knows a link, where a job waits."""
    desk.intake.seen(stored(a_link("sh-gs")))
    desk.intake.seen(a_waiting_job())
    await desk.due(1.0)
    return desk


@pytest.mark.parametrize(
    ("link", "wakes"),
    [
        pytest.param(stored(a_link("sh-gs", gbps=100), version=2), True, id="it-was-widened"),
        pytest.param(stored(a_link("sh-nm", to="CN-NM")), True, id="another-is-new"),
        pytest.param(stored(a_link("sh-gs"), version=2), False, id="only-its-labels-changed"),
    ],
)
async def test_what_placement_reads_of_a_link_wakes_the_waiting(
    waits_with_a_link: Desk, link: DataLink, wakes: bool
) -> None:
    waits_with_a_link.intake.seen(link)

    assert ("wake " in await waits_with_a_link.due(1.0)) is wakes


async def test_a_link_that_is_gone_wakes_the_waiting(waits_with_a_link: Desk) -> None:
    waits_with_a_link.intake.gone(DataLink, Key("", "sh-gs"), "uid-sh-gs")

    assert "wake " in await waits_with_a_link.due(1.0)


async def test_a_link_that_does_not_fit_its_type_is_reported_and_stays_as_it_was(desk: Desk) -> None:
    desk.intake.seen(stored(a_link("sh-gs")))
    raw = msgspec.to_builtins(stored(a_link("sh-gs"), version=2)) | {"spec": {"from": "CN-SH"}}
    desk.intake.take_event(DataLink, "MODIFIED", raw)

    assert desk.store.known_links() == (a_link("sh-gs").spec,)
    assert desk.metrics.value("computility_hub_unreadable_objects_total", resource="datalinks") == 1


@pytest.mark.parametrize(
    ("labels", "wakes"),
    [({USER_CLASS_LABEL: "academic"}, True), ({"team": "a"}, False)],
    ids=["its-class", "another-label"],
)
async def test_the_class_of_a_namespace_wakes_the_waiting(
    desk: Desk, labels: dict[str, str], wakes: bool
) -> None:
    desk.intake.seen(stored(Namespace(metadata=ObjectMeta(name="team"))))
    desk.intake.seen(a_waiting_job())
    await desk.due(1.0)
    desk.intake.seen(stored(Namespace(metadata=ObjectMeta(name="team", labels=labels)), version=2))

    assert ("wake " in await desk.due(1.0)) is wakes


async def test_labels_of_a_pool_wake_the_waiting(desk: Desk) -> None:
    pool = a_pool("qingyang", "team")
    desk.intake.seen(stored(pool))
    desk.intake.seen(a_waiting_job())
    await desk.due(1.0)
    labelled = msgspec.structs.replace(pool.metadata, labels={"tier": "fast"})
    desk.intake.seen(stored(msgspec.structs.replace(pool, metadata=labelled), version=2))

    assert "wake " in await desk.due(1.0)


@pytest.mark.parametrize("is_remade", [True, False])
async def test_a_member_that_is_deleted_leads_to_the_jobs_there(desk: Desk, is_remade: bool) -> None:
    member = a_member("qingyang")
    for item in (stored(member), a_placed_job("there"), a_placed_job("elsewhere", member="lanzhou")):
        desk.intake.seen(item)
    await desk.due(1.0)
    if is_remade:
        desk.intake.seen(stored(member, uid="another", version=2))
    else:
        desk.intake.gone(MemberCluster, Key("", "qingyang"), "uid-qingyang")

    assert [work for work in await desk.due() if work.startswith("job")] == ["job team/there"]


async def test_many_reasons_to_wake_wake_once(desk: Desk) -> None:
    desk.intake.seen(a_waiting_job())
    await desk.due(1.0)
    for n in range(5):
        desk.intake.seen(stored(a_pool("qingyang", "team", name=f"p{n}")))

    assert (await desk.due(1.0)).count("wake ") == 1


async def test_an_object_that_does_not_fit_its_type_is_reported_and_stays_as_it_was(desk: Desk) -> None:
    desk.intake.seen(a_waiting_job())
    raw = msgspec.to_builtins(a_waiting_job(version=2)) | {"spec": {"template": "of tomorrow"}}
    desk.intake.take_event(ComputeJob, "MODIFIED", raw)

    assert desk.store.jobs.objects[Key("team", "train")] == a_waiting_job()
    assert desk.metrics.value("computility_hub_unreadable_objects_total", resource="computejobs") == 1


async def test_an_event_is_taken_as_the_api_server_sends_it(desk: Desk) -> None:
    raw = msgspec.json.decode(msgspec.json.encode(a_placed_job()))
    desk.intake.take_event(ComputeJob, "ADDED", raw)
    added = dict(desk.store.jobs.objects)
    desk.intake.take_event(ComputeJob, "DELETED", raw)

    assert added == {Key("team", "train"): a_placed_job()}
    assert desk.store.jobs.objects == {}


async def test_an_object_of_a_list_that_kopf_reads_has_its_kind_swept(desk: Desk) -> None:
    desk.intake.take_event(ResourcePool, None, msgspec.to_builtins(stored(a_pool("qingyang", "team"))))

    assert "sweep resourcepools" in await desk.due(2.0)


async def test_a_renewal_leads_to_nothing_and_a_first_one_to_the_member(desk: Desk) -> None:
    desk.intake.seen(stored(a_member("qingyang")))
    await desk.due(1.0)
    desk.intake.seen(a_lease(1, NOON))
    first = await desk.due(1.0)
    desk.intake.seen(a_lease(2, LATER))

    assert first == ["member qingyang"]
    assert await desk.due(1.0) == []


async def test_a_standby_keeps_its_copies_fresh_and_queues_nothing(desk: Desk) -> None:
    desk.queue.close()
    desk.intake.seen(a_waiting_job())
    desk.queue.open()

    assert await desk.due(60.0) == []
    assert Key("team", "train") in desk.store.jobs.objects


def a_lease(version: int, at: str) -> Lease:
    meta = ObjectMeta(name=AGENT_LEASE, namespace=member_namespace("qingyang"))
    return stored(Lease(metadata=meta, spec=LeaseSpec(holder_identity="j1", renew_time=at)), version=version)
