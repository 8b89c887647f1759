"""The hub on a real API server: jobs that are suspended, resumed, started again, and arrays."""

import pytest

from computility.kube.errors import NotFound
from computility.model.assignment import Desired, State
from computility.model.compute_job import ArraySpec, Retry
from computility.model.meta import is_true
from support.hub import HubThread
from support.network import Network

pytestmark = pytest.mark.control_plane


async def test_a_job_that_is_made_suspended_is_placed_once_it_is_resumed(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    await network.submit("later", suspend=True)
    await network.until_phase("later", "Suspended")
    await hub.until_idle()
    nothing = await network.assignments(member)
    await network.edit("later", suspend=False)
    (assignment,) = await network.until_assigned(member)
    await network.report(assignment, State.SUCCEEDED)
    job = await network.until_phase("later", "Succeeded")

    assert nothing == []
    assert job.status.last_ordinal == 1


async def test_suspending_ends_the_attempt_and_resuming_makes_another(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    first = await network.start(member, "paused")
    await network.edit("paused", suspend=True)
    given_up = await network.until_given_up(first)
    await network.report(given_up, State.CANCELLED, started="Yes")
    suspended = await network.until_phase("paused", "Suspended")
    await network.until_gone(first)
    await network.edit("paused", suspend=False)
    (second,) = await network.until_assigned(member)
    await network.report(second, State.SUCCEEDED)
    job = await network.until_phase("paused", "Succeeded")

    assert not suspended.status.phase.is_terminal
    assert is_true(suspended.status.conditions, "Suspended")
    assert [attempt.state.value for attempt in job.status.attempts] == ["Cancelled", "Succeeded"]
    assert second.spec.ordinal == 2
    assert second.spec.desired is Desired.RUN


async def test_a_suspended_job_is_not_deleted_by_its_time(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    await network.submit("kept", suspend=True, ttl_seconds_after_finished=0)
    await network.until_phase("kept", "Suspended")
    await hub.until_idle()
    kept = await network.job("kept")
    await network.cancel("kept")
    await network.until_job_gone("kept")

    assert kept.status.phase.value == "Suspended"
    with pytest.raises(NotFound):
        await network.job("kept")


async def test_a_payload_that_failed_is_started_again_as_often_as_the_job_says(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    await network.submit("flaky", retry=Retry(max_per_index=1))
    (first,) = await network.until_assigned(member)
    await network.report(first, State.FAILED, fault="User")
    await network.until_gone(first)
    (second,) = await network.until_assigned(member)
    await network.report(second, State.FAILED, fault="User")
    job = await network.until_phase("flaky", "Failed")

    assert [attempt.ordinal for attempt in job.status.attempts] == [1, 2]
    assert job.status.reason == "NonZeroExitCode"


async def test_an_array_is_one_job_whose_indices_are_counted(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    await network.submit("sweep", array=ArraySpec(size=20, max_concurrent=4))
    (assignment,) = await network.until_assigned(member)
    ends = [
        {"indices": "0-8,10-19", "state": "Succeeded", "started": "Yes", "exitCode": 0},
        {
            "indices": "9",
            "state": "Failed",
            "started": "Yes",
            "reason": "NonZeroExitCode",
            "exitCode": 3,
            "fault": "User",
        },
    ]
    counts = {"succeeded": 19, "failed": 1}
    await network.report(assignment, State.FAILED, outcomes=ends, counts=counts, fault="User")
    job = await network.until_phase("sweep", "Failed")

    work = assignment.spec.job
    assert (work.indices, work.array_size, work.max_concurrent) == ("0-19", 20, 4)
    assert (job.status.counts.succeeded, job.status.counts.failed) == (19, 1)
    assert (job.status.succeeded_indices, job.status.failed_indices) == ("0-8,10-19", "9")
