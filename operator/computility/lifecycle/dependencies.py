"""Whether the jobs that have to come first have ended as asked; if not, why the job waits or fails."""

from collections.abc import Callable, Iterable, Mapping

from computility.model.base import Value
from computility.model.compute_job import After, ComputeJob, Dependency, Phase
from computility.model.reasons import Reason

MOST_FOLLOWED = 1000
"""So many jobs are looked at in search of a cycle; who is on a longer one is told that it waits."""


HELD_BACK = frozenset(
    {
        Reason.DEPENDENCY_PENDING.value,
        Reason.DEPENDENCY_MISSING.value,
        Reason.DEPENDENCY_CYCLE.value,
    }
)
"""Why a job waits that no room would help."""


class Predecessors(Value, frozen=True, kw_only=True):
    """What is known of the jobs that have to come first.

    `phases` has those that are there, by name, None for one that was never looked at. `cycle` names the jobs
    that wait for one another, from this one to itself; empty without one.
    """

    phases: Mapping[str, Phase | None] = {}
    cycle: tuple[str, ...] = ()


class Judgement(Value, frozen=True, kw_only=True):
    """Why a job is not placed because of its predecessors; for good, or until one of them changes."""

    reason: Reason
    message: str

    @property
    def is_final(self) -> bool:
        """Whether there is nothing left to wait for."""
        return self.reason is Reason.DEPENDENCY_FAILED


def is_held_back_by_others(job: ComputeJob) -> bool:
    """Say whether a job's predecessors still count: once placed it never asks for them again."""
    return bool(job.spec.depends_on) and job.status.last_ordinal == 0 and not job.has_ended


def judge_predecessors(job: ComputeJob, known: Predecessors) -> Judgement | None:
    """Say why a job may not go yet, or never; None when nothing holds it back.

    A failure comes first, because nothing mends it; then a cycle, what is missing, and what is under way.
    """
    if not is_held_back_by_others(job):
        return None
    wanted, phases = job.spec.depends_on, known.phases
    failed = [d for d in wanted if _has_failed(d, phases)]
    if failed:
        first = failed[0].name
        message = f'"{first}", which had to succeed first, ended {_word(phases[first])}: make a new job'
        return Judgement(reason=Reason.DEPENDENCY_FAILED, message=message)
    if known.cycle:
        message = f"it waits for itself: {' -> '.join(known.cycle)}; cancel one of them"
        return Judgement(reason=Reason.DEPENDENCY_CYCLE, message=message)
    missing = [d for d in wanted if d.name not in phases]
    if missing:
        message = f"not there: {_list(missing)}; it waits until they are, and have ended as asked"
        return Judgement(reason=Reason.DEPENDENCY_MISSING, message=message)
    pending = [d for d in wanted if not _has_ended(phases[d.name])]
    if pending:
        return Judgement(reason=Reason.DEPENDENCY_PENDING, message=f"it waits for {_list(pending)}")
    return None


def _has_failed(dependency: Dependency, phases: Mapping[str, Phase | None]) -> bool:
    phase = phases.get(dependency.name)
    return dependency.until is After.SUCCEEDED and _has_ended(phase) and phase is not Phase.SUCCEEDED


def _has_ended(phase: Phase | None) -> bool:
    return phase is not None and phase.is_terminal


def _word(phase: Phase | None) -> str:
    return phase.value if phase else ""


def _list(dependencies: Iterable[Dependency]) -> str:
    return ", ".join(f'"{d.name}" ({d.until.value})' for d in dependencies)


def find_cycle(start: str, waits_for: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """Follow who waits for whom until it leads back to where it began.

    Args:
        start: The job that asks.
        waits_for: Gives the names that a job still waits for, none for one that is not held back.

    Returns:
        The jobs on the way, from `start` to `start`; empty when there is no way back, or it is not found
        among the first `MOST_FOLLOWED` jobs.
    """
    came_from: dict[str, str] = {}
    to_visit = [start]
    while to_visit and len(came_from) < MOST_FOLLOWED:
        job = to_visit.pop()
        for name in waits_for(job):
            if name == start:
                return _way_back(start, job, came_from)
            if name not in came_from:
                came_from[name] = job
                to_visit.append(name)
    return ()


def _way_back(start: str, last: str, came_from: Mapping[str, str]) -> tuple[str, ...]:
    way = [start]
    while last != start:
        way.append(last)
        last = came_from[last]
    return (start, *reversed(way))
