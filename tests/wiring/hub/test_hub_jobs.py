"""The hub on a real API server, with the rights of its chart: what becomes of jobs."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from computility.kube.builtin import Namespace
from computility.lab.control_plane import ControlPlane
from computility.model.assignment import Desired, State
from computility.model.compute_job import ComputeJob
from computility.model.meta import is_true
from computility.model.names import member_namespace
from support.api import Api
from support.hub import HubThread, Meanwhile
from support.hub_plane import fresh_name
from support.network import Network, a_member

pytestmark = pytest.mark.control_plane

StartHub = Callable[..., Awaitable[HubThread]]


async def test_a_short_job_costs_two_job_writes_one_create_and_one_delete(
    network: Network, hub: HubThread, member: str
) -> None:
    await hub.until_heard(await network.offer(member))
    assignment = await network.place(member, "short")
    await network.report(assignment, State.SUCCEEDED)
    job = await network.until_phase("short", "Succeeded")
    await network.until_assigned(member, 0)

    assert await hub.writes() == {
        "patch computejobs/status": 2,
        "create assignments": 1,
        "delete assignments": 1,
    }
    assert job.status.exit_code == 0
    assert job.status.receipt.chosen.member == member
    assert job.status.receipt.actual is not None
    assert is_true(job.status.conditions, "Complete")
    assert job.status.observed_generation == job.metadata.generation


async def test_what_ends_together_is_deleted_together(network: Network, hub: HubThread, member: str) -> None:
    await hub.until_heard(await network.offer(member))
    for n in range(6):
        await network.submit(f"job-{n}")
    assignments = await network.until_assigned(member, 6)
    await asyncio.gather(*(network.report(assignment, State.SUCCEEDED) for assignment in assignments))
    await network.until_assigned(member, 0)

    writes = await hub.writes()
    assert writes["patch computejobs/status"] == 12
    assert writes["create assignments"] == 6
    assert writes.get("deletecollection assignments", 0) >= 1
    assert writes.get("deletecollection assignments", 0) + writes.get("delete assignments", 0) < 6


async def test_a_running_job_is_shown_as_running_with_one_more_write(
    network: Network, hub: HubThread, member: str
) -> None:
    await hub.until_heard(await network.offer(member))
    assignment = await network.start(member, "long")
    await network.report(assignment, State.FAILED)
    job = await network.until_phase("long", "Failed")

    assert (await hub.writes())["patch computejobs/status"] == 3
    assert job.status.exit_code == 3
    assert job.status.attempts[0].state.value == "Failed"


async def test_a_job_that_fits_nowhere_says_why_and_goes_once_a_pool_appears(
    network: Network, hub: HubThread, member: str
) -> None:
    await hub.until_heard(await network.offer(member, cores=1, name="small"))
    await network.submit("wide", cpus_per_task=4)
    waiting = await network.until_waiting("wide", "NoPoolFits")
    rejected = {r.reason: r for r in waiting.status.receipt.rejected}
    await network.offer(member, cores=8, name="big")
    (assignment,) = await network.until_assigned(member)

    assert rejected["TooFewCoresPerNode"].wanted == "4"
    assert rejected["TooFewCoresPerNode"].found == "1"
    assert waiting.status.phase.value == "Queued"
    assert assignment.spec.job.pool == "big"


async def test_a_pool_never_has_more_attempts_than_it_takes(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member, max_queued=2)
    for n in range(7):
        await network.submit(f"job-{n}")
    busiest = 0
    for left in range(7, 0, -1):
        assignments = await network.until_assigned(member, min(2, left))
        jobs = [await network.job(f"job-{n}") for n in range(7)]
        busiest = max(busiest, _live_attempts(jobs))
        await network.report(assignments[0], State.SUCCEEDED)
        await network.until_gone(assignments[0])
    for n in range(7):
        await network.until_phase(f"job-{n}", "Succeeded")

    assert busiest == 2


async def test_cancelling_ends_the_attempt_at_the_member_and_keeps_the_receipt(
    network: Network, member: str
) -> None:
    await network.offer(member)
    assignment = await network.place(member, "unwanted")
    await network.cancel("unwanted")
    given_up = await network.until_given_up(assignment)
    finishing = await network.until_phase("unwanted", "Finishing")
    await network.report(given_up, State.CANCELLED)
    job = await network.until_phase("unwanted", "Cancelled")
    await network.until_assigned(member, 0)

    assert not finishing.status.phase.is_terminal
    assert job.status.receipt.chosen.member == member
    assert is_true(job.status.conditions, "Stalled")


async def test_a_job_cancelled_while_it_waits_never_leaves_the_hub(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.submit("unwanted")
    await network.until_waiting("unwanted", "NoPoolFits")
    await network.cancel("unwanted")
    await network.until_phase("unwanted", "Cancelled")

    assert "create assignments" not in await hub.writes()


async def test_deleting_a_job_ends_its_attempt_and_removes_it_after_the_report(
    network: Network, member: str
) -> None:
    await network.offer(member)
    assignment = await network.start(member, "gone")
    await network.delete("gone")
    given_up = await network.until_given_up(assignment)
    await network.report(given_up, State.CANCELLED)
    await network.until_assigned(member, 0)

    assert given_up.spec.desired is Desired.CANCEL


async def test_a_job_deleted_while_no_hub_ran_is_ended_by_the_next(
    network: Network, start_hub: StartHub, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    assignment = await network.place(member, "gone")
    await network.until_phase("gone", "Placed")
    await hub.stop()
    await network.delete("gone")
    await start_hub()
    given_up = await network.until_given_up(assignment)
    await network.report(given_up, State.CANCELLED)

    await network.until_assigned(member, 0)


async def test_a_namesake_waits_until_its_predecessor_has_ended(network: Network, member: str) -> None:
    await network.offer(member)
    first = await network.place(member, "twice")
    await network.delete("twice")
    await network.submit("twice")
    given_up = await network.until_given_up(first)
    waiting = await network.until_waiting("twice", "PredecessorEnding")
    await network.report(given_up, State.CANCELLED)
    await network.until_gone(first)
    (second,) = await network.until_assigned(member)

    assert waiting.metadata.uid == second.spec.job.uid != first.spec.job.uid


async def test_an_attempt_that_never_started_is_placed_elsewhere(network: Network, member: str) -> None:
    await network.offer(member, price="1", name="broken")
    await network.offer(member, price="2", name="sound")
    first = await network.place(member, "again")
    await network.report(first, State.FAILED, started="No", fault="Site", reason="PartitionUnknown")
    await network.until_gone(first)
    (second,) = await network.until_assigned(member)
    job = await network.job("again")

    assert first.spec.job.pool == "broken"
    assert second.spec.job.pool == "sound"
    assert [a.ordinal for a in job.status.attempts] == [1, 2]


async def test_a_status_write_on_an_outdated_job_is_refused_and_decided_anew(
    network: Network, hub_plane: ControlPlane, start_hub: StartHub
) -> None:
    api = Api(hub_plane.url, hub_plane.ca_file, hub_plane.admin_token)
    path = f"/apis/computility.io/v1alpha1/namespaces/{network.tenant}/computejobs/edited"
    edit = Meanwhile(
        "patch", "computejobs/status", lambda: api.patch(path, {"metadata": {"labels": {"edited": "yes"}}})
    )
    hub = await start_hub(fault=edit)
    member = fresh_name("m")
    await network.join(member)
    await network.offer(member)
    await network.submit("edited")
    await network.until_assigned(member)
    job = await network.job("edited")

    refused = hub.metrics.value("computility_hub_api_requests_total", verb="patch", code="409")
    assert refused == 1
    assert job.metadata.labels == {"edited": "yes"}
    assert job.status.last_ordinal == 1


async def test_an_assignment_deleted_by_hand_is_made_again(network: Network, member: str) -> None:
    await network.offer(member)
    first = await network.place(member, "touched")
    await network.remove(first)
    await network.until_replaced(first)
    (second,) = await network.until_assigned(member)

    assert second.spec == first.spec
    assert second.metadata.name == first.metadata.name


@pytest.mark.parametrize("is_remade", [False, True], ids=["deleted", "deleted-and-made-again"])
async def test_a_running_attempt_is_lost_with_a_member_that_was_torn_out(
    network: Network, member: str, is_remade: bool
) -> None:
    await network.offer(member)
    assignment = await network.start(member, "stranded")
    await network.tear_out(member)
    if is_remade:
        await network.client.create(a_member(member))
    job = await network.until_phase("stranded", "Failed")

    assert [(a.state.value, a.reason) for a in job.status.attempts] == [("Lost", "MemberRemoved")]
    assert (await network.until_given_up(assignment)).metadata.uid == assignment.metadata.uid


async def test_an_attempts_assignment_follows_its_namespace_when_that_is_made_again(
    network: Network, member: str
) -> None:
    await network.offer(member)
    first = await network.place(member, "touched")
    await network.until_phase("touched", "Placed")
    await network.client.delete(Namespace, "", member_namespace(member))
    await network.until_replaced(first)
    (second,) = await network.until_assigned(member)

    assert second.spec == first.spec
    assert (await network.job("touched")).status.last_ordinal == 1


def _live_attempts(jobs: list[ComputeJob]) -> int:
    return sum(not a.state.is_terminal for job in jobs for a in job.status.attempts)
