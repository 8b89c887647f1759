"""One run of one scenario, from an empty folder to a Result."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from bench.calibration import calibrate
from bench.counters import read_counters, requests_between
from bench.network import TENANT, build_network
from bench.result import Load, Noise, RequestCount, Result
from bench.scenario import Scenario
from bench.stage import CHECKOUT, LOAD, Stage, bench_environment
from bench.usage import cpu_seconds, machine, peak_rss_bytes
from bench.waiting import until
from computility.kube.client import Client
from computility.kube.config import ClusterConfig
from computility.kube.credentials import StaticToken
from computility.lab.control_plane import API_SERVER, ETCD, ControlPlane

LONGEST_SETTLE_SECONDS = 60.0
QUIET_CPU_SECONDS = 0.1
"""All processes together, within one second."""

Hook = Callable[[Stage], None]


class LoadFailed(Exception):
    """The load generator did not come to its end; the message has its last words."""


async def run_scenario(
    scenario: Scenario, stage: Stage, label: str, settings: Mapping[str, str], on_start: Hook
) -> Result:
    """Warm up, measure, calibrate.

    Args:
        scenario: What to run.
        stage: Where; fresh, with nothing in it.
        label: Goes into the result.
        settings: Likewise; `fleet` says who plays the agents.
        on_start: Called when the measured part begins, for a profiler.

    Raises:
        LoadFailed: Not all jobs came to their end.
    """
    async with admin_client(stage.plane) as client:
        await build_network(client, scenario, stage, settings["fleet"])
        await offer_load(stage, scenario, "warm", scenario.warm_up_jobs)
        await until_settled(stage)
        await until_quiet(stage)
        before, used, ground = await read_counters(client), usage(stage), machine()
        on_start(stage)
        load = await offer_load(stage, scenario, "job", scenario.jobs)
        await until_settled(stage)
        ended, now = usage(stage), machine()
        after = await read_counters(client)
        pids = stage.pids
        server = (pids[API_SERVER], pids[ETCD])
        calibration = await calibrate(client, lambda: sum(map(cpu_seconds, server)))
    spent = {name: ended[name] - used[name] for name in pids} | {LOAD: load.cpu_seconds}
    return Result(
        scenario=scenario.name,
        label=label,
        settings=dict(settings),
        load=load,
        cpu_seconds=spent,
        peak_rss_bytes={name: peak_rss_bytes(pid) for name, pid in pids.items()},
        requests=[
            RequestCount(what=asked.what, code=asked.code, count=count)
            for asked, count in requests_between(before, after).most_common()
        ],
        stored_bytes=after.stored_bytes,
        calibration=calibration,
        noise=Noise(
            others_cpu_seconds=now.busy_seconds - ground.busy_seconds - sum(spent.values()),
            steal_seconds=now.steal_seconds - ground.steal_seconds,
            load_before=ground.load,
        ),
    )


@asynccontextmanager
async def admin_client(plane: ControlPlane) -> AsyncIterator[Client]:
    """Open a client with the administrator's rights."""
    config = ClusterConfig(plane.url, StaticToken(plane.admin_token), ca=plane.ca_file.read_text())
    async with Client(config, manager="bench") as client:
        yield client


def usage(stage: Stage) -> dict[str, float]:
    """Return the CPU-seconds of each measured process so far."""
    return {name: cpu_seconds(pid) for name, pid in stage.pids.items()}


async def offer_load(stage: Stage, scenario: Scenario, prefix: str, jobs: int) -> Load:
    """Run the load generator and return what it saw.

    Raises:
        LoadFailed: It ended with an error, such as jobs that never end.
    """
    kubeconfig = Path(stage.plane.admin_kubeconfig)
    words = (str(kubeconfig), TENANT, prefix, str(jobs), str(scenario.creators))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", *words,
        cwd=CHECKOUT, env={**os.environ, **bench_environment()},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    if process.returncode:
        raise LoadFailed(f"the load generator failed with {jobs} jobs: {err.decode()[-2000:]}")
    return msgspec.json.decode(out, type=Load)


async def until_settled(stage: Stage) -> None:
    """Wait until the hub has booked and deleted all: what comes after the last end counts as well.

    Raises:
        TimeoutError: It has not within a minute.
    """
    async with aiohttp.ClientSession() as session:
        await until(lambda: _is_settled(session, stage.hub_port), LONGEST_SETTLE_SECONDS)


async def until_quiet(stage: Stage) -> None:
    """Wait until the control plane rests: for many seconds after new CRDs it is busy with their schemas.

    Raises:
        TimeoutError: It has not within a minute.
    """

    async def is_quiet() -> bool:
        before = sum(usage(stage).values())
        await asyncio.sleep(1.0)
        return sum(usage(stage).values()) - before < QUIET_CPU_SECONDS

    await until(is_quiet, LONGEST_SETTLE_SECONDS)


async def _is_settled(session: aiohttp.ClientSession, port: int) -> bool:
    async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    idle = ("computility_hub_assignments 0", "computility_hub_queue_depth 0")
    return all(line in lines for line in idle)
