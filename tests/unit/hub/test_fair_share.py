"""What namespaces have used is what their jobs say, and decides whose waiting job goes next."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from computility.hub.fair_share import FairShare
from computility.hub.hub import Hub
from computility.hub.reconcile_job import reconcile_job
from computility.hub.store import Store
from computility.hub.waiting import Turn
from computility.kube.errors import Unreachable
from computility.metering.fair_share import CORES_PER_CARD
from computility.model.compute_job import AttemptState, ComputeJob
from computility.model.meta import Key, key_of
from support.fake_client import FakeClient, lost
from support.network import a_job
from support.stored import a_placed_job, job_uid, stored

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def a_used_job(
    name: str, namespace: str, *, hours: float = 1, at: datetime = NOON, **attempt: Any
) -> ComputeJob:
    """A job that has ended and has used so many hours of one core, unless `attempt` says otherwise."""
    job = a_placed_job(name)
    spec = msgspec.structs.replace(job.spec, max_run_seconds=1_000_000)
    metadata = msgspec.structs.replace(job.metadata, namespace=namespace)
    fields = {
        "state": AttemptState.SUCCEEDED,
        "placed_at": at,
        "booked_at": at,
        "core_seconds": 3600 * hours,
    }
    entry = msgspec.structs.replace(job.status.attempts[0], **(fields | attempt))
    status = msgspec.structs.replace(job.status, attempts=(entry,))
    return msgspec.structs.replace(job, metadata=metadata, spec=spec, status=status)


def who_goes(fair: FairShare, **queues: int) -> str:
    """Let each job that is called use one card-hour."""
    turns = {
        name: [Turn(0, str(number), Key(name, f"job-{number}")) for number in range(count)]
        for name, count in queues.items()
    }
    order = ""
    for key in fair.in_order(turns):
        fair.record(a_used_job(key.namespace + key.name, key.namespace, hours=CORES_PER_CARD))
        order += key.namespace
    return order


@pytest.fixture
def fair() -> FairShare:
    return FairShare(now=lambda: NOON)


def test_what_a_job_says_replaces_what_it_said_before(fair: FairShare) -> None:
    fair.record(a_used_job("train", "a", hours=4))
    once = fair.used("a")
    for hours in (100, 4, 4):
        fair.record(a_used_job("train", "a", hours=hours))

    assert fair.used("a") == once > 0


def test_the_order_in_which_jobs_are_heard_of_does_not_matter() -> None:
    jobs = [a_used_job(f"job-{n}", "a", hours=0.1 * n, at=NOON - n * WEEK / 3) for n in range(4)]
    totals = set()
    for order in permutations(jobs):
        fair = FairShare(now=lambda: NOON)
        for job in order:
            fair.record(job)
        totals.add(fair.used("a"))

    assert len(totals) == 1


def test_deleting_a_finished_job_gives_its_use_not_back(fair: FairShare) -> None:
    job = a_used_job("train", "a")
    fair.record(job)
    used = fair.used("a")
    fair.settle(job)

    assert fair.used("a") == used > 0


def test_deleting_a_job_that_never_ran_leaves_nothing(fair: FairShare) -> None:
    placed = a_used_job("train", "a", state=AttemptState.PLACED, booked_at=None)
    fair.record(placed)
    expected = fair.used("a")
    fair.settle(placed)

    assert expected > 0
    assert fair.used("a") == 0


def test_the_poorest_goes_first_and_what_is_taken_counts_at_once(fair: FairShare) -> None:
    fair.record(a_used_job("train", "a", hours=2 * CORES_PER_CARD))

    assert who_goes(fair, a=4, b=4) == "bbababaa"


def test_use_of_two_half_lives_ago_counts_a_quarter(fair: FairShare) -> None:
    fair.record(a_used_job("old", "a", hours=4, at=NOON - 2 * WEEK))
    fair.record(a_used_job("new", "b", hours=2))

    assert fair.used("b") == 2 * fair.used("a")
    assert who_goes(fair, a=1, b=1) == "ab"


def test_a_namespace_of_twice_the_weight_gets_twice_as_much() -> None:
    fair = FairShare({"b": 2.0}, now=lambda: NOON)

    assert who_goes(fair, a=20, b=20)[:9].count("b") == 6


def test_a_restarted_hub_reckons_the_same_from_the_jobs_that_it_finds(fair: FairShare) -> None:
    jobs = [stored(a_used_job("train", "a", hours=3)), a_used_job("tune", "b", hours=5)]
    for job in jobs:
        fair.record(job)
    later = FairShare(now=lambda: NOON + WEEK)
    for job in jobs:
        later.record(job)

    assert fair.used("a") / fair.used("b") == pytest.approx(3 / 5)
    assert later.used("a") / later.used("b") == pytest.approx(3 / 5)


def test_the_store_counts_what_is_for_this_hub_and_keeps_it_when_the_job_is_gone(fair: FairShare) -> None:
    store, ours = Store(fair), a_used_job("train", "a")
    spec = msgspec.structs.replace(ours.spec, managed_by="example.com/other")
    theirs = msgspec.structs.replace(a_used_job("tune", "b"), spec=spec)
    for job in (ours, theirs):
        store.put(job)
        store.drop(ComputeJob, key_of(job.metadata), job.metadata.uid)

    assert fair.used("a") > 0
    assert fair.used("b") == 0


@pytest.mark.parametrize("is_outcome_unknown", [True, False], ids=["may-have-been-written", "was-refused"])
async def test_what_is_placed_counts_before_its_write_is_answered(
    hub: Hub, client: FakeClient, is_outcome_unknown: bool
) -> None:
    hub.intake.seen(stored(a_job("team", "train"), uid=job_uid("train")))
    client.trouble = lost(is_outcome_unknown=is_outcome_unknown)
    with pytest.raises(Unreachable):
        await reconcile_job(Key("team", "train"), hub)

    assert (hub.store.fair_share.used("team") > 0) is is_outcome_unknown
