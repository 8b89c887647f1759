"""The hub when the API server goes away for a while."""

import asyncio

import pytest

from computility.lab.control_plane import ControlPlane
from computility.model.assignment import Assignment, State
from computility.model.compute_job import ComputeJob
from support.eventually import eventually
from support.hub import HubThread
from support.network import Network

pytestmark = pytest.mark.control_plane


async def test_the_hub_goes_on_after_the_api_server_was_restarted(
    network: Network, hub: HubThread, member: str, hub_plane: ControlPlane
) -> None:
    await network.offer(member)
    assignment = await network.place(member, "before")
    await asyncio.to_thread(hub_plane.restart_api_server)
    await network.report(assignment, State.SUCCEEDED)
    await network.until_phase("before", "Succeeded")
    await network.until_gone(assignment)
    second = await network.place(member, "after")

    assert hub.is_running
    assert second.spec.job.name == "after"


async def test_what_was_deleted_while_nobody_listened_is_noticed_at_the_next_whole_list(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    orphan = await network.place(member, "dropped")
    await network.submit("kept")
    touched = next(a for a in await network.until_assigned(member, 2) if a.spec.job.name == "kept")
    for name in ("dropped", "kept"):
        await network.until_phase(name, "Placed")
    await hub.until_idle()
    hear_again = hub.deafen_to(ComputeJob, Assignment)
    await network.delete("dropped")
    await network.remove(touched)
    missed = {"DELETED dropped", f"DELETED {touched.metadata.name}"}
    await eventually(lambda: missed <= set(hub.unheard), "both deletions passed the hub by")
    hear_again()
    hub.resync(ComputeJob, Assignment)
    await network.until_given_up(orphan)
    await network.until_replaced(touched)

    assert (await network.job("kept")).status.last_ordinal == 1
