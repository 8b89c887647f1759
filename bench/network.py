"""The tenant and the members of a scenario, with whoever plays their agents."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from bench.scenario import Scenario
from bench.stage import FLEET, Stage, bench_environment
from bench.waiting import until
from computility.kube.builtin import Lease, LeaseSpec, Namespace, render_micro_time
from computility.kube.client import Client
from computility.lab.fleet import launch_fleet
from computility.lab.joining import mint_agent_token
from computility.lab.layout import make_private, write_private
from computility.lab.processes import start_daemon
from computility.model.base import Architecture
from computility.model.member_cluster import (
    BackendType,
    LeaseTerms,
    Location,
    MemberCluster,
    MemberClusterSpec,
)
from computility.model.meta import ObjectMeta, is_true
from computility.model.names import AGENT_LEASE, member_namespace
from computility.model.resource_pool import (
    Access,
    Capacity,
    PoolLimits,
    ResourcePool,
    ResourcePoolSpec,
    ResourcePoolStatus,
    Shape,
    Tariff,
)

Pools = Mapping[str, ResourcePoolSpec]
"""What each member offers."""

TENANT = "team-bench"
POOL = "cpu"
LEASE_SECONDS = 3600
"""Longer than any run: nobody renews for the scripted fleet."""
CLOCK_FACTOR = 60
HEARTBEAT_SECONDS = 10
LONGEST_WAIT_SECONDS = 60.0
NODES, CORES = 64, 32


async def build_network(client: Client, scenario: Scenario, stage: Stage, fleet: str) -> None:
    """Make the tenant and the members, each with a pool, and wait until the hub calls all of them ready.

    Args:
        client: The administrator.
        scenario: How many members, and what they take.
        stage: The running parts.
        fleet: One of `FLEETS`.
    """
    await client.create(Namespace(metadata=ObjectMeta(name=TENANT)))
    names = [f"m{number:02}" for number in range(scenario.members)]
    for name in names:
        await client.create(a_member(name, BACKENDS[fleet]))
    for name in names:
        await until(lambda n=name: _is_there(client, member_namespace(n)), LONGEST_WAIT_SECONDS)  # type: ignore[misc]
    pools = {name: a_pool_spec(number, scenario) for number, name in enumerate(names)}
    await FLEETS[fleet](client, stage, pools)
    for name in names:
        await until(lambda n=name: _is_ready(client, n), LONGEST_WAIT_SECONDS)  # type: ignore[misc]


async def play_agents(client: Client, stage: Stage, pools: Pools) -> None:
    """Do once what agents do at their start, and let the scripted fleet report."""
    for member, spec in pools.items():
        await client.apply(a_lease(member))
        meta = ObjectMeta(name=POOL, namespace=member_namespace(member))
        pool = await client.create(ResourcePool(metadata=meta, spec=spec))
        await client.write_status(pool, a_look())
    argv = [sys.executable, "-m", "bench.scripted_fleet", str(stage.plane.admin_kubeconfig)]
    start_daemon(Path(stage.plane.root), FLEET, argv, env=bench_environment())


async def start_fleet(_: Client, stage: Stage, pools: Pools) -> None:
    """Start the real fleet: for each member an agent, a journal and a simulated centre."""
    root = Path(stage.plane.root)
    folder = make_private(root / FLEET)
    for member in pools:
        token = await asyncio.to_thread(mint_agent_token, stage.plane, member)
        write_private(folder / f"{member}.token", token.encode())
    launch_fleet(root, a_fleet_config(stage, folder, pools))


FLEETS: dict[str, Callable[[Client, Stage, Pools], Awaitable[None]]] = {
    "simulated": start_fleet,
    "scripted": play_agents,
}


BACKENDS = {"simulated": BackendType.SIMULATED, "scripted": BackendType.SLURM}


def a_fleet_config(stage: Stage, folder: Path, pools: Pools) -> dict[str, Any]:
    """Build fleet.yaml."""
    return {
        "server": stage.plane.url,
        "caFile": str(stage.plane.ca_file),
        "folder": str(folder),
        "clockFactor": CLOCK_FACTOR,
        "heartbeatSeconds": HEARTBEAT_SECONDS,
        "members": [
            {
                "name": member,
                "tokenFile": str(folder / f"{member}.token"),
                "tenants": {TENANT: "bench"},
                "pools": [{"name": POOL, "spec": msgspec.to_builtins(spec)}],
            }
            for member, spec in pools.items()
        ],
    }


def a_member(name: str, backend: BackendType) -> MemberCluster:
    """Build an accepted member."""
    spec = MemberClusterSpec(
        backend=backend,
        location=Location(region="CN-GS"),
        accepted=True,
        lease=LeaseTerms(seconds=LEASE_SECONDS),
    )
    return MemberCluster(metadata=ObjectMeta(name=name), spec=spec)


def a_lease(member: str) -> Lease:
    """Build the Lease of an agent that has just shown itself."""
    at = render_micro_time(datetime.now(UTC))
    meta = ObjectMeta(name=AGENT_LEASE, namespace=member_namespace(member))
    return Lease(metadata=meta, spec=LeaseSpec(holder_identity="bench", renew_time=at))


def a_pool_spec(number: int, scenario: Scenario) -> ResourcePoolSpec:
    """Build what a pool offers; the number makes its price one of its own."""
    return ResourcePoolSpec(
        architecture=Architecture.AMD64,
        shape=Shape(nodes=NODES, cores_per_node=CORES, memory_per_node="256Gi"),
        limits=PoolLimits(max_queued=scenario.max_queued),
        tariff=Tariff(per_core_hour=f"0.{100 + number}"),
        access=Access(namespaces=(TENANT,)),
    )


def a_look() -> ResourcePoolStatus:
    """Build what an agent reports of a pool that is all free."""
    now = datetime.now(UTC).replace(microsecond=0)
    return ResourcePoolStatus(
        observed_at=now, complete=True, total=Capacity(nodes=NODES, cores=NODES * CORES)
    )


async def _is_there(client: Client, namespace: str) -> bool:
    return await client.find(Namespace, "", namespace) is not None


async def _is_ready(client: Client, member: str) -> bool:
    found = await client.get(MemberCluster, "", member)
    return is_true(found.status.conditions, "Ready")
