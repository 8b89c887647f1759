"""The hub as people start it."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from computility.kube.builtin import Lease
from computility.lab.control_plane import ControlPlane
from support.eventually import eventually
from support.hub_plane import HUB_NAMESPACE, write_hub_kubeconfig
from support.hub_run import HubRun
from support.kube import client_of

pytestmark = pytest.mark.control_plane

RunHub = Callable[..., HubRun]


async def test_it_becomes_ready_counts_and_ends_at_sigterm_without_its_lease(
    hub_plane: ControlPlane, tmp_path: Path, run_hub: RunHub
) -> None:
    kubeconfig = write_hub_kubeconfig(hub_plane, tmp_path / "kubeconfig")
    hub = run_hub("--kubeconfig", str(kubeconfig), "--port", "0", "--identity", "hub-0")
    await eventually(lambda: hub.page("readyz") == "ok\n", "the hub is ready")
    await eventually(lambda: hub.is_leading, "it leads")
    healthy = hub.page("healthz")
    hub.process.send_signal(signal.SIGTERM)
    status = await hub.ended()
    async with client_of(hub_plane) as client:
        lease = await client.get(Lease, HUB_NAMESPACE, "computility-hub")

    assert healthy == "ok\n"
    assert status == 0, hub.said
    assert not lease.spec.holder_identity, hub.said


async def test_a_hub_that_cannot_be_configured_says_why_in_one_line(tmp_path: Path, run_hub: RunHub) -> None:
    hub = run_hub("--kubeconfig", str(tmp_path / "none"))

    assert await hub.ended() == 1
    assert hub.said == f'computility-hub: cannot read "{tmp_path / "none"}": FileNotFoundError\n'


async def test_a_hub_without_a_port_of_its_own_asks_for_a_name(tmp_path: Path, run_hub: RunHub) -> None:
    hub = run_hub("--kubeconfig", str(tmp_path / "none"), "--port", "0")

    assert await hub.ended() == 2
    assert "--port 0 needs --identity NAME" in hub.said
