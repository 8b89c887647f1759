"""The lab's simulated centres: one process on the hub's side has the agents of all of them."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from computility.lab.control_plane import ControlPlane
from computility.lab.fleet_config import fleet_config, token_file
from computility.lab.joining import are_pools_ready, member_entry, mint_agent_token, read_lease
from computility.lab.kubectl import Kubectl
from computility.lab.layout import make_private, write_private
from computility.lab.processes import Daemon, find_daemon, start_daemon
from computility.lab.site import SimulatedSite
from computility.model.member_cluster import BackendType

NAME = "fleet"
PROGRAM = (sys.executable, "-m", "computility.agent.fleet")
READY_SECONDS = 120.0


def start_fleet(plane: ControlPlane, kubectl: Kubectl, sites: Sequence[SimulatedSite]) -> None:
    """Make the members known and accepted, start their agents and wait for their pools.

    A fleet that runs is ended first; each centre goes on from what its journal has.

    Raises:
        NotInTime: The hub did not make a member's namespace.
        DaemonFailed: The fleet ended, or a member's pools did not become ready in time.
    """
    root = Path(plane.root)
    stop_fleet(root)
    kubectl.apply(*(member_entry(site.name, site.region, BackendType.SIMULATED) for site in sites))
    folder = make_private(root / NAME)
    for site in sites:
        token = mint_agent_token(plane, site.name)
        write_private(token_file(folder, site.name), token.encode())
    left = [read_lease(plane, site.name) for site in sites]
    daemon = launch_fleet(root, _build_config(plane, sites))
    for site, lease in zip(sites, left, strict=True):
        _await_agent(plane, daemon, site, lease)


def stop_fleet(root: Path) -> None:
    """End the fleet of the lab at this root; a no-op if it has ended."""
    daemon = find_daemon(root, NAME)
    if daemon is not None:
        daemon.stop()


def launch_fleet(root: Path, config: dict[str, Any], program: Sequence[str] = PROGRAM) -> Daemon:
    """Start the fleet with this configuration and do not wait for it."""
    file = _config_file(root)
    write_private(file, yaml.safe_dump(config, sort_keys=False).encode())
    return start_daemon(root, NAME, [*program, "--config", str(file)])


def runs_for(root: Path, sites: Sequence[SimulatedSite]) -> bool:
    """Say whether the fleet of the lab at this root runs, and has these centres."""
    daemon = find_daemon(root, NAME)
    if daemon is None or not daemon.is_running():
        return not sites
    members = yaml.safe_load(_config_file(root).read_text())["members"]
    return [member["name"] for member in members] == [site.name for site in sites]


def _build_config(plane: ControlPlane, sites: Sequence[SimulatedSite]) -> dict[str, Any]:
    folder = Path(plane.root) / NAME
    return fleet_config(sites, server=plane.url, ca_file=plane.ca_file, folder=folder)


def _config_file(root: Path) -> Path:
    return root / NAME / "fleet.yaml"


def _await_agent(plane: ControlPlane, daemon: Daemon, site: SimulatedSite, lease: object) -> None:
    daemon.wait_ready(
        lambda: read_lease(plane, site.name) != lease and are_pools_ready(plane, site.name, len(site.pools)),
        timeout_seconds=READY_SECONDS,
    )
