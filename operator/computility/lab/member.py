"""Joining Slurm centres to the lab's hub, with the steps that an administrator of each side would take."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from computility.lab.agent_config import CA, TOKEN, agent_config
from computility.lab.centre import Centre
from computility.lab.control_plane import ControlPlane
from computility.lab.joining import are_pools_ready, member_entry, mint_agent_token, read_lease
from computility.lab.kubectl import Kubectl
from computility.lab.slurm_config import AGENT_HOME
from computility.model.member_cluster import BackendType

__all__ = ["AGENT", "agent_config", "join_centres", "restart_agent", "start_agent"]

AGENT = "agent"
CONFIG = f"{AGENT_HOME}/agent.yaml"
PROGRAM = (sys.executable, "-m", "computility.agent")
TAKEOVER_SECONDS = 120.0
"""An agent with a new journal waits until the Lease of the one before has run out, with its grace."""


def join_centres(plane: ControlPlane, kubectl: Kubectl, centres: Sequence[Centre]) -> None:
    """Make the members known and accepted, give each agent a token, start them and wait for their pools.

    The agent of a centre that was lost with all that it knew is another one than before: it is waited for
    until it holds the Lease.

    Raises:
        NotInTime: The hub did not make a member's namespace.
        CentreError: An agent ended, or did not get its pools ready in time.
    """
    entries = [member_entry(c.spec.name, c.spec.region, BackendType.SLURM) for c in centres]
    kubectl.apply(*entries)
    left = [read_lease(plane, centre.spec.name) for centre in centres]
    for centre in centres:
        _install_agent(plane, centre)
        start_agent(centre)
    for centre, lease in zip(centres, left, strict=True):
        _await_agent(plane, centre, lease)


def _install_agent(plane: ControlPlane, centre: Centre) -> None:
    centre.write(TOKEN, mint_agent_token(plane, centre.spec.name))
    centre.write(CA, plane.ca_file.read_text())
    centre.write(CONFIG, yaml.safe_dump(agent_config(centre, plane.url), sort_keys=False))


def _await_agent(plane: ControlPlane, centre: Centre, lease: object) -> None:
    name, pools = centre.spec.name, len(centre.spec.pools)
    centre.wait_for(
        lambda: read_lease(plane, name) != lease and are_pools_ready(plane, name, pools),
        AGENT,
        timeout_seconds=TAKEOVER_SECONDS,
    )


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
    before = read_lease(plane, centre.spec.name)
    start_agent(centre)
    centre.wait_for(lambda: read_lease(plane, centre.spec.name) != before, AGENT)
