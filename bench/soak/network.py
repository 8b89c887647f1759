"""The soak's network: tenants, members and the fleet on a stage, and how its parts are killed and started."""

import asyncio
from pathlib import Path
from typing import Any

from bench.soak.centres import draw_member
from bench.soak.plan import Plan
from bench.soak.tenants import TENANTS
from bench.stage import FLEET, HUB, Stage
from bench.waiting import until
from computility.kube.builtin import Namespace
from computility.kube.client import Client
from computility.lab.fleet import launch_fleet
from computility.lab.hub_process import PROGRAM, launch_hub
from computility.lab.joining import mint_agent_token
from computility.lab.layout import make_private, write_private
from computility.lab.processes import find_daemon
from computility.model.base import MemberName
from computility.model.member_cluster import (
    BackendType,
    LeaseTerms,
    Location,
    MemberCluster,
    MemberClusterSpec,
)
from computility.model.meta import ObjectMeta, is_true

LEASE_SECONDS = 18
HEARTBEAT_SECONDS = 5
LONGEST_WAIT_SECONDS = 90.0
JOURNAL = "journal.db"


class Network:
    """The members of a plan on a stage.

    Attributes:
        members: Their names.
    """

    def __init__(self, plan: Plan, stage: Stage) -> None:
        self.members = [f"m{number:02}" for number in range(plan.members)]
        self._plan = plan
        self._stage = stage
        self._root = Path(stage.plane.root)
        self._folder = make_private(self._root / FLEET)
        self._tokens: dict[str, str] = {}

    @property
    def logs(self) -> list[Path]:
        """Where our own processes write what they have to say."""
        return [self._root / "logs" / f"{name}.log" for name in (HUB, FLEET)]

    def journal(self, member: str) -> Path:
        """Return where the journal of a member is, and in it its centre."""
        return self._folder / member / JOURNAL

    def pid(self, name: str) -> int | None:
        """Return the process of the hub or the fleet; None while it does not run."""
        daemon = find_daemon(self._root, name)
        return daemon.pid if daemon and daemon.is_running() else None

    async def build(self, client: Client) -> None:
        """Make tenants and members, start the fleet, and wait until the hub calls all of them ready."""
        for tenant in TENANTS:
            await client.create(Namespace(metadata=ObjectMeta(name=tenant)))
        for name in self.members:
            await client.create(a_member(name))
        for name in self.members:
            self._tokens[name] = await asyncio.to_thread(mint_agent_token, self._stage.plane, name)
            self.give_token(name)
        self.start_fleet()
        for name in self.members:
            await until(lambda n=name: _is_ready(client, n), LONGEST_WAIT_SECONDS)  # type: ignore[misc]

    def give_token(self, member: str) -> None:
        """Let a member's agent speak to the hub."""
        self._write_token(member, self._tokens[member])

    def refuse_token(self, member: str) -> None:
        """Let the hub refuse all that a member's agent asks for."""
        self._write_token(member, "refused")

    def start_fleet(self) -> None:
        """Start the fleet; its members go on from what their journals have."""
        launch_fleet(self._root, self._fleet_config())

    def start_hub(self) -> None:
        """Start the hub again."""
        launch_hub(self._stage.plane, self._stage.hub_port, program=[*PROGRAM, "--log-level", "warning"])

    def kill(self, name: str) -> None:
        """Kill the hub or the fleet as a loss of power would."""
        daemon = find_daemon(self._root, name)
        if daemon is not None:
            daemon.kill()

    def _write_token(self, member: str, token: str) -> None:
        write_private(self._token_file(member), token.encode())

    def _token_file(self, member: str) -> Path:
        return self._folder / f"{member}.token"

    def _fleet_config(self) -> dict[str, Any]:
        plane = self._stage.plane
        return {
            "server": plane.url,
            "caFile": str(plane.ca_file),
            "folder": str(self._folder),
            "clockFactor": self._plan.factor,
            "heartbeatSeconds": HEARTBEAT_SECONDS,
            "members": [
                draw_member(self._plan, number, name) | {"tokenFile": str(self._token_file(name))}
                for number, name in enumerate(self.members)
            ],
        }


def a_member(name: MemberName) -> MemberCluster:
    """Build an accepted member."""
    spec = MemberClusterSpec(
        backend=BackendType.SIMULATED,
        location=Location(region="CN-GS"),
        accepted=True,
        lease=LeaseTerms(seconds=LEASE_SECONDS),
    )
    return MemberCluster(metadata=ObjectMeta(name=name), spec=spec)


async def _is_ready(client: Client, member: str) -> bool:
    return is_true((await client.get(MemberCluster, "", member)).status.conditions, "Ready")
