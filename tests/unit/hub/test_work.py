"""What the hub does with answers that a healthy API server does not give on demand."""

import asyncio
import math
from typing import Any

import pytest

from computility.hub.hub import Hub
from computility.hub.keys import Lane, Task, Work
from computility.hub.occupancy import Reserved
from computility.hub.reconcile_job import reconcile_job
from computility.hub.reconcile_orphans import reconcile_orphans
from computility.hub.served import KindsMissing, require_kinds
from computility.hub.service import Service
from computility.hub.store import KINDS
from computility.hub.sweep import sweep
from computility.hub.workers import do_one
from computility.kube.builtin import LeaseSpec
from computility.kube.codec import Unreadable
from computility.kube.config import ClusterConfig
from computility.kube.errors import ApiError, Conflict, Unreachable, UnreadableAnswer
from computility.kube.listing import Listing
from computility.lifecycle.hub_actions import Delete
from computility.model.assignment import Assignment, State
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key
from computility.model.resource_pool import ResourcePoolStatus
from support.network import a_job, a_member, a_pool
from support.stored import a_placed_job, a_waiting_job, an_assignment, job_uid, stored

KEY = Key("team", "train")
POOL = ("qingyang", "cpu")


class FakeClient:
    """Answers as told; `asked` lists what was asked."""

    config = ClusterConfig("https://hub.example")

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.found: Any = None
        self.listing: Any = None
        self.trouble: ApiError | None = None

    async def find(self, type_: type[Any], namespace: str, name: str) -> Any:
        self.asked.append(f"get {name}")
        if isinstance(self.found, ApiError):
            raise self.found
        return self.found

    async def list(self, type_: type[Any], **_: Any) -> Any:
        return self.listing

    async def write_status(self, seen: Any, status: Any) -> Any:
        return self._answer(f"patch {seen.metadata.name}", stored(seen, version=99, status=status))

    async def create(self, value: Any) -> Any:
        return self._answer(f"create {value.metadata.name}", stored(value, version=99))

    async def delete(self, _: type[Any], namespace: str, name: str, *, uid: str) -> bool:
        return self._answer(f"delete {name}", True)

    async def delete_collection(self, _: type[Any], namespace: str, *, label_selector: str) -> None:
        self._answer(f"deletecollection {label_selector.count('cj-')}", None)

    def _answer(self, what: str, answer: Any) -> Any:
        self.asked.append(what)
        if self.trouble is not None:
            raise self.trouble
        return answer


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def hub(client: FakeClient) -> Hub:
    """A hub that knows one member, which offers one pool."""
    anybody: Any = client
    hub = Hub(anybody)
    hub.heartbeats.has_list = True
    status = ResourcePoolStatus(observed_at=hub.now())
    hub.intake.seen(stored(a_member("qingyang"), uid="uid-qingyang"))
    hub.intake.seen(stored(a_pool("qingyang", "team", max_queued=1), status=status))
    hub.heartbeats.hear("qingyang", LeaseSpec(holder_identity="j1"), is_news=True)
    return hub


def lost(*, is_outcome_unknown: bool = True) -> Unreachable:
    return Unreachable("patch", "/job", "no answer", is_outcome_unknown=is_outcome_unknown)


async def test_a_place_is_kept_while_it_is_unknown_whether_its_attempt_was_recorded(
    hub: Hub, client: FakeClient
) -> None:
    hub.intake.seen(stored(a_job("team", "train"), uid=job_uid("train")))
    client.trouble = lost()
    with pytest.raises(Unreachable):
        await reconcile_job(KEY, hub)

    assert hub.store.occupancy.count(POOL) == 1


async def test_a_place_is_given_back_when_its_attempt_was_not_recorded(hub: Hub, client: FakeClient) -> None:
    hub.intake.seen(stored(a_job("team", "train"), uid=job_uid("train")))
    client.trouble = lost(is_outcome_unknown=False)
    with pytest.raises(Unreachable):
        await reconcile_job(KEY, hub)

    assert hub.store.occupancy.count(POOL) == 0


async def test_after_a_lost_answer_the_job_is_read_before_it_is_decided_on(
    hub: Hub, client: FakeClient
) -> None:
    hub.intake.seen(stored(a_job("team", "train"), uid=job_uid("train")))
    client.trouble = lost()
    with pytest.raises(Unreachable):
        await reconcile_job(KEY, hub)
    client.trouble, client.found = None, a_placed_job(version=7)
    client.asked.clear()
    await reconcile_job(KEY, hub)

    assert client.asked[0] == "get train"
    assert client.asked[1].startswith("create cj-")
    assert not hub.store.occupancy.has(Reserved(job_uid("train")))
    assert hub.store.occupancy.count(POOL) == 1


async def test_an_orphan_whose_job_cannot_be_read_is_left_alone(hub: Hub, client: FakeClient) -> None:
    hub.intake.seen(an_assignment(a_placed_job()))
    client.found = UnreadableAnswer("get", "/job", "of tomorrow", status=200)
    with pytest.raises(UnreadableAnswer):
        await reconcile_orphans(KEY, hub)

    assert client.asked == ["get train"]


