"""A job's conditions and phase, derived from where it stands."""

from datetime import datetime

from computility.model.base import Value, cut_message
from computility.model.compute_job import AttemptState, ComputeJob, Phase
from computility.model.meta import Condition, ConditionStatus, with_condition
from computility.model.reasons import Reason

PLACED = "Placed"
MEMBER_REACHABLE = "MemberReachable"
COMPLETE = "Complete"
FAILED = "Failed"
RECONCILING = "Reconciling"
STALLED = "Stalled"
READY = "Ready"
SUSPENDED = "Suspended"


class Stamp(Value, frozen=True, kw_only=True):
    """What every condition written in one decision has in common."""

    generation: int
    now: datetime

    def condition(self, type_: str, holds: bool, reason: Reason | str, message: str = "") -> Condition:
        """Build one condition."""
        return Condition(
            type=type_,
            status=ConditionStatus.TRUE if holds else ConditionStatus.FALSE,
            observed_generation=self.generation,
            last_transition_time=self.now,
            reason=str(reason),
            message=cut_message(message),
        )


def set_conditions(conditions: tuple[Condition, ...], *changed: Condition) -> tuple[Condition, ...]:
    """Set several conditions, keeping the transition times of those that stay."""
    for condition in changed:
        conditions = with_condition(conditions, condition)
    return conditions


def under_way(stamp: Stamp) -> tuple[Condition, ...]:
    """Say to kstatus and Argo CD that the job is being worked on."""
    return (
        stamp.condition(RECONCILING, True, Reason.IN_PROGRESS),
        stamp.condition(READY, False, Reason.IN_PROGRESS),
    )


def ended(stamp: Stamp, phase: Phase, reason: Reason | str, message: str) -> tuple[Condition, ...]:
    """Say that the job has ended, as batch/v1 and as kstatus say it."""
    done = phase is Phase.SUCCEEDED
    ours = (
        (stamp.condition(COMPLETE, True, reason, message),)
        if done
        else (
            stamp.condition(FAILED, True, reason, message),
            stamp.condition(STALLED, True, reason, message),
        )
    )
    return (
        *ours,
        stamp.condition(RECONCILING, False, reason),
        stamp.condition(READY, done, reason, message),
    )


def live_phase(job: ComputeJob, attempts_live: tuple[AttemptState, ...]) -> Phase:
    """Return the phase of a job that has not ended, from the states of its live attempts."""
    if not attempts_live:
        return Phase.QUEUED
    if job.wants_stop:
        return Phase.FINISHING
    return Phase.RUNNING if AttemptState.RUNNING in attempts_live else Phase.PLACED
