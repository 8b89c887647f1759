"""The hub as people start it."""

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from computility.kube.builtin import Lease
from computility.lab.control_plane import ControlPlane
from support.eventually import eventually
from support.hub_plane import HUB_NAMESPACE, write_hub_kubeconfig
from support.hub_process import hub_environment
from support.kube import client_of

pytestmark = pytest.mark.control_plane


class HubRun:
    """A hub process and what it says; a file takes it all, where a pipe would stop the hub when full."""

    def __init__(self, log: Path, *options: str) -> None:
        self._log = log
        argv = [sys.executable, "-m", "computility.hub", *options]
        with log.open("w") as stderr:
            self.process = subprocess.Popen(argv, stderr=stderr, env=hub_environment())

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def port(self) -> int:
        """The port that the system gave it; 0 while it has none."""
        found = re.search(r"answering .* port (\d+)", self.said)
        return int(found[1]) if found else 0

    def page(self, name: str) -> str:
        """Read one of its pages; "" while it does not answer with 200."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{name}", timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return ""

    async def ended(self) -> int:
        await eventually(lambda: self.process.poll() is not None, "it ends")
        return self.process.wait()


RunHub = Callable[..., HubRun]


@pytest.fixture
def run_hub(tmp_path: Path) -> Iterator[RunHub]:
    started: list[HubRun] = []

    def run(*options: str) -> HubRun:
        started.append(HubRun(tmp_path / f"hub-{len(started)}.log", *options))
        return started[-1]

    yield run
    for hub in started:
        hub.process.kill()
        hub.process.wait()


async def test_it_becomes_ready_counts_and_ends_at_sigterm_without_its_lease(
    hub_plane: ControlPlane, tmp_path: Path, run_hub: RunHub
) -> None:
    kubeconfig = write_hub_kubeconfig(hub_plane, tmp_path / "kubeconfig")
    hub = run_hub("--kubeconfig", str(kubeconfig), "--port", "0", "--identity", "hub-0")
    await eventually(lambda: hub.page("readyz") == "ok\n", "the hub is ready")
    await eventually(lambda: "computility_hub_leading 1" in hub.page("metrics"), "it leads")
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
