"""The lab's simulated centres: one process on the hub's side has the agents of all of them."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from computility.lab.control_plane import ControlPlane
from computility.lab.fleet_centre import FleetCentre
from computility.lab.fleet_config import fleet_config, token_file
from computility.lab.joining import are_pools_ready, mint_agent_token, read_lease
from computility.lab.kubectl import Kubectl
from computility.lab.layout import make_private, write_private
from computility.lab.processes import Daemon, find_daemon, start_daemon

NAME = "fleet"
PROGRAM = (sys.executable, "-m", "computility.agent.fleet")
READY_SECONDS = 120.0


def start_fleet(plane: ControlPlane, kubectl: Kubectl, centres: Sequence[FleetCentre]) -> None:
    """Make the members known and accepted, start their agents and wait for their pools.

    A fleet that runs is ended first; each centre goes on from what its journal has.

    Raises:
        NotInTime: The hub did not make a member's namespace.
        DaemonFailed: The fleet ended, or a member's pools did not become ready in time.
    """
    root = Path(plane.root)
    stop_fleet(root)
    kubectl.apply(*(centre.entry for centre in centres))
    folder = make_private(root / NAME)
    for centre in centres:
        token = mint_agent_token(plane, centre.name)
        write_private(token_file(folder, centre.name), token.encode())
    left = [read_lease(plane, centre.name) for centre in centres]
    daemon = launch_fleet(root, _build_config(plane, centres))
    for centre, lease in zip(centres, left, strict=True):
        _await_agent(plane, daemon, centre, lease)


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


def runs_for(root: Path, centres: Sequence[FleetCentre]) -> bool:
    """Say whether the fleet of the lab at this root runs, and has these centres."""
    daemon = find_daemon(root, NAME)
    if daemon is None or not daemon.is_running():
        return not centres
    members = yaml.safe_load(_config_file(root).read_text())["members"]
    return [member["name"] for member in members] == [centre.name for centre in centres]


def _build_config(plane: ControlPlane, centres: Sequence[FleetCentre]) -> dict[str, Any]:
    folder = Path(plane.root) / NAME
    return fleet_config(centres, server=plane.url, ca_file=plane.ca_file, folder=folder)


def _config_file(root: Path) -> Path:
    return root / NAME / "fleet.yaml"


def _await_agent(plane: ControlPlane, daemon: Daemon, centre: FleetCentre, lease: object) -> None:
    daemon.wait_ready(
        lambda: (
            read_lease(plane, centre.name) != lease and are_pools_ready(plane, centre.name, len(centre.pools))
        ),
        timeout_seconds=READY_SECONDS,
    )
