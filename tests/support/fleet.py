"""A fleet in a process of its own, its members on a real API server, and the hub done by hand."""

import secrets
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from computility.kube.builtin import Lease, Namespace, ServiceAccount
from computility.kube.client import Client
from computility.kube.tokens import mint_token
from computility.lab.control_plane import ControlPlane
from computility.model.assignment import AssignmentStatus
from computility.model.compute_job import EnvVar
from computility.model.meta import ObjectMeta
from computility.model.names import AGENT_LEASE
from support.agent_rig import Hub
from support.api import Api
from support.builders import an_assignment
from support.eventually import seen
from support.hub_process import hub_environment
from support.rights import bind

POOL = {"architecture": "amd64", "shape": {"nodes": 4, "coresPerNode": 8, "memoryPerNode": "8Gi"}}
STOP_SECONDS = 20.0
T = TypeVar("T")


async def make_members(client: Client, api: Api, folder: Path, count: int) -> list[Hub]:
    """Make namespaces with an agent's account and rights in each, and write the tokens to files."""
    hubs = [Hub(client, f"sim-{secrets.token_hex(4)}") for _ in range(count)]
    for hub in hubs:
        await client.create(Namespace(metadata=ObjectMeta(name=hub.namespace)))
        account = ServiceAccount(metadata=ObjectMeta(namespace=hub.namespace, name="computility-agent"))
        await client.create(account)
        assert bind(api, hub.namespace, "computility-agent", "computility-agent").is_ok
        token = await mint_token(client, hub.namespace, "computility-agent", seconds=3600)
        token_file(folder, hub).write_text(token.token)
    return hubs


def token_file(folder: Path, hub: Hub) -> Path:
    return folder / f"{hub.member}.token"


def fleet_text(plane: ControlPlane, folder: Path, hubs: Sequence[Hub], **settings: Any) -> bytes:
    """Write fleet.yaml; JSON is YAML."""
    members = [
        {
            "name": hub.member,
            "tokenFile": str(token_file(folder, hub)),
            "tenants": {"team-a": "alice"},
            "pools": [{"name": "cpu", "spec": POOL}],
        }
        for hub in hubs
    ]
    config = {
        "server": plane.url,
        "caFile": str(plane.ca_file),
        "folder": str(folder / "centres"),
        "heartbeatSeconds": 0.5,
        "members": members,
    }
    return msgspec.json.encode(config | settings)


class Fleet:
    """The process.

    Args:
        folder: Where its configuration and its log are.
    """

    def __init__(self, folder: Path) -> None:
        self._config = folder / "fleet.yaml"
        self._log = folder / "fleet.log"
        self.process: subprocess.Popen[bytes] | None = None

    def configure(self, text: bytes) -> None:
        self._config.write_bytes(text)

    def start(self) -> None:
        argv = [sys.executable, "-m", "computility.agent.fleet", "--config", str(self._config)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(argv, env=hub_environment(), stderr=log)

    def kill(self) -> None:
        """End it as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def terminate(self) -> int:
        """Ask it to end, and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def log(self) -> str:
        return self._log.read_text()

    async def seen(self, read: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
        return await seen(read, holds, self.log)

    async def accept(self, hub: Hub) -> None:
        """Wait for a member's Lease and accept the member."""
        await self.seen(
            lambda: hub.client.find(Lease, hub.namespace, AGENT_LEASE), lambda lease: lease is not None
        )
        await hub.accept()

    async def until(self, hub: Hub, name: str, holds: Callable[[AssignmentStatus], bool]) -> AssignmentStatus:
        return (await self.seen(lambda: hub.read(name), lambda found: holds(found.status))).status

    async def ended(self, hub: Hub, name: str) -> AssignmentStatus:
        return await self.until(hub, name, lambda status: status.state.is_terminal)


async def run_job(hub: Hub, *command: str, env: dict[str, str] | None = None, **changes: Any) -> str:
    """Give a member an attempt at a job and return the attempt's name."""
    job = an_assignment().spec.job
    assert job is not None
    variables = tuple(EnvVar(name=name, value=value) for name, value in (env or {}).items())
    return await hub.assign(job=msgspec.structs.replace(job, command=command, env=variables, **changes))
