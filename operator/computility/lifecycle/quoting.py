"""A quote: the receipt of a placement that is not carried out."""

import msgspec

from computility.lifecycle.conditions import PLACED, READY, RECONCILING, Stamp, set_conditions
from computility.lifecycle.job_view import JobView
from computility.lifecycle.work_unknown import say_whether_compared
from computility.model.base import cut_message
from computility.model.compute_job import ComputeJob, ComputeJobStatus, Mode, Phase
from computility.model.reasons import Reason
from computility.placement.place import Outcome


def wants_quote(job: ComputeJob) -> bool:
    """Say whether the job is only to be quoted; one that was placed before goes on."""
    return job.spec.placement.mode is Mode.QUOTE and not job.status.attempts


def is_quoted(job: ComputeJob) -> bool:
    """Say whether the job, as it is written now, has its quote: one is made once for each generation."""
    return job.status.phase is Phase.QUOTED and job.status.observed_generation == job.metadata.generation


def quote(status: ComputeJobStatus, outcome: Outcome, view: JobView, stamp: Stamp) -> ComputeJobStatus:
    """Write what would be done; that is all that the job asks for, so it is ready."""
    problem = view.declared.problem
    reason = Reason.QUOTED if outcome.chosen else outcome.reason
    message = cut_message(f"would be {outcome.message}") if outcome.chosen else outcome.message
    conditions = set_conditions(
        status.conditions,
        stamp.condition(PLACED, False, reason, message),
        stamp.condition(RECONCILING, False, Reason.QUOTED),
        stamp.condition(READY, True, Reason.QUOTED),
    )
    return msgspec.structs.replace(
        status,
        phase=Phase.QUOTED,
        reason=reason.value,
        message=message,
        receipt=outcome.receipt,
        conditions=say_whether_compared(conditions, outcome.receipt, problem, stamp),
    )
