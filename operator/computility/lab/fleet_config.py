"""fleet.yaml of the lab: its simulated centres, each with what its agent offers and whom it knows.

They are alive: users of their own keep a fifth to a third of the nodes busy, and now and then something
breaks.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from computility.agent.fleet_settings import FleetMember, build_centre
from computility.backends.simulated.config import CentreConfig
from computility.backends.simulated.faults_config import Faults, Range
from computility.backends.simulated.profiles import theta_like_share
from computility.lab.fleet_centre import FleetCentre

CLOCK_FACTOR = 60
"""Virtual seconds in a real one: an hour's work there takes a minute."""
LEAST_HEARTBEAT_SECONDS = 2
DAY = 86_400.0
BUSY_SHARE = 0.33
"""Of the nodes, taken by the centres' own users: enough to be seen, too little for long queues."""
FAULTS = Faults(
    node_failure_gap_seconds=365 * DAY,
    crash_gap_seconds=7 * DAY,
    outage_gap_seconds=3 * DAY,
    outage_seconds=Range(least=30, most=300),
)
"""In virtual time: a day takes 24 minutes here, and of 100 nodes one dies in an hour and a half of ours."""
RENEWALS_PER_SECOND = 10
"""How many heartbeats the whole fleet sends, unless the members' leases ask for more."""


def fleet_config(
    centres: Sequence[FleetCentre], *, server: str, ca_file: Path, folder: Path
) -> dict[str, Any]:
    """Build the fleet's file.

    Args:
        centres: The centres.
        server: URL of the hub's API server.
        ca_file: What the server's certificate is checked against.
        folder: Where the fleet keeps its journals, and where the tokens of its members are.
    """
    return {
        "server": server,
        "caFile": str(ca_file),
        "folder": str(folder),
        "clockFactor": CLOCK_FACTOR,
        "heartbeatSeconds": max(LEAST_HEARTBEAT_SECONDS, len(centres) / RENEWALS_PER_SECOND),
        "members": [_member(centre, folder) for centre in centres],
    }


def token_file(folder: Path, member: str) -> Path:
    """Return where the token of a member's agent is."""
    return folder / f"{member}.token"


def _member(centre: FleetCentre, folder: Path) -> dict[str, Any]:
    member = {
        "name": centre.name,
        "tokenFile": str(token_file(folder, centre.name)),
        "tenants": dict(centre.tenants),
        "pools": [dict(pool) for pool in centre.pools],
        "seed": centre.seed,
    }
    alive = enliven(build_centre(msgspec.convert(member, FleetMember)))
    return {**member, "centre": msgspec.to_builtins(alive)}


def enliven(centre: CentreConfig) -> CentreConfig:
    """Give a centre users of its own, who have been at work for a day already, and rare faults."""
    sizes = {group.name: group.nodes for group in centre.groups}
    return msgspec.structs.replace(
        centre,
        background=tuple(
            theta_like_share(partition.name, nodes=sizes[partition.group_name], share=BUSY_SHARE)
            for partition in centre.partitions
        ),
        warm_up_seconds=DAY,
        faults=FAULTS,
    )
