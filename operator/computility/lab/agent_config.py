"""agent.yaml of a Slurm centre of the lab: what the centre's administrator decides on."""

from typing import Any

from computility.lab.centre import Centre
from computility.lab.pools import offered_pools
from computility.lab.slurm_config import AGENT_HOME, HELPER, SLURM_CONF

TOKEN = f"{AGENT_HOME}/token"
CA = f"{AGENT_HOME}/hub-ca.crt"
HEARTBEAT_SECONDS = 2


def agent_config(centre: Centre, server: str) -> dict[str, Any]:
    """Build agent.yaml for an agent that finds the hub's API server at this URL."""
    return {
        "member": centre.spec.name,
        "hub": {"server": server, "tokenFile": TOKEN, "caFile": CA},
        "slurm": {"helper": HELPER, "config": SLURM_CONF},
        "journal": f"{AGENT_HOME}/journal.db",
        "heartbeatSeconds": HEARTBEAT_SECONDS,
        "pools": offered_pools(centre.spec),
    }
