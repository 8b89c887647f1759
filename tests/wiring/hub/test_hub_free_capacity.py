"""The hub on a real API server: what its own attempts hold counts as taken, where nobody else counts it."""

from collections.abc import Awaitable, Callable

import pytest

from computility.model.assignment import State
from computility.model.compute_job import PlacementSpec, Policy
from computility.model.receipt import Candidate
from support.hub import HubThread
from support.hub_plane import fresh_name
from support.network import Network

pytestmark = pytest.mark.control_plane

StartHub = Callable[..., Awaitable[HubThread]]
WHOLE_NODE = 8
"""Cores of each of a pool's four nodes."""


async def place(network: Network, name: str) -> Candidate:
    """Submit a job for a whole node that wants to be done soon, and return where it went."""
    await network.submit(name, cpus_per_task=WHOLE_NODE, placement=PlacementSpec(policy=Policy.FASTEST))
    job = await network.until_phase(name, "Placed")
    assert job.status.receipt is not None
    assert job.status.receipt.chosen is not None
    return job.status.receipt.chosen


async def test_a_pool_that_the_networks_own_jobs_fill_is_passed_over_until_two_have_ended(
    network: Network, start_hub: StartHub
) -> None:
    hub, member = await start_hub(), fresh_name("m")
    await network.join(member)
    await network.offer(member, name="cheap", price="1")
    await hub.until_heard(await network.offer(member, name="dear", price="2"))
    first = [await place(network, f"first-{number}") for number in range(4)]
    fifth = await place(network, "fifth")
    await hub.stop()
    again = await start_hub(identity="hub-1")
    await network.renew(member)
    sixth = await place(network, "sixth")
    filled = [await place(network, f"more-{number}") for number in range(2)]
    ninth = await place(network, "ninth")
    for assignment in await network.assignments(member):
        if assignment.spec.job.name in {"first-2", "first-3"}:
            await network.report(assignment, State.SUCCEEDED)
            await network.until_gone(assignment)
    await again.until_idle()
    tenth = await place(network, "tenth")

    assert {(each.pool, each.wait_seconds, each.wait_basis) for each in first} == {("cheap", 0, "free")}
    assert {each.pool for each in (fifth, sixth, *filled)} == {"dear"}
    assert {each.wait_basis for each in (fifth, sixth, *filled)} == {"free"}
    assert (ninth.wait_seconds, ninth.wait_basis) == (60, "busy")
    assert (tenth.pool, tenth.wait_basis) == ("cheap", "free"), "one of the two nodes is the ninth's"
