"""When an ended job is deleted, and what keeps it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from computility.hub.hub import Hub
from computility.hub.keys import job_work
from computility.hub.sweep import prime
from computility.hub.ttl import expires_at, reconcile_ttl
from computility.hub.work import do_work
from computility.kube.errors import Conflict
from computility.kube.listing import Listing
from computility.lifecycle.conditions import Stamp, ended
from computility.model.assignment import Assignment, State
from computility.model.compute_job import AttemptState, ComputeJob, Phase
from computility.model.meta import Key, key_of
from support.fake_client import FakeClient
from support.stored import a_placed_job, an_assignment

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY = Key("team", "train")
AGES_AGO = NOON - timedelta(days=7)


def an_ended_job(ttl: int | None = 60, *, version: int = 2, **meta: Any) -> ComputeJob:
    """Build a job that its centre's clock ended a week ago, and the hub's at noon."""
    job = a_placed_job(version=version)
    status = msgspec.structs.replace(
        job.status,
        phase=Phase.SUCCEEDED,
        attempts=(msgspec.structs.replace(job.status.attempts[0], state=AttemptState.SUCCEEDED),),
        ended_at=AGES_AGO,
        conditions=ended(Stamp(generation=1, now=NOON), Phase.SUCCEEDED, "Succeeded", ""),
    )
    spec = msgspec.structs.replace(job.spec, ttl_seconds_after_finished=ttl)
    metadata = msgspec.structs.replace(job.metadata, **meta)
    return msgspec.structs.replace(job, metadata=metadata, spec=spec, status=status)


@pytest.fixture
def hub(client: FakeClient) -> Hub:
    """A hub at one minute past noon."""
    anybody: Any = client
    return Hub(anybody, now=lambda: NOON + timedelta(seconds=60))


def test_the_time_is_counted_from_when_the_hub_booked_the_end_and_not_by_a_centres_clock() -> None:
    assert expires_at(an_ended_job(ttl=60)) == NOON + timedelta(seconds=60)


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(an_ended_job(ttl=None), id="without-a-time"),
        pytest.param(an_ended_job(deletion_timestamp=NOON), id="being-deleted"),
        pytest.param(a_placed_job(), id="not-ended"),
    ],
)
def test_a_job_is_kept(job: ComputeJob) -> None:
    assert expires_at(job) is None


@pytest.mark.parametrize(
    ("ttl", "asked"), [(60, ["delete train"]), (0, ["delete train"]), (61, [])], ids=["due", "zero", "early"]
)
async def test_a_job_is_deleted_when_its_time_is_over_and_not_before(
    hub: Hub, client: FakeClient, ttl: int, asked: list[str]
) -> None:
    hub.intake.seen(an_ended_job(ttl))
    due_at = await do_work(job_work(KEY), hub)

    assert client.asked == asked
    assert (KEY in hub.store.jobs.objects) is not bool(asked)
    assert due_at == (None if asked else NOON + timedelta(seconds=61))


async def test_a_job_outlasts_its_assignments(hub: Hub, client: FakeClient) -> None:
    job = an_ended_job()
    left_over = an_assignment(job, State.SUCCEEDED)
    for item in (job, left_over):
        hub.intake.seen(item)
    await reconcile_ttl(KEY, hub)
    before = list(client.asked)
    hub.queue.open()
    hub.intake.gone(Assignment, key_of(left_over.metadata), left_over.metadata.uid)
    await do_work(await hub.queue.take(), hub)

    assert before == []
    assert client.asked == ["delete train"]


async def test_only_the_job_that_was_seen_is_deleted_and_an_edited_one_is_looked_at_again(
    hub: Hub, client: FakeClient
) -> None:
    hub.intake.seen(an_ended_job(ttl=60))
    client.trouble, client.found = Conflict("delete", "/job", "409"), an_ended_job(ttl=3600, version=3)
    with pytest.raises(Conflict):
        await do_work(job_work(KEY), hub)
    client.trouble = None

    assert await do_work(job_work(KEY), hub) == NOON + timedelta(seconds=3600)
    assert client.asked == ["delete train", "get train"]


async def test_a_hub_that_starts_looks_at_the_ended_jobs_that_have_a_time_and_at_no_others(
    hub: Hub, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = an_ended_job(ttl=None, name="kept", uid="uid-kept")
    jobs = Listing([an_ended_job(ttl=60), kept], "50", [])

    async def listed(type_: type[Any], **_: Any) -> Any:
        return jobs if type_ is ComputeJob else Listing([], "50", [])

    monkeypatch.setattr(client, "list", listed)
    await prime(hub)

    assert set(hub.store.jobs.objects) == {KEY, Key("team", "kept")}
    assert hub.store.job_keys() == {KEY}
