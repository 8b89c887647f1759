"""Who waits for which job, and what the hub knows of those that a job waits for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from computility.lifecycle.dependencies import Predecessors, find_cycle, is_held_back_by_others
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key, key_of
from computility.model.reasons import Reason


class Dependents:
    """Jobs that are held back, by those that have to come first, which need not be there."""

    def __init__(self) -> None:
        self._of: defaultdict[Key, set[Key]] = defaultdict(set)

    def set(self, job: ComputeJob) -> None:
        """Take in a job as it is now."""
        if not is_held_back_by_others(job):
            self.discard(job)
            return
        for predecessor in _predecessors(job):
            self._of[predecessor].add(key_of(job.metadata))

    def discard(self, job: ComputeJob) -> None:
        """Let a job wait for nobody."""
        for predecessor in _predecessors(job):
            self._of[predecessor].discard(key_of(job.metadata))
            if not self._of[predecessor]:
                del self._of[predecessor]

    def of(self, job: Key) -> tuple[Key, ...]:
        """Return the jobs that wait for one."""
        return tuple(sorted(self._of[job])) if job in self._of else ()

    def has(self, job: Key) -> bool:
        return job in self._of


def _predecessors(job: ComputeJob) -> Iterable[Key]:
    return (Key(job.metadata.namespace, dependency.name) for dependency in job.spec.depends_on)


def news_for_dependents(job: ComputeJob | None) -> object:
    """Return what those that wait for a job go by: whether it is there, has ended, or is on a cycle."""
    if job is None:
        return None
    return job.status.phase if job.has_ended else job.status.reason == Reason.DEPENDENCY_CYCLE.value


def observe_predecessors(
    job: ComputeJob, jobs: Mapping[Key, ComputeJob], dependents: Dependents
) -> Predecessors:
    """Gather what is known of the jobs that have to come before one.

    A job that nobody waits for is on no cycle, so that a chain costs nothing while it is submitted in order.
    """
    if not is_held_back_by_others(job):
        return Predecessors()
    there = ((key.name, jobs[key].status.phase) for key in _predecessors(job) if key in jobs)
    namespace = job.metadata.namespace

    def waits_for(name: str) -> Iterable[str]:
        other = jobs.get(Key(namespace, name))
        if other is None or not other.is_ours or not is_held_back_by_others(other):
            return ()
        return (dependency.name for dependency in other.spec.depends_on)

    cycle = find_cycle(job.metadata.name, waits_for) if dependents.has(key_of(job.metadata)) else ()
    return Predecessors(phases=dict(there), cycle=cycle)
