"""Two hub processes at one API server: one acts, the other takes over, and no job is placed twice."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from computility.hub.leader import LEASE_SECONDS
from computility.kube.builtin import Lease
from computility.lab.control_plane import ControlPlane
from computility.model.assignment import State
from support.eventually import eventually
from support.hub_plane import HUB_NAMESPACE, fresh_name, write_hub_kubeconfig
from support.hub_run import HubRun
from support.network import Network

pytestmark = pytest.mark.control_plane

RunHub = Callable[..., HubRun]
RunReplica = Callable[[str], HubRun]


@pytest.fixture
def run_replica(hub_plane: ControlPlane, tmp_path: Path, run_hub: RunHub) -> RunReplica:
    kubeconfig = write_hub_kubeconfig(hub_plane, tmp_path / "kubeconfig")
    return lambda name: run_hub("--kubeconfig", str(kubeconfig), "--port", "0", "--identity", name)


async def until_leading(hub: HubRun, *, seconds: float = 20.0) -> None:
    await eventually(lambda: hub.is_leading and hub.page("readyz") == "ok\n", "a hub leads", seconds=seconds)


async def until_standing_by(hub: HubRun) -> None:
    await eventually(lambda: hub.is_standing_by, "a hub stands by")


async def a_pair(network: Network, run_replica: RunReplica) -> tuple[HubRun, HubRun, str]:
    """Start a leader and its standby, and let a member join."""
    leader = run_replica(fresh_name("hub"))
    await until_leading(leader)
    standby = run_replica(fresh_name("hub"))
    await until_standing_by(standby)
    member = fresh_name("m")
    await network.join(member)
    await network.offer(member)
    return leader, standby, member


async def until_placed_once(network: Network, member: str, *names: str) -> None:
    """Wait until each of these jobs is placed, and see that each has one attempt and one Assignment."""
    orders = await network.until_assigned(member, len(names))
    jobs = [await network.until_phase(name, "Placed") for name in names]

    assert [(job.status.last_ordinal, len(job.status.attempts)) for job in jobs] == [(1, 1)] * len(names)
    assert sorted(order.spec.job.name for order in orders) == sorted(names)


async def test_a_standby_takes_over_at_once_from_a_leader_that_was_told_to_stop(
    network: Network, run_replica: RunReplica
) -> None:
    leader, standby, member = await a_pair(network, run_replica)
    await network.submit("before")
    leader.process.send_signal(signal.SIGTERM)
    await network.submit("during")
    status = await leader.ended()
    await until_leading(standby, seconds=LEASE_SECONDS - 5)
    await network.submit("after")
    await until_placed_once(network, member, "before", "during", "after")

    assert status == 0, leader.said


async def test_a_standby_takes_over_from_a_leader_that_was_killed_once_its_lease_is_over(
    network: Network, run_replica: RunReplica
) -> None:
    leader, standby, member = await a_pair(network, run_replica)
    held = await holder(network)
    early = await network.place(member, "early")
    await network.until_phase("early", "Placed")
    await network.submit("just-before")
    leader.process.kill()
    await network.submit("during")
    await network.report(early, State.SUCCEEDED)
    still_held = await holder(network)
    await until_leading(standby, seconds=2.0 * LEASE_SECONDS)
    booked = await network.until_phase("early", "Succeeded")
    await network.until_gone(early)
    await network.submit("after")
    await until_placed_once(network, member, "just-before", "during", "after")

    assert held == still_held != await holder(network)
    assert [(a.ordinal, a.state.value) for a in booked.status.attempts] == [(1, "Succeeded")]


async def test_a_leader_that_slept_past_its_lease_stands_by_when_it_wakes(
    network: Network, run_replica: RunReplica
) -> None:
    leader, standby, member = await a_pair(network, run_replica)
    leader.process.send_signal(signal.SIGSTOP)
    await network.submit("during")
    await until_leading(standby, seconds=2.0 * LEASE_SECONDS)
    leader.process.send_signal(signal.SIGCONT)
    await until_standing_by(leader)
    await network.submit("after")
    await until_placed_once(network, member, "during", "after")

    assert standby.is_leading


async def holder(network: Network) -> str | None:
    return (await network.client.get(Lease, HUB_NAMESPACE, "computility-hub")).spec.holder_identity
