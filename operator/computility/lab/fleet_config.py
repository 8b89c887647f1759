"""fleet.yaml of the lab: its simulated centres, each with what its agent offers and whom it knows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from computility.lab.pools import offered_pools
from computility.lab.site import SimulatedSite

CLOCK_FACTOR = 60
"""Virtual seconds in a real one: an hour's work there takes a minute."""
LEAST_HEARTBEAT_SECONDS = 2
RENEWALS_PER_SECOND = 10
"""How many heartbeats the whole fleet sends, unless the members' leases ask for more."""


def fleet_config(
    sites: Sequence[SimulatedSite], *, server: str, ca_file: Path, folder: Path
) -> dict[str, Any]:
    """Build the fleet's file.

    Args:
        sites: The centres.
        server: URL of the hub's API server.
        ca_file: What the server's certificate is checked against.
        folder: Where the fleet keeps its journals, and where the tokens of its members are.
    """
    return {
        "server": server,
        "caFile": str(ca_file),
        "folder": str(folder),
        "clockFactor": CLOCK_FACTOR,
        "heartbeatSeconds": max(LEAST_HEARTBEAT_SECONDS, len(sites) / RENEWALS_PER_SECOND),
        "members": [_member(site, folder) for site in sites],
    }


def token_file(folder: Path, member: str) -> Path:
    """Return where the token of a member's agent is."""
    return folder / f"{member}.token"


def _member(site: SimulatedSite, folder: Path) -> dict[str, Any]:
    return {
        "name": site.name,
        "tokenFile": str(token_file(folder, site.name)),
        "tenants": dict(site.tenants),
        "pools": offered_pools(site),
        "seed": site.seed,
    }
