"""What the hub does with answers that a healthy API server does not give on demand."""

from typing import Any

import pytest

from computility.hub.hub import Hub
from computility.hub.keys import Lane, Task, Work
from computility.hub.occupancy import Reserved
from computility.hub.reconcile_job import reconcile_job
from computility.hub.reconcile_orphans import reconcile_orphans
from computility.hub.served import KindsMissing, require_kinds
from computility.hub.store import KINDS
from computility.hub.sweep import sweep
from computility.hub.workers import do_one
from computility.kube.codec import Unreadable
from computility.kube.errors import Conflict, Unreachable, UnreadableAnswer
from computility.kube.listing import Listing
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key
from support.fake_client import FakeClient, lost
from support.network import a_job
from support.stored import a_placed_job, a_waiting_job, an_assignment, job_uid, stored

KEY = Key("team", "train")
POOL = ("qingyang", "cpu")


async def lose_the_write(hub: Hub, client: FakeClient, *, is_outcome_unknown: bool) -> None:
    """Place a job, and get no answer to the write of its attempt."""
    hub.intake.seen(stored(a_job("team", "train"), uid=job_uid("train")))
    client.trouble = lost(is_outcome_unknown=is_outcome_unknown)
    with pytest.raises(Unreachable):
        await reconcile_job(KEY, hub)


async def test_a_place_is_kept_while_it_is_unknown_whether_its_attempt_was_recorded(
    hub: Hub, client: FakeClient
) -> None:
    await lose_the_write(hub, client, is_outcome_unknown=True)

    assert hub.store.occupancy.count(POOL) == 1


async def test_a_place_is_given_back_when_its_attempt_was_not_recorded(hub: Hub, client: FakeClient) -> None:
    await lose_the_write(hub, client, is_outcome_unknown=False)

    assert hub.store.occupancy.count(POOL) == 0


async def test_after_a_lost_answer_the_job_is_read_before_it_is_decided_on(
    hub: Hub, client: FakeClient
) -> None:
    await lose_the_write(hub, client, is_outcome_unknown=True)
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


def test_assignments_are_read_before_jobs() -> None:
    assert KINDS.index(Assignment) < KINDS.index(ComputeJob)
