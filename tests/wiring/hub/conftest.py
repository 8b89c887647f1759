"""A control plane of these tests' own, a member and a tenant for each test, and hubs on demand."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from computility.lab.control_plane import ControlPlane
from computility.lab.tools import Tools
from support.hub import HubThread, Meanwhile
from support.hub_plane import fresh_name, hub_config, start_hub_plane, write_hub_kubeconfig
from support.hub_process import Crash, HubProcess
from support.hub_run import HubRun
from support.kube import client_of
from support.network import Network

StartHub = Callable[..., Awaitable[HubThread]]
StartDyingHub = Callable[[Crash], HubProcess]
RunHub = Callable[..., HubRun]


@pytest.fixture(scope="session")
def hub_plane(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    plane = start_hub_plane(Path(tmp_path_factory.mktemp("hub-plane")), tools)
    yield plane
    plane.stop()


@pytest.fixture
async def network(hub_plane: ControlPlane) -> AsyncIterator[Network]:
    tenant = fresh_name("team")
    hub_plane.admin.post("/api/v1/namespaces", {"metadata": {"name": tenant}})
    async with client_of(hub_plane) as client:
        network = Network(client, tenant)
        yield network
        await network.withdraw_waiting()


@pytest.fixture
async def start_hub(hub_plane: ControlPlane) -> AsyncIterator[StartHub]:
    """Start hubs, one after the other or side by side; those that still run are stopped in the end."""
    started: list[HubThread] = []

    async def start(*, fault: Meanwhile | None = None, identity: str = "hub-0") -> HubThread:
        started.append(HubThread(hub_config(hub_plane), fault=fault, identity=identity))
        return await started[-1].start()

    yield start
    for hub in started:
        if hub.is_running:
            await hub.stop()


@pytest.fixture
def start_dying_hub(hub_plane: ControlPlane, tmp_path: Path) -> Iterator[StartDyingHub]:
    """Start hubs that die at one of their writes."""
    started: list[HubProcess] = []

    def start(crash: Crash) -> HubProcess:
        started.append(HubProcess(write_hub_kubeconfig(hub_plane, tmp_path / "kubeconfig"), crash))
        return started[-1]

    yield start
    for process in started:
        process.end()


@pytest.fixture
def run_hub(tmp_path: Path) -> Iterator[RunHub]:
    """Start hubs as people start them; those that still run are stopped in the end, without their Lease."""
    started: list[HubRun] = []

    def run(*options: str) -> HubRun:
        started.append(HubRun(tmp_path / f"hub-{len(started)}.log", *options))
        return started[-1]

    yield run
    for hub in started:
        hub.stop()


@pytest.fixture
async def hub(start_hub: StartHub) -> HubThread:
    return await start_hub()


@pytest.fixture
async def member(network: Network, hub: HubThread) -> str:
    """A member that the hub has accepted and that has shown itself."""
    name = fresh_name("m")
    await network.join(name)
    return name
