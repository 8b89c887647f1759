"""Which answers of sbatch are a certain refusal.

By Slurm's own error texts (`slurm_strerror`, unchanged since 20.11). What is not here is uncertain: "Socket
timed out on send/recv operation" was answered for a job that was then in the queue (22.05.8, tried).
"""

import re
from typing import NamedTuple

from computility.model.assignment import Fault
from computility.model.reasons import Reason


class Refusal(NamedTuple):
    """Why Slurm will not take a job, and whose doing it is."""

    reason: Reason
    fault: Fault


_PARTITION = Refusal(Reason.PARTITION_UNKNOWN, Fault.SITE)
_ACCOUNT = Refusal(Reason.ACCOUNT_REFUSED, Fault.SITE)
_LIMIT = Refusal(Reason.LIMIT_REACHED, Fault.SITE)
_REQUEST = Refusal(Reason.REQUEST_REFUSED, Fault.USER)

REFUSALS = {
    "Invalid partition name specified": _PARTITION,
    "No partition specified or system default partition": _PARTITION,
    "Required partition not available (inactive or drain)": _PARTITION,
    "User's group not permitted to use this partition": _ACCOUNT,
    "Invalid account or account/partition combination specified": _ACCOUNT,
    "Invalid qos specification": _ACCOUNT,
    "Invalid user id": _ACCOUNT,
    "Access/permission denied": _ACCOUNT,
    "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)": _LIMIT,
    "Requested account has breached requested QOS usage threshold": _LIMIT,
    "Requested node configuration is not available": _REQUEST,
    "More processors requested than permitted": _REQUEST,
    "Node count specification invalid": _REQUEST,
    "CPU count specification invalid": _REQUEST,
    "Task count specification invalid": _REQUEST,
    "Requested more tasks than available processors": _REQUEST,
    "Memory required by task is not available": _REQUEST,
    "Requested time limit is invalid (missing or exceeds some limit)": _REQUEST,
    "Time limit specification required, but not provided": _REQUEST,
    "Invalid generic resource (gres) specification": _REQUEST,
    "Invalid Trackable RESource (TRES) specification": _REQUEST,
    "Insufficient GRES available in allocation": _REQUEST,
}

# sbatch refuses some requests itself, without the second part.
_PREFIX = re.compile(r"sbatch: error: (?:Batch job submission failed: )?")


def explain_refusal(message: str) -> Refusal | None:
    """Say what sbatch's standard error refuses for certain; None if the job may have been taken."""
    for line in message.splitlines():
        text = _PREFIX.sub("", line, count=1).strip()
        if text in REFUSALS:
            return REFUSALS[text]
    return None
