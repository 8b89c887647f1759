"""What a short job costs in writes, on the whole way: hub, fleet and API server are the real ones."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from computility.kube.builtin import Lease, RoleBinding
from computility.kube.request import Request
from computility.kube.tokens import mint_token
from computility.lab.control_plane import ControlPlane
from computility.model.member_cluster import MemberCluster
from computility.model.meta import is_true
from computility.model.names import AGENT_ACCOUNT, AGENT_LEASE, member_namespace
from support.eventually import eventually
from support.fleet import POOL, Fleet
from support.hub import HubThread
from support.hub_plane import fresh_name
from support.network import Network, a_member

pytestmark = pytest.mark.control_plane

JOBS = 20
COUNTED = ("computejobs", "computejobs/status", "assignments", "assignments/status")
WRITES = ("POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION")


async def written(network: Network) -> dict[str, int]:
    """Read from the API server how many writes of each kind it has answered, refused ones too."""
    page = (await network.client.transport.send(Request("get", "/metrics", "raw"))).decode()
    counts: dict[str, int] = {}
    for line in page.splitlines():
        if line.startswith("apiserver_request_total{"):
            labels, value = line[line.index("{") + 1 :].rsplit("} ", 1)
            said = dict(pair.split("=", 1) for pair in labels.replace('"', "").split(","))
            resource = f"{said['resource']}/{said['subresource']}".rstrip("/")
            if said["verb"] in WRITES and resource in COUNTED:
                what = f"{said['verb']} {resource}"
                counts[what] = counts.get(what, 0) + int(float(value))
    return counts


async def until_settled(hub: HubThread, home: str) -> None:
    """Wait until the last Assignment of a member is deleted and nothing is left to do."""
    known = hub.parts.store.assignments.objects
    await eventually(lambda: not any(key.namespace == home for key in known), "all are deleted")
    await hub.until_idle()


@pytest.fixture
async def home(
    network: Network, hub: HubThread, hub_plane: ControlPlane, tmp_path: Path
) -> AsyncIterator[str]:
    """The namespace of a fleet's only member, which the hub calls ready."""
    member, fleet = fresh_name("sim"), Fleet(tmp_path)
    namespace = member_namespace(member)
    await network.client.create(a_member(member))
    await network.until_found(RoleBinding, namespace, AGENT_ACCOUNT)
    token = await mint_token(network.client, namespace, AGENT_ACCOUNT, seconds=3600)
    (tmp_path / "token").write_text(token.token)
    pools = [{"name": "cpu", "spec": {**POOL, "limits": {"maxQueued": 100}}}]
    tenants = {network.tenant: "alice"}
    config = {
        "server": hub_plane.url,
        "caFile": str(hub_plane.ca_file),
        "folder": str(tmp_path / "centres"),
        "clockFactor": 60,
        "members": [
            {"name": member, "tokenFile": str(tmp_path / "token"), "tenants": tenants, "pools": pools}
        ],
    }
    fleet.configure(msgspec.json.encode(config))
    fleet.start()
    await network.until_found(Lease, namespace, AGENT_LEASE)
    await network.until(
        MemberCluster, "", member, lambda m: is_true(m.status.conditions, "Ready"), "is ready"
    )
    yield namespace
    fleet.kill()


async def test_a_short_job_costs_five_writes_and_its_share_of_a_bulk_delete(
    network: Network, hub: HubThread, home: str
) -> None:
    await network.submit("warm-up")
    await network.until_phase("warm-up", "Succeeded")
    await until_settled(hub, home)
    before = await written(network)
    names = [f"job-{number}" for number in range(JOBS)]
    for name in names:
        await network.submit(name)
    for name in names:
        await network.until_phase(name, "Succeeded")
    await until_settled(hub, home)
    after = await written(network)
    made = {what: count - before.get(what, 0) for what, count in after.items() if count != before.get(what)}
    deletes = sum(made.pop(f"{verb} assignments", 0) for verb in ("DELETE", "DELETECOLLECTION"))

    assert made == {
        "POST computejobs": JOBS,
        "PATCH computejobs/status": 2 * JOBS,
        "POST assignments": JOBS,
        "PATCH assignments/status": JOBS,
    }
    assert 1 <= deletes <= JOBS
