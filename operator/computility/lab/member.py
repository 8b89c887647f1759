"""Joining a centre of the lab to its hub, with the steps that an administrator of each side would take."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from computility.lab.admin_api import LAB_TOKEN_SECONDS
from computility.lab.centre import Centre
from computility.lab.control_plane import ControlPlane
from computility.lab.kubectl import Kubectl
from computility.lab.slurm_config import AGENT_HOME, HELPER, SLURM_CONF
from computility.lab.waiting import wait_until
from computility.model.names import AGENT_LEASE, member_namespace

AGENT = "agent"
CONFIG = f"{AGENT_HOME}/agent.yaml"
TOKEN = f"{AGENT_HOME}/token"
CA = f"{AGENT_HOME}/hub-ca.crt"
PROGRAM = (sys.executable, "-m", "computility.agent")
LEASE_SECONDS = 15
HEARTBEAT_SECONDS = 2
JOIN_SECONDS = 30.0
TAKEOVER_SECONDS = 120.0
"""An agent with a new journal waits until the Lease of the one before has run out, with its grace."""


def join_centre(plane: ControlPlane, kubectl: Kubectl, centre: Centre, *, region: str) -> None:
    """Make the member known and accepted, give its agent a token, and start the agent at the centre.

    Raises:
        NotInTime: The hub did not make the member's namespace, or the pools did not become ready.
        CentreError: The agent ended.
    """
    name = centre.spec.name
    kubectl.apply(_member(name, region))
    namespace = member_namespace(name)
    account = f"/api/v1/namespaces/{namespace}/serviceaccounts/{AGENT_LEASE}"
    wait_until(
        lambda: plane.admin.answers(account), f'the hub to make "{account}"', timeout_seconds=JOIN_SECONDS
    )
    token = plane.admin.mint_token(namespace, AGENT_LEASE, seconds=LAB_TOKEN_SECONDS)
    centre.write(TOKEN, token)
    centre.write(CA, plane.ca_file.read_text())
    centre.write(CONFIG, yaml.safe_dump(agent_config(centre, plane.url), sort_keys=False))
    start_agent(centre)
    pools = f"/apis/computility.io/v1alpha1/namespaces/{namespace}/resourcepools"
    centre.wait_for(lambda: _all_ready(plane.admin.get(pools), len(centre.spec.pools)), AGENT)


def start_agent(
    centre: Centre, program: Sequence[str] = PROGRAM, env: Mapping[str, str] | None = None
) -> None:
    """Start the agent at the centre as its own user, with the journal that it had.

    Args:
        centre: Where.
        program: The agent itself; tests have one that dies at a given step.
        env: Further variables.
    """
    package = Path(__file__).resolve().parents[2]
    centre.start(AGENT, [*program, "--config", CONFIG], env={"PYTHONPATH": str(package), **(env or {})})


def restart_agent(plane: ControlPlane, centre: Centre) -> None:
    """Start an agent that had ended, and wait until it has renewed the member's Lease.

    Raises:
        CentreError: It ended again, or did not renew in time.
    """
    before = _lease(plane, centre)
    start_agent(centre)
    centre.wait_for(lambda: _lease(plane, centre) != before, AGENT)


def await_takeover(plane: ControlPlane, centre: Centre) -> None:
    """Wait until the agent holds the Lease that another one held, whose journal is lost.

    Raises:
        NotInTime: It does not within the bound.
    """
    left = _lease(plane, centre)
    wait_until(lambda: _lease(plane, centre) != left, "the Lease", timeout_seconds=TAKEOVER_SECONDS)


def _lease(plane: ControlPlane, centre: Centre) -> object:
    namespace = member_namespace(centre.spec.name)
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{AGENT_LEASE}"
    return plane.admin.get(path)["spec"]


def agent_config(centre: Centre, server: str) -> dict[str, Any]:
    """Build agent.yaml: what the centre's administrator decides on."""
    return {
        "member": centre.spec.name,
        "hub": {"server": server, "tokenFile": TOKEN, "caFile": CA},
        "slurm": {"helper": HELPER, "config": SLURM_CONF},
        "journal": f"{AGENT_HOME}/journal.db",
        "heartbeatSeconds": HEARTBEAT_SECONDS,
        "pools": [
            {"name": "cpu", "labels": {"computility.io/tier": "standard"}, "spec": _cpu_pool(centre)},
            {"name": "gpu", "labels": {"computility.io/tier": "accelerated"}, "spec": _gpu_pool(centre)},
        ],
    }


def _cpu_pool(centre: Centre) -> dict[str, Any]:
    return {
        "architecture": "amd64",
        "shape": _shape(centre, nodes=3),
        "limits": {"maxRunSeconds": 86_400},
        "tariff": {"currency": "CNY", "perCoreHour": "0.12"},
    }


def _gpu_pool(centre: Centre) -> dict[str, Any]:
    return {
        "architecture": "amd64",
        "cardModel": centre.spec.card_model,
        "shape": {**_shape(centre, nodes=1), "cardsPerNode": 4},
        "limits": {"maxRunSeconds": 86_400},
        "tariff": {"currency": "CNY", "perCoreHour": "0.2", "perCardHour": "6.5"},
    }


def _shape(centre: Centre, *, nodes: int) -> dict[str, Any]:
    memory = f"{centre.spec.memory_mib}Mi"
    return {"nodes": nodes, "coresPerNode": centre.spec.cpus_per_node, "memoryPerNode": memory}


def _member(name: str, region: str) -> dict[str, Any]:
    return {
        "apiVersion": "computility.io/v1alpha1",
        "kind": "MemberCluster",
        "metadata": {"name": name},
        "spec": {
            "backend": "slurm",
            "location": {"region": region},
            "accepted": True,
            "lease": {"seconds": LEASE_SECONDS},
        },
    }


def _all_ready(listed: Mapping[str, Any], count: int) -> bool:
    conditions = [item.get("status", {}).get("conditions", []) for item in listed["items"]]
    ready = [any(c["type"] == "Ready" and c["status"] == "True" for c in pool) for pool in conditions]
    return len(ready) == count and all(ready)
