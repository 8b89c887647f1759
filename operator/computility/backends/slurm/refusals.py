"""Which answers of sbatch are a certain refusal, and which of them a later try gets past.

By Slurm's own error texts (`slurm_strerror`, unchanged since 20.11). What is not here is uncertain: "Socket
timed out on send/recv operation" was answered for a job that was then in the queue (22.05.8, tried).
"""

import re
from typing import NamedTuple

from computility.model.assignment import Fault
from computility.model.reasons import Reason


class Refusal(NamedTuple):
    """Why Slurm does not take a job, and whose doing it is; `passes` if it may take it later as it is."""

    reason: Reason
    fault: Fault
    passes: bool = False


_PARTITION = Refusal(Reason.PARTITION_UNKNOWN, Fault.SITE)
_ACCOUNT = Refusal(Reason.ACCOUNT_REFUSED, Fault.SITE)
_REQUEST = Refusal(Reason.REQUEST_REFUSED, Fault.USER)
_TOO_BIG = Refusal(Reason.REQUEST_REFUSED, Fault.SITE)
_USED_UP = Refusal(Reason.LIMIT_REACHED, Fault.SITE, passes=True)

_POLICY = "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"

REFUSALS = {
    "Invalid partition name specified": _PARTITION,
    "No partition specified or system default partition": _PARTITION,
    "Required partition not available (inactive or drain)": _PARTITION,
    "User's group not permitted to use this partition": _ACCOUNT,
    "Invalid account or account/partition combination specified": _ACCOUNT,
    "Invalid qos specification": _ACCOUNT,
    "Invalid user id": _ACCOUNT,
    "Access/permission denied": _ACCOUNT,
    _POLICY: _TOO_BIG,
    "Requested account has breached requested QOS usage threshold": _USED_UP,
    "Unable to create job record, try again": _USED_UP,  # MaxJobCount
    "Requested node configuration is not available": _REQUEST,
    "More processors requested than permitted": _REQUEST,
    "Node count specification invalid": _REQUEST,
    "CPU count specification invalid": _REQUEST,
    "Task count specification invalid": _REQUEST,
    "Requested more tasks than available processors": _REQUEST,
    "Memory required by task is not available": _REQUEST,
    "Requested time limit is invalid (missing or exceeds some limit)": _REQUEST,
    "Time limit specification required, but not provided": _REQUEST,
    "Invalid job array specification": _TOO_BIG,  # MaxArraySize
    "Invalid generic resource (gres) specification": _REQUEST,
    "Invalid Trackable RESource (TRES) specification": _REQUEST,
    "Insufficient GRES available in allocation": _REQUEST,
}

COUNTS = frozenset({
    "AssocGrpSubmitJobsLimit", "AssocMaxSubmitJobLimit", "MaxSubmitJobsPerAccount", "QOSGrpSubmitJobsLimit",
    "QOSMaxSubmitJobPerUserLimit",
})  # fmt: skip
"""Limits on how many jobs there are. Slurm names the one that is reached in a line before `_POLICY`, which by
itself may as well mean that a job of this size or length is never allowed."""

# sbatch refuses some requests itself, without the second part.
_PREFIX = re.compile(r"sbatch: error: (?:Batch job submission failed: )?")


def explain_refusal(message: str) -> Refusal | None:
    """Say what sbatch's standard error refuses for certain; None if the job may have been taken."""
    texts = [_PREFIX.sub("", line, count=1).strip() for line in message.splitlines()]
    found = next((text for text in texts if text in REFUSALS), None)
    if found is None:
        return None
    return _USED_UP if found == _POLICY and not COUNTS.isdisjoint(texts) else REFUSALS[found]
