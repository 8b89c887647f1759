"""The hub on a real API server, with its chart's rights: ends told, old jobs deleted, others' left alone."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from computility.kube.errors import Invalid
from computility.lab.control_plane import ControlPlane
from computility.lab.tools import Tools
from computility.model.assignment import State
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key
from support.api import Api
from support.eventually import eventually
from support.hub import REQUESTS, HubThread, Meanwhile
from support.hub_plane import HUB_NAMESPACE
from support.network import Network
from support.rights import account
from support.samples import collection, fresh, path_of, sample

pytestmark = pytest.mark.control_plane

StartHub = Callable[..., Awaitable[HubThread]]
THEIRS = "example.com/multikueue"
NEVER_STARTED = {
    "started": "No",
    "fault": "Site",
    "reason": "PartitionUnknown",
    "message": "no partition cpu",
}


@pytest.fixture
def api(hub_plane: ControlPlane) -> Api:
    return Api(hub_plane.url, hub_plane.ca_file, hub_plane.admin_token)


def events_of(api: Api, job: ComputeJob) -> list[Any]:
    """Return the Events about a job as `kubectl describe` finds them: through the core group, by uid."""
    query = f"fieldSelector=involvedObject.uid={job.metadata.uid}"
    found = api.get(f"/api/v1/namespaces/{job.metadata.namespace}/events?{query}")
    assert found.is_ok, found.message
    return list(found.body["items"])


async def end(
    network: Network, member: str, name: str, state: State = State.SUCCEEDED, **spec: Any
) -> ComputeJob:
    """Submit a job and play its agent until it has ended and its Assignment is gone."""
    await network.submit(name, **spec)
    (assignment,) = await network.until_assigned(member)
    await network.report(assignment, state)
    await network.until_gone(assignment)
    return await network.job(name)


async def test_a_job_without_a_time_is_kept_and_one_whose_time_is_over_is_deleted(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    kept = await end(network, member, "kept")
    await network.submit("brief", ttl_seconds_after_finished=1)
    (assignment,) = await network.until_assigned(member)
    await network.report(assignment, State.FAILED)
    await network.until_phase("brief", "Failed")
    await network.until_job_gone("brief")
    await hub.until_idle()

    assert (await network.job("kept")).metadata.resource_version == kept.metadata.resource_version
    assert hub.metrics.value(REQUESTS, verb="delete", resource="computejobs") == 1
    assert await network.assignments(member) == []


async def test_a_hub_that_starts_deletes_what_ran_out_of_time_while_none_ran(
    network: Network, start_hub: StartHub, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    job = await end(network, member, "brief", ttl_seconds_after_finished=3600)
    await hub.stop()
    await network.edit("brief", ttlSecondsAfterFinished=0)
    await start_hub()

    await network.until_job_gone("brief")
    assert job.status.phase is not None


async def test_a_job_that_is_edited_at_the_last_moment_is_kept_as_long_as_it_now_says(
    network: Network, hub_plane: ControlPlane, start_hub: StartHub, hub: HubThread, member: str, api: Api
) -> None:
    await network.offer(member)
    await end(network, member, "brief")
    await hub.stop()
    path = f"/apis/computility.io/v1alpha1/namespaces/{network.tenant}/computejobs/brief"
    raise_it = Meanwhile(
        "delete", "computejobs", lambda: api.patch(path, {"spec": {"ttlSecondsAfterFinished": 3600}})
    )
    second = await start_hub(fault=raise_it)
    await network.edit("brief", ttlSecondsAfterFinished=0)
    await eventually(raise_it.happened.is_set, "the hub is about to delete the job")
    edited = await network.until(
        ComputeJob,
        network.tenant,
        "brief",
        lambda job: job.spec.ttl_seconds_after_finished == 3600,
        "is edited",
    )
    await second.until_heard(edited)

    assert second.metrics.value(REQUESTS, verb="delete", resource="computejobs", code="409") == 1
    assert second.metrics.value(REQUESTS, verb="delete", resource="computejobs", code="200") == 0
    assert (await network.job("brief")).metadata.uid == edited.metadata.uid


async def test_a_successful_job_writes_no_event(
    network: Network, hub: HubThread, member: str, api: Api
) -> None:
    await network.offer(member)
    job = await end(network, member, "fine")
    await hub.until_idle()

    assert events_of(api, job) == []
    assert hub.metrics.value(REQUESTS, resource="events") == 0


async def test_an_attempt_that_never_started_is_told_once(
    network: Network, hub: HubThread, member: str, api: Api
) -> None:
    await network.offer(member, name="only")
    assignment = await network.place(member, "refused")
    await network.report(assignment, State.FAILED, **NEVER_STARTED)
    await network.until_gone(assignment)
    await hub.until_idle()
    job = await network.job("refused")  # failed, or waiting for a member of another test that is silent
    told = events_of(api, job)

    assert [(each["type"], each["reason"]) for each in told] == [("Warning", "PartitionUnknown")]
    assert told[0]["involvedObject"]["uid"] == job.metadata.uid
    assert "never started" in told[0]["message"]


async def test_kubectl_describe_shows_why_a_job_failed(
    network: Network, hub_plane: ControlPlane, hub: HubThread, member: str, tools: Tools, tmp_path: Path
) -> None:
    await network.offer(member)
    await end(network, member, "broken", State.FAILED)
    await hub.until_idle()
    hub_plane.write_kubeconfig(tmp_path / "kubeconfig", token=hub_plane.admin_token)
    described = await asyncio.to_thread(
        kubectl, tools, tmp_path / "kubeconfig", "-n", network.tenant, "describe", "cjob", "broken"
    )

    (line,) = described.partition("Events:")[2].strip().splitlines()[2:]
    assert line.split()[:2] == ["Warning", "NonZeroExitCode"]


def kubectl(tools: Tools, kubeconfig: Path, *arguments: str) -> str:
    argv = [str(tools["kubectl"]), "--kubeconfig", str(kubeconfig), *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


async def test_a_job_for_another_controller_is_left_alone_until_it_is_gone(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    theirs = await network.submit("theirs", managed_by=THEIRS, ttl_seconds_after_finished=0)
    await end(network, member, "ours")
    await hub.until_heard(await network.job("theirs"))

    assert (await network.job("theirs")).metadata.resource_version == theirs.metadata.resource_version
    assert Key(network.tenant, "theirs") in hub.parts.store.foreign


async def test_an_assignment_of_a_job_for_another_controller_is_no_orphan_while_that_is_there(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    await network.submit("theirs", managed_by=THEIRS)
    ours = await network.place(member, "ours")
    theirs = await network.assign_by_hand(ours, await network.job("theirs"))
    await hub.until_heard(theirs)
    untouched = await network.assignments(member)
    await network.delete("theirs")
    given_up = await network.until_given_up(theirs)

    assert {each.metadata.resource_version for each in untouched} >= {theirs.metadata.resource_version}
    assert given_up.metadata.uid == theirs.metadata.uid


async def test_who_a_job_is_for_cannot_be_changed(network: Network) -> None:
    await network.submit("theirs", managed_by=THEIRS)
    for wish in ("computility.io/hub", None):
        with pytest.raises(Invalid, match="managedBy"):
            await network.edit("theirs", managedBy=wish)


ENDED = {"phase": "Succeeded"}
KEPT = {
    "still-running": ({"ttlSecondsAfterFinished": 0}, {"phase": "Running"}),
    "never-looked-at": ({"ttlSecondsAfterFinished": 0}, {}),
    "without-a-time": ({}, ENDED),
    "for-another-controller": ({"ttlSecondsAfterFinished": 0, "managedBy": THEIRS}, ENDED),
}


@pytest.mark.parametrize(("spec", "status"), KEPT.values(), ids=KEPT)
async def test_even_a_hub_gone_mad_can_delete_no_job_that_is_not_over(
    api: Api, network: Network, spec: dict[str, Any], status: dict[str, Any]
) -> None:
    path = make_job(api, network.tenant, spec, status)
    over = make_job(api, network.tenant, {"ttlSecondsAfterFinished": 0}, ENDED)
    hub = api.acting_as(account(HUB_NAMESPACE, "computility-hub"))
    # The API server takes a policy up some moments after it was made.
    await eventually(lambda: hub.ask("DELETE", f"{path}?dryRun=All").code == 403, "the guard is in force")

    refused = hub.ask("DELETE", path)

    assert "computility-hub-guard-jobs" in refused.message
    assert api.get(path).is_ok
    assert hub.ask("DELETE", f"{over}?dryRun=All").is_ok


def make_job(api: Api, tenant: str, spec: dict[str, Any], status: dict[str, Any]) -> str:
    """Make a job that no hub looks at, with this status, and return its path."""
    made = fresh(sample("computejob-minimal"), tenant)
    made["spec"] |= spec
    assert api.create(collection(made), made).is_ok
    assert api.patch(f"{path_of(made)}/status", {"status": status}).is_ok
    return path_of(made)
