"""Jobs are looked at again when one that has to come first appears, ends or goes."""

from typing import Any

import pytest

from computility.hub.dependents import observe_predecessors
from computility.hub.hub import Hub
from computility.hub.keys import Lane, job_work
from computility.hub.reconcile_job import reconcile_job
from computility.lifecycle.dependencies import Predecessors
from computility.model.compute_job import ComputeJob, ComputeJobStatus, Dependency, Phase
from computility.model.meta import Key
from support.network import a_job
from support.stored import an_attempt, job_uid, stored

TRAIN = Key("team", "train")


def a_stored_job(name: str, *after: str, version: int = 1, tenant: str = "team", **status: Any) -> ComputeJob:
    job = a_job(tenant, name, depends_on=tuple(Dependency(name=each) for each in after))
    return stored(job, uid=job_uid(name), version=version, status=ComputeJobStatus(**status))


def is_woken(hub: Hub, name: str = "train") -> bool:
    return any(job_work(Key("team", name)) in hub.queue._backlog._ready[lane] for lane in Lane)


def observed(hub: Hub, name: str = "train") -> Predecessors:
    jobs = hub.store.jobs.objects
    return observe_predecessors(jobs[Key("team", name)], jobs, hub.store.dependents)


@pytest.fixture
def waits(hub: Hub) -> Hub:
    """A hub that knows a job which waits for another one, and has nothing to do."""
    hub.intake.seen(a_stored_job("train", "prepare"))
    hub.queue.open()
    return hub


def test_one_that_appears_wakes_those_that_wait_for_it(waits: Hub) -> None:
    waits.intake.seen(a_stored_job("prepare"))

    assert is_woken(waits)
    assert observed(waits).phases == {"prepare": None}


def test_another_job_and_another_namespaces_wake_nobody(waits: Hub) -> None:
    waits.intake.seen(a_stored_job("other"))
    waits.intake.seen(a_stored_job("prepare", tenant="others"))

    assert not is_woken(waits)
    assert observed(waits).phases == {}


@pytest.mark.parametrize(
    ("phase", "wakes"),
    [
        pytest.param(Phase.RUNNING, False, id="a-step-on-the-way"),
        pytest.param(Phase.SUCCEEDED, True, id="a-good-end"),
        pytest.param(Phase.CANCELLED, True, id="a-bad-end"),
    ],
)
def test_only_the_end_of_a_predecessor_is_news(hub: Hub, phase: Phase, wakes: bool) -> None:
    hub.intake.seen(a_stored_job("prepare"))
    hub.intake.seen(a_stored_job("train", "prepare"))
    hub.queue.open()
    hub.intake.seen(a_stored_job("prepare", version=2, phase=phase))

    assert is_woken(hub) is wakes


def test_one_that_goes_is_missing_also_when_it_had_succeeded(hub: Hub) -> None:
    done = a_stored_job("prepare", phase=Phase.SUCCEEDED)
    hub.intake.seen(done)
    hub.intake.seen(a_stored_job("train", "prepare"))
    hub.queue.open()
    hub.intake.gone(ComputeJob, Key("team", "prepare"), done.metadata.uid)

    assert is_woken(hub)
    assert observed(hub).phases == {}


@pytest.mark.parametrize(
    "status",
    [
        pytest.param({"last_ordinal": 1, "attempts": (an_attempt(),)}, id="placed"),
        pytest.param({"phase": Phase.CANCELLED}, id="ended"),
    ],
)
def test_a_job_that_is_held_back_no_more_waits_for_nobody(waits: Hub, status: dict[str, Any]) -> None:
    waits.queue.close()
    waits.intake.seen(a_stored_job("train", "prepare", version=2, **status))
    waits.queue.open()
    waits.intake.seen(a_stored_job("prepare"))

    assert not is_woken(waits)
    assert not waits.store.dependents.has(Key("team", "prepare"))


def test_a_job_that_is_gone_waits_for_nobody(waits: Hub) -> None:
    waits.intake.gone(ComputeJob, TRAIN, job_uid("train"))

    assert not waits.store.dependents.has(Key("team", "prepare"))


def test_a_cycle_is_found_from_each_of_its_jobs_and_ends_with_one_of_them(hub: Hub) -> None:
    for name, after in (("train", "tune"), ("tune", "test"), ("test", "train")):
        hub.intake.seen(a_stored_job(name, after))
    found = [observed(hub, name).cycle for name in ("train", "tune", "test")]
    hub.intake.seen(a_stored_job("tune", "test", version=2, phase=Phase.CANCELLED))

    assert found == [
        ("train", "tune", "test", "train"),
        ("tune", "test", "train", "tune"),
        ("test", "train", "tune", "test"),
    ]
    assert observed(hub).cycle == ()


def test_a_cycle_that_was_found_is_news_to_the_next_on_it(waits: Hub) -> None:
    waits.intake.seen(a_stored_job("prepare", "train"))
    waits.queue.close()
    waits.queue.open()
    held = {"phase": Phase.QUEUED, "reason": "DependencyCycle"}
    waits.intake.seen(a_stored_job("prepare", "train", version=2, **held))

    assert is_woken(waits)


async def test_no_room_wakes_a_job_that_is_held_back(waits: Hub) -> None:
    await reconcile_job(TRAIN, waits)
    held = waits.store.jobs.objects[TRAIN]

    assert held.status.reason == "DependencyMissing"
    assert len(waits.store.waiting) == 0
