"""How much work a job is: as it says itself, or as an earlier job of its namespace had it to do."""

from typing import NamedTuple

import msgspec

from computility.model.cards import CARD_MODELS
from computility.model.compute_job import Attempt, AttemptState, ComputeJob, Phase, Work
from computility.model.index_set import IndexSet
from computility.model.pool_facts import Measure
from computility.placement.request import Request

_HOUR = 3600.0


class Declared(NamedTuple):
    """What is known of a job's work.

    Attributes:
        work: What its run time can be reckoned from; None if it says nothing, or nothing that helps.
        problem: The field that does not help, and why; "" without one.
    """

    work: Work | None = None
    problem: str = ""


def declared_work(job: ComputeJob, earlier: ComputeJob | None) -> Declared:
    """Return how much work one run of a job is.

    Args:
        job: The job.
        earlier: The job that `spec.work.similarTo` names, None if there is none.
    """
    work = job.spec.work
    if work is None:
        return Declared()
    if work.similar_to is not None:
        return _work_of(job, work, work.similar_to, earlier)
    request = Request.of(job)
    if work.measured is not None and request.reference_seconds is None:
        return Declared(problem=_describe_card(str(work.measured.card_model), request.measure))
    return Declared(work)


def _describe_card(model: str, measure: Measure) -> str:
    known = ", ".join(each.name for each in CARD_MODELS.values() if each.speed(measure))
    return (
        f'spec.work.measured.cardModel: the speed of "{model}" is not known in {measure.value}:'
        f" known are {known}"
    )


def _work_of(job: ComputeJob, work: Work, name: str, earlier: ComputeJob | None) -> Declared:
    """Take over what an earlier job had to do, unless its record does not say so."""
    if earlier is None:
        problem = "there is no such job in this namespace: it was never made, or is deleted"
    elif earlier.status.phase is not Phase.SUCCEEDED:
        phase = earlier.status.phase.value if earlier.status.phase else "not looked at yet"
        problem = f"that job is {phase}: only one that has succeeded tells how much work it was"
    elif (theirs := Request.of(earlier).measure) is not (ours := Request.of(job).measure):
        problem = (
            f"its run time followed {theirs.value}, this job's follows {ours.value}: they do not compare"
        )
    elif not (hours := _hours_of(earlier)):
        problem = "its attempts do not say how long they ran, and at what speed"
    else:
        known = Work(bound=work.bound, parallel_efficiency=work.parallel_efficiency)
        field = "reference_card_hours" if Request.of(job).cards else "reference_core_hours"
        return Declared(msgspec.structs.replace(known, **{field: hours}))
    return Declared(problem=f'spec.work.similarTo: "{name}": {problem}')


def _hours_of(earlier: ComputeJob) -> float:
    """Return the reference hours of one run: of an array the mean of its indices; 0 if nobody can say.

    What the earlier job lost by running in parallel, as it declared itself, is no work.
    """
    ran = [each for each in map(_run_of, earlier.status.attempts) if each is not None]
    runs = sum(each.runs for each in ran)
    request = Request.of(earlier)
    units = (request.cards or request.cores) * (request.work.parallel_efficiency if request.work else 1.0)
    return sum(each.reference_seconds for each in ran) * units / runs / _HOUR if runs else 0.0


class _Ran(NamedTuple):
    runs: int
    reference_seconds: float


def _run_of(attempt: Attempt) -> _Ran | None:
    """Return how long the runs of an attempt that succeeded would have taken at the reference's speed."""
    if attempt.state is not AttemptState.SUCCEEDED or not attempt.run_seconds or attempt.speed is None:
        return None
    runs = len(IndexSet.parse(attempt.indices)) if attempt.indices else 1
    return _Ran(runs, attempt.run_seconds * attempt.speed)