async def test_an_orphan_in_a_view_that_lags_is_left_alone_and_its_job_taken_in(
    hub: Hub, client: FakeClient
) -> None:
    hub.intake.seen(an_assignment(a_placed_job()))
    client.found = a_placed_job()
    await reconcile_orphans(KEY, hub)

    assert client.asked == ["get train"]
    assert hub.store.jobs.objects[KEY] == a_placed_job()


async def test_a_failed_bulk_delete_stays_collected_and_is_done_again(hub: Hub, client: FakeClient) -> None:
    hub.queue.open()
    ended = [an_assignment(a_placed_job(f"job-{n}"), State.SUCCEEDED) for n in range(3)]
    for assignment in ended:
        hub.intake.seen(assignment)
        meta = assignment.metadata
        hub.disposal.add(Delete(namespace=meta.namespace, name=meta.name, uid=meta.uid))
    client.trouble = lost()
    with pytest.raises(Unreachable):
        await hub.disposal.flush("member-qingyang")
    kept = len(hub.store.assignments.objects)
    client.trouble = None
    await hub.disposal.flush("member-qingyang")

    assert kept == 3
    assert client.asked == ["deletecollection 3", "deletecollection 3"]
    assert not hub.store.assignments.objects


async def test_an_assignment_that_lost_its_label_is_deleted_by_its_name(hub: Hub, client: FakeClient) -> None:
    bare = an_assignment(a_placed_job(), State.SUCCEEDED)
    bare.metadata.labels.clear()
    for assignment in (bare, an_assignment(a_placed_job("b"), State.SUCCEEDED)):
        hub.intake.seen(assignment)
        meta = assignment.metadata
        hub.disposal.add(Delete(namespace=meta.namespace, name=meta.name, uid=meta.uid))
    await hub.disposal.flush("member-qingyang")

    assert [asked.split()[0] for asked in client.asked] == ["delete", "delete"]


async def test_a_sweep_finds_what_the_watch_did_not_tell(hub: Hub, client: FakeClient) -> None:
    hub.intake.seen(a_waiting_job("vanished", version=5))
    hub.intake.seen(a_waiting_job("changed", version=6))
    hub.intake.seen(a_waiting_job("newer", version=90))
    client.listing = Listing(
        [a_waiting_job("changed", version=20), a_waiting_job("new", version=21)], "50", []
    )
    missed = await sweep(ComputeJob, hub)

    assert missed == 3
    assert sorted(key.name for key in hub.store.jobs.objects) == ["changed", "new", "newer"]
    assert hub.store.jobs.objects[Key("team", "changed")].metadata.resource_version == "20"


async def test_a_sweep_keeps_what_is_there_and_unreadable(hub: Hub, client: FakeClient) -> None:
    hub.intake.seen(a_waiting_job())
    client.listing = Listing([], "50", [Unreadable(KEY, job_uid("train"), "9", "$.spec")])
    await sweep(ComputeJob, hub)

    assert KEY in hub.store.jobs.objects


async def test_failed_work_is_tried_again_later(
    hub: Hub, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(work: Work, hub: Hub) -> None:
        raise Conflict("patch", "/job", "409")

    monkeypatch.setattr("computility.hub.workers.do_work", fails)
    hub.queue.open()
    hub.queue.add(Work(Task.JOB, *KEY))
    await do_one(await hub.queue.take(), hub)

    assert hub.queue.depth(Lane.NEWS) == 0
    assert await hub.queue.take() == Work(Task.JOB, *KEY)
    assert hub.metrics.value("computility_hub_reconciles_total", task="job", result="failed") == 1


async def test_a_bug_in_one_piece_of_work_ends_nothing_else(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(work: Work, hub: Hub) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("computility.hub.workers.do_work", fails)
    await do_one(Work(Task.JOB, *KEY), hub)

    assert "this is a bug of ours" in caplog.text


async def test_a_hub_without_its_kinds_names_them_and_the_remedy(client: FakeClient) -> None:
    anybody: Any = client
    with pytest.raises(KindsMissing, match=r"computejobs\.computility\.io.*kubectl apply -f crds/"):
        await require_kinds(anybody)


async def test_a_hub_that_can_no_longer_work_ends_with_the_reason(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(hub: Hub) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("computility.hub.service.prime", fails)
    lock: Any = FreeLock()
    service = Service(hub, lock)
    failed = asyncio.Event()
    service.start(on_failure=failed.set)
    async with asyncio.timeout(5):
        await failed.wait()
    sick = service.health()
    await service.stop()

    assert sick == "the hub does not run"
    assert isinstance(service.failure, ZeroDivisionError)


class FreeLock:
    """A Lease that is ours for the asking."""

    expires_at = math.inf

    async def acquire(self, _: object) -> object:
        return object()

    async def release(self, _: object) -> None:
        return None


def test_assignments_are_read_before_jobs() -> None:
    assert KINDS.index(Assignment) < KINDS.index(ComputeJob)
