"""Jobs and Assignments are followed for ever, and a failure of that ends the process."""

import asyncio
from typing import Any

import pytest

from computility.hub.follow import following
from computility.hub.hub import Hub
from computility.kube.codec import Unreadable
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key
from support.fake_client import FakeClient, lost
from support.stored import a_waiting_job

KEY = Key("team", "train")


async def test_what_breaks_for_a_bug_of_ours_is_told_and_raised(hub: Hub, client: FakeClient) -> None:
    stop = asyncio.Event()
    client.listing = "no listing"

    with pytest.raises(AttributeError):
        async with following(hub, on_failure=stop.set):
            await asyncio.wait_for(stop.wait(), 5)


async def test_a_server_that_cannot_be_reached_ends_nothing(hub: Hub, client: FakeClient) -> None:
    asked, stop = asyncio.Event(), asyncio.Event()

    async def unreachable(*_: Any, **__: Any) -> Any:
        asked.set()
        raise lost()

    fake: Any = client
    fake.list = unreachable
    async with following(hub, on_failure=stop.set):
        await asyncio.wait_for(asked.wait(), 5)

    assert not stop.is_set()


def test_a_deletion_of_what_we_cannot_read_is_still_a_deletion(hub: Hub) -> None:
    job = a_waiting_job()
    hub.intake.seen(job)
    gone = Unreadable(KEY, job.metadata.uid, "9", "of tomorrow")
    hub.intake.take_change(ComputeJob, "DELETED", gone)

    assert KEY not in hub.store.jobs.objects


def test_what_we_cannot_read_stays_as_it_was_seen_last(hub: Hub) -> None:
    job = a_waiting_job()
    hub.intake.seen(job)
    hub.intake.take_change(ComputeJob, "MODIFIED", Unreadable(KEY, job.metadata.uid, "9", "of tomorrow"))

    assert hub.store.jobs.objects[KEY] is job
    assert hub.metrics.value("computility_hub_unreadable_objects_total", resource="computejobs") == 1
