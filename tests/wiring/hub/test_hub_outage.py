"""The hub when the API server goes away for a while."""

import asyncio

import pytest

from computility.lab.control_plane import ControlPlane
from computility.model.assignment import State
from support.hub import HubThread
from support.network import Network

pytestmark = pytest.mark.control_plane


async def test_the_hub_goes_on_after_the_api_server_was_restarted(
    network: Network, hub: HubThread, member: str, hub_plane: ControlPlane
) -> None:
    await network.offer(member)
    await network.submit("before")
    (assignment,) = await network.until_assigned(member)
    await asyncio.to_thread(hub_plane.restart_api_server)
    await network.report(assignment, State.SUCCEEDED)
    await network.until_phase("before", "Succeeded")
    await network.until_gone(assignment)
    await network.submit("after")
    (second,) = await network.until_assigned(member)

    assert hub.is_running
    assert second.spec.job.name == "after"
