"""The hub's side of a member's joining: its entry, its agent's token, its Lease, its pools."""

from collections.abc import Mapping
from typing import Any

from computility.lab.admin_api import LAB_TOKEN_SECONDS, RequestRefused
from computility.lab.control_plane import ControlPlane
from computility.lab.waiting import wait_until
from computility.model.member_cluster import BackendType
from computility.model.names import AGENT_ACCOUNT, AGENT_LEASE, member_namespace

LEASE_SECONDS = 15
JOIN_SECONDS = 30.0


def member_entry(name: str, region: str, backend: BackendType) -> dict[str, Any]:
    """Build the MemberCluster of a centre, accepted, as the platform team would write it."""
    return {
        "apiVersion": "computility.io/v1alpha1",
        "kind": "MemberCluster",
        "metadata": {"name": name},
        "spec": {
            "backend": backend.value,
            "location": {"region": region},
            "accepted": True,
            "lease": {"seconds": LEASE_SECONDS},
        },
    }


def mint_agent_token(plane: ControlPlane, member: str) -> str:
    """Wait until the hub has made the account of the member's agent, and mint a token for it.

    Raises:
        NotInTime: The hub did not make it.
    """
    namespace = member_namespace(member)
    account = f"/api/v1/namespaces/{namespace}/serviceaccounts/{AGENT_ACCOUNT}"
    wait_until(
        lambda: plane.admin.answers(account), f'the hub to make "{account}"', timeout_seconds=JOIN_SECONDS
    )
    return plane.admin.mint_token(namespace, AGENT_ACCOUNT, seconds=LAB_TOKEN_SECONDS)


def read_lease(plane: ControlPlane, member: str) -> object:
    """Return what stands in the member's Lease, which differs after each renewal; None if it has none yet."""
    namespace = member_namespace(member)
    try:
        lease = plane.admin.get(f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{AGENT_LEASE}")
    except RequestRefused:
        return None
    return lease["spec"]


def are_pools_ready(plane: ControlPlane, member: str, count: int) -> bool:
    """Say whether the member offers so many pools, and all are ready."""
    path = f"/apis/computility.io/v1alpha1/namespaces/{member_namespace(member)}/resourcepools"
    items: Any = plane.admin.get(path)["items"]
    return len(items) == count and all(map(_is_ready, items))


def _is_ready(pool: Mapping[str, Any]) -> bool:
    conditions = pool.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
