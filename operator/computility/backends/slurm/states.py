"""Every state that Slurm has a word for, and what it means for an attempt."""

from typing import NamedTuple

from computility.lifecycle.evidence import WorkloadState
from computility.model.assignment import Fault
from computility.model.reasons import Reason


class Meaning(NamedTuple):
    """A Slurm state in our words; `ending` is None where the workload ended by itself, or has not ended."""

    state: WorkloadState
    ending: Reason | None = None
    fault: Fault | None = None


_HELD = Meaning(WorkloadState.HELD)
_QUEUED = Meaning(WorkloadState.QUEUED)
_ACTIVE = Meaning(WorkloadState.ACTIVE)
_ENDED = Meaning(WorkloadState.ENDED)
_UNKNOWN = Meaning(WorkloadState.UNKNOWN)


def _ended_by(ending: Reason, fault: Fault) -> Meaning:
    return Meaning(WorkloadState.ENDED, ending, fault)


MEANINGS = {
    "PENDING": _QUEUED,
    "REQUEUED": _QUEUED,
    "REQUEUE_FED": _QUEUED,
    "REQUEUE_HOLD": _HELD,
    "RESV_DEL_HOLD": _HELD,
    "SPECIAL_EXIT": _HELD,  # requeued and held by the administrator's script
    "CONFIGURING": _ACTIVE,
    "POWER_UP_NODE": _ACTIVE,
    "RUNNING": _ACTIVE,
    "SUSPENDED": _ACTIVE,
    "STOPPED": _ACTIVE,
    "RESIZING": _ACTIVE,
    "SIGNALING": _ACTIVE,
    "STAGE_OUT": _ACTIVE,
    "COMPLETING": _ACTIVE,  # its processes may live yet
    "COMPLETED": _ENDED,
    "FAILED": _ENDED,
    "LAUNCH_FAILED": _ended_by(Reason.LAUNCH_FAILED, Fault.SITE),
    "RECONFIG_FAIL": _ended_by(Reason.LAUNCH_FAILED, Fault.SITE),
    "BOOT_FAIL": _ended_by(Reason.NODE_FAILED, Fault.INFRA),
    "NODE_FAIL": _ended_by(Reason.NODE_FAILED, Fault.INFRA),
    "CANCELLED": _ended_by(Reason.CANCELLED_AT_CENTRE, Fault.SITE),  # if it was us, the agent knows
    "DEADLINE": _ended_by(Reason.CANCELLED_AT_CENTRE, Fault.SITE),
    "PREEMPTED": _ended_by(Reason.PREEMPTED, Fault.INFRA),
    "TIMEOUT": _ended_by(Reason.TIME_LIMIT, Fault.USER),
    "OUT_OF_MEMORY": _ended_by(Reason.OUT_OF_MEMORY, Fault.USER),
    # Ended here because a sibling cluster of a federation started it: it may well be running there.
    "REVOKED": _UNKNOWN,
}

_HOLDS = frozenset({"JobHeldUser", "JobHeldAdmin"})


def explain_state(state: str, reason: str, *, has_claim: bool) -> Meaning:
    """Say what Slurm's state and reason mean; a word that is not in the table is unknown, never guessed.

    Args:
        state: Slurm's long state word.
        reason: Slurm's reason word beside it.
        has_claim: Whether a payload holds the attempt's claim, so that it was launched for certain.
    """
    meaning = MEANINGS.get(state, _UNKNOWN)
    # Of tasks that wait together squeue joins the reasons.
    if meaning is _QUEUED and _HOLDS.issuperset(reason.split(",")):
        return _HELD
    if state == "FAILED" and reason == "JobLaunchFailure" and not has_claim:
        # Slurm 22.05 says this also of payloads that a signal killed; those have the claim.
        return _ended_by(Reason.LAUNCH_FAILED, Fault.SITE)
    return meaning


def render_word(state: str, reason: str) -> str:
    """Keep the scheduler's own words for people: `PENDING(Priority)`."""
    return state if reason in {"", "None"} else f"{state}({reason})"
