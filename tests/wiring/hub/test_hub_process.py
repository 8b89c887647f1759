"""The hub as people start it."""

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
from computility.lab.reserved_port import reserved_port
from support.eventually import eventually
from support.hub_plane import HUB_NAMESPACE, write_hub_kubeconfig
from support.hub_process import hub_environment
from support.kube import client_of

pytestmark = pytest.mark.control_plane

RunHub = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def run_hub() -> Iterator[RunHub]:
    started: list[subprocess.Popen[str]] = []

    def run(*options: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "computility.hub", *options]
        started.append(subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=hub_environment()))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


async def test_it_becomes_ready_counts_and_ends_at_sigterm_without_its_lease(
    hub_plane: ControlPlane, tmp_path: Path, run_hub: RunHub
) -> None:
    kubeconfig = write_hub_kubeconfig(hub_plane, tmp_path / "kubeconfig")
    with reserved_port() as port:
        pass
    process = run_hub("--kubeconfig", str(kubeconfig), "--port", str(port), "--identity", "hub-0")
    await eventually(lambda: page(port, "readyz") == "ok\n", "the hub is ready")
    await eventually(lambda: "computility_hub_leading 1" in page(port, "metrics"), "it leads")
    healthy = page(port, "healthz")
    process.send_signal(signal.SIGTERM)
    await eventually(lambda: process.poll() is not None, "it ends")
    async with client_of(hub_plane) as client:
        lease = await client.get(Lease, HUB_NAMESPACE, "computility-hub")

    assert healthy == "ok\n"
    assert process.returncode == 0, process.communicate()
    assert not lease.spec.holder_identity, process.communicate()


async def test_a_hub_that_cannot_be_configured_says_why_in_one_line(tmp_path: Path, run_hub: RunHub) -> None:
    process = run_hub("--kubeconfig", str(tmp_path / "none"))
    _, said = process.communicate(timeout=20)

    assert process.returncode == 1
    assert said == f'computility-hub: cannot read "{tmp_path / "none"}": FileNotFoundError\n'


def test_a_hub_without_a_port_of_its_own_asks_for_a_name(tmp_path: Path, run_hub: RunHub) -> None:
    process = run_hub("--kubeconfig", str(tmp_path / "none"), "--port", "0")
    _, said = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "--port 0 needs --identity NAME" in said


def page(port: int, name: str) -> str:
    """Read one of the hub's pages; "" while it does not answer with 200."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}", timeout=5) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return ""
