"""The agent's process as a centre runs it: its own user in a real Slurm centre, a real API server as hub."""

import secrets
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import msgspec
import pytest

from computility.kube.builtin import Lease, Namespace, ServiceAccount
from computility.kube.tokens import mint_token
from computility.lab.centre import Centre
from computility.lab.control_plane import ControlPlane
from computility.lab.slurm_config import AGENT_HOME, HELPER, SLURM_CONF, TABLE
from computility.model.assignment import AssignmentStatus, Fault, Started, State, WorkResources
from computility.model.meta import ObjectMeta
from computility.model.names import AGENT_LEASE
from computility.model.reasons import Reason
from computility.model.resource_pool import ResourcePool
from support.agent_rig import Hub
from support.api import Api
from support.builders import an_assignment
from support.eventually import seen
from support.kube import client_of
from support.rights import bind

pytestmark = [pytest.mark.control_plane, pytest.mark.slurm]

AGENT = "agent"
CONFIG = f"{AGENT_HOME}/agent.yaml"
POOL = {"architecture": "amd64", "shape": {"nodes": 3, "coresPerNode": 8, "memoryPerNode": "8Gi"}}
T = TypeVar("T")


class Site(NamedTuple):
    """A centre whose agent runs, and the hub by hand."""

    hub: Hub
    centre: Centre

    def start_agent(self) -> None:
        self.centre.start(AGENT, [sys.executable, "-m", "computility.agent", "--config", CONFIG])

    async def run(self, *command: str, **changes: Any) -> str:
        """Give the member a job and return the attempt's name."""
        job = an_assignment().spec.job
        assert job is not None
        return await self.hub.assign(job=msgspec.structs.replace(job, command=command, **changes))

    async def until(self, name: str, holds: Callable[[AssignmentStatus], bool]) -> AssignmentStatus:
        return (await self.seen(lambda: self.hub.read(name), lambda asg: holds(asg.status))).status

    async def ended(self, name: str) -> AssignmentStatus:
        return await self.until(name, lambda status: status.state.is_terminal)

    async def seen(self, read: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
        return await seen(read, holds, self.log)

    def log(self) -> str:
        return self.centre.log(AGENT).read_text()

    async def tidied(self, name: str) -> list[str]:
        """Return what lies in the attempt's directory once it has been tidied."""

        async def lying() -> list[str]:
            return self.centre.run(["ls", f"/srv/computility/alice/{name}"], "alice").stdout.split()

        return await self.seen(lying, lambda names: "job.json" not in names)

    def starts(self, name: str) -> int:
        """Count the lines that the attempt's payload has left in a file of its own."""
        counted = self.centre.run(
            ["sh", "-c", f"cat /srv/computility/alice/{name}/work/starts | wc -l"], "alice"
        )
        return int(counted.stdout)


@pytest.fixture
async def site(control_plane: ControlPlane, api: Api, roles: None, centre: Centre) -> AsyncIterator[Site]:
    async with client_of(control_plane) as client:
        made = Hub(client, f"slurm-{secrets.token_hex(4)}")
        await client.create(Namespace(metadata=ObjectMeta(name=made.namespace)))
        account = ServiceAccount(metadata=ObjectMeta(namespace=made.namespace, name="computility-agent"))
        await client.create(account)
        assert bind(api, made.namespace, "computility-agent", "computility-agent").is_ok
        token = await mint_token(client, made.namespace, "computility-agent", seconds=3600)
        install(centre, control_plane, made, token.token)
        site = Site(made, centre)
        site.start_agent()
        try:
            await site.seen(
                lambda: client.find(Lease, made.namespace, AGENT_LEASE), lambda lease: lease is not None
            )
            await made.accept()
            yield site
        finally:
            centre.kill(AGENT)


def install(centre: Centre, plane: ControlPlane, hub: Hub, token: str) -> None:
    """Put the agent's files where a centre would."""
    config = {
        "member": hub.member,
        "hub": {
            "server": plane.url,
            "tokenFile": f"{AGENT_HOME}/token",
            "caFile": f"{AGENT_HOME}/ca.crt",
        },
        "slurm": {"helper": HELPER, "config": SLURM_CONF},
        "journal": f"{AGENT_HOME}/{hub.member}.db",
        "table": TABLE,
        "heartbeatSeconds": 0.5,
        "pools": [{"name": "cpu", "spec": POOL}],
    }
    centre.write(f"{AGENT_HOME}/token", token)
    centre.write(f"{AGENT_HOME}/ca.crt", plane.ca_file.read_text())
    centre.write(CONFIG, msgspec.json.encode(config).decode())


async def test_a_payload_runs_as_its_tenant_and_is_reported_with_what_it_wrote(site: Site) -> None:
    name = await site.run("sh", "-c", "echo $(id -un) ran; echo to stderr >&2")
    status = await site.ended(name)

    assert (status.state, status.exit_code, status.started) == (State.SUCCEEDED, 0, Started.YES), status
    assert (status.stdout_tail, status.stderr_tail) == ("alice ran\n", "to stderr\n")
    assert status.workloads[0].native_id.isdecimal()
    assert status.workloads[0].cluster == "alpha"
    assert await site.tidied(name) == ["result.json", "stderr", "stdout"]


async def test_a_payload_that_fails_is_reported_with_its_exit_code(site: Site) -> None:
    status = await site.ended(await site.run("sh", "-c", "exit 3"))

    assert (status.state, status.reason, status.exit_code) == (State.FAILED, Reason.EXIT_CODE.value, 3)


async def test_modules_are_published_by_alias_and_loaded_by_the_centres_own_names(site: Site) -> None:
    hub = site.hub
    pool = await site.seen(
        lambda: hub.client.find(ResourcePool, hub.namespace, "cpu"), lambda found: found is not None
    )
    greets = await site.run("greet", "world", modules=("greeter",))
    breaks = await site.run("greet", "world", modules=("greeter", "broken"))
    greeted, broken = await site.ended(greets), await site.ended(breaks)

    assert pool is not None
    assert (pool.spec.modules, pool.spec.mpi) == (("broken", "greeter", "openmpi"), ("openmpi",))
    assert (greeted.state, greeted.stdout_tail) == (State.SUCCEEDED, "hello, world\n")
    assert (broken.state, broken.reason) == (State.FAILED, Reason.MODULE_FAILED.value)
    assert (broken.fault, broken.started) == (Fault.SITE, Started.NO)
    assert "no-such/1" in broken.stderr_tail


async def test_a_cancel_ends_a_running_payload(site: Site) -> None:
    name = await site.run("sleep", "300")
    await site.until(name, lambda status: status.state is State.RUNNING)
    await site.hub.cancel(name)
    status = await site.ended(name)

    assert (status.state, status.started, status.signal) == (State.CANCELLED, Started.YES, signal.SIGTERM)


async def test_what_has_not_started_by_the_deadline_is_given_up_and_never_starts(site: Site) -> None:
    every_node = WorkResources(nodes=3, tasks_per_node=1, cpus_per_task=8)
    first = await site.run("sleep", "300", resources=every_node, max_run_seconds=600)
    await site.until(first, lambda status: status.state is State.RUNNING)

    late = await site.run("true", resources=every_node, start_by=datetime.now(UTC) + timedelta(seconds=2))

    status = await site.ended(late)
    assert (status.state, status.reason, status.started) == (
        State.FAILED,
        Reason.DEADLINE_PASSED.value,
        Started.NO,
    )
    assert (await site.hub.read(first)).status.state is State.RUNNING
    await site.hub.cancel(first)
    await site.ended(first)


async def test_a_payload_that_locks_us_out_of_its_files_is_lost_and_its_end_reported(site: Site) -> None:
    name = await site.run("sh", "-c", "chmod 0 ../../claims/$(basename $(dirname $PWD)) ..")
    status = await site.ended(name)

    assert (status.state, status.reason) == (State.LOST, Reason.NO_RESULT.value), status
    assert site.log().count("locked or replaced by its owner") == 1


async def test_an_agent_that_was_killed_goes_on_where_it_was(site: Site) -> None:
    name = await site.run("sh", "-c", "echo started >> starts; sleep 3")
    await site.until(name, lambda status: status.state is State.HELD)
    site.centre.kill(AGENT)
    site.start_agent()
    status = await site.ended(name)

    assert (status.state, status.started) == (State.SUCCEEDED, Started.YES)
    assert site.starts(name) == 1


async def test_sigterm_ends_the_agent_cleanly_and_leaves_its_jobs_running(site: Site) -> None:
    name = await site.run("sleep", "3")
    await site.until(name, lambda status: status.state is State.RUNNING)
    site.centre.signal(AGENT, signal.SIGTERM)

    async def is_alive() -> bool:
        return site.centre.is_alive(AGENT)

    await site.seen(is_alive, lambda alive: not alive)
    assert "jobs at the centre go on" in site.log()
    assert "traceback" not in site.log()
    site.start_agent()
    assert (await site.ended(name)).state is State.SUCCEEDED


async def test_the_pool_shows_what_slurm_has(site: Site) -> None:
    async def pool() -> ResourcePool | None:
        return await site.hub.client.find(ResourcePool, site.hub.namespace, "cpu")

    found = await site.seen(pool, lambda pool: pool is not None and pool.status.total.nodes > 0)

    assert found is not None
    assert (found.status.total.nodes, found.status.total.cores) == (3, 24)
    assert [each.max_nodes for each in found.status.forecast][:1] == [1]
    assert found.status.backend.version.startswith("slurm ")
    assert found.spec.access.namespaces == ("team-a", "team-b")
