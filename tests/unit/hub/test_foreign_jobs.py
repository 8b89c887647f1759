"""A job that is for another controller is left alone, entirely."""

import msgspec
import pytest

from computility.hub.hub import Hub
from computility.hub.keys import Lane, job_work
from computility.hub.work import do_work
from computility.model.assignment import Assignment, State
from computility.model.compute_job import MANAGED_BY_US, ComputeJob
from computility.model.meta import Key, key_of
from support.fake_client import FakeClient
from support.stored import a_placed_job, a_waiting_job, an_assignment

KEY = Key("team", "train")
THEIRS = "example.com/multikueue"


def managed(job: ComputeJob, by: str | None = THEIRS) -> ComputeJob:
    spec = msgspec.structs.replace(job.spec, managed_by=by, ttl_seconds_after_finished=0)
    return msgspec.structs.replace(job, spec=spec)


@pytest.mark.parametrize(
    ("by", "is_ours"),
    [
        pytest.param(None, True, id="unset"),
        pytest.param(MANAGED_BY_US, True, id="the-hub"),
        pytest.param(THEIRS, False, id="another"),
        pytest.param(f"{MANAGED_BY_US}2", False, id="one-with-a-name-like-ours"),
    ],
)
def test_who_a_job_is_for(by: str | None, is_ours: bool) -> None:
    assert managed(a_waiting_job(), by).is_ours is is_ours


async def test_it_is_neither_queued_nor_counted_nor_woken_nor_written(hub: Hub, client: FakeClient) -> None:
    hub.queue.open()
    hub.intake.seen(managed(a_placed_job()))
    hub.router.queue_jobs_at("qingyang")
    queued = sum(hub.queue.depth(lane) for lane in Lane)
    await do_work(job_work(KEY), hub)

    assert queued == 0
    assert hub.store.count_jobs() == 0
    assert not hub.store.waiting
    assert not hub.store.job_keys()
    assert hub.store.occupancy.count(("qingyang", "cpu")) == 0
    assert client.asked == []


@pytest.mark.parametrize("state", [None, State.SUCCEEDED])
async def test_its_assignments_are_no_orphans(hub: Hub, client: FakeClient, state: State | None) -> None:
    hub.intake.seen(managed(a_placed_job()))
    hub.intake.seen(an_assignment(a_placed_job(), state))
    await do_work(job_work(KEY), hub)

    assert client.asked == []


async def test_its_assignments_are_given_up_once_it_is_gone(hub: Hub, client: FakeClient) -> None:
    job = managed(a_placed_job())
    assignment = an_assignment(job)
    for item in (job, assignment):
        hub.intake.seen(item)
    hub.queue.open()
    hub.intake.gone(ComputeJob, KEY, job.metadata.uid)
    client.live = {ComputeJob: None, Assignment: assignment}
    await do_work(await hub.queue.take(), hub)

    assert client.asked == ["get train", f"patch {assignment.metadata.name}"]


async def test_a_namesake_that_is_ours_is_looked_at(hub: Hub, client: FakeClient) -> None:
    hub.intake.seen(managed(a_placed_job()))
    ours = a_waiting_job(version=9)
    ours = msgspec.structs.replace(ours, metadata=msgspec.structs.replace(ours.metadata, uid="another"))
    hub.intake.seen(ours)
    await do_work(job_work(key_of(ours.metadata)), hub)

    assert hub.store.count_jobs() == 1
    assert client.asked[0] == "patch train"
