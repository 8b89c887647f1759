"""Gathers what is known of one ComputeJob, for the decision about it."""

from collections.abc import Mapping, Set

from computility.hub.dependents import observe_predecessors
from computility.hub.hub import Hub
from computility.hub.snapshot import build_snapshot, silent_members
from computility.lifecycle.job import JobView
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key, key_of
from computility.placement.snapshot import Snapshot


def observe_job(
    job: ComputeJob, hub: Hub, removed: Set[str] = frozenset(), *, is_live: bool = False
) -> JobView:
    """Gather what is known of a job, and of the pools if it may be placed now."""
    meta = job.metadata
    own, namesake = {}, ""
    for assignment in hub.store.assignments_of(key_of(meta)):
        if assignment.spec.job is not None and assignment.spec.job.uid == meta.uid:
            own[assignment.metadata.name] = assignment
        else:
            namesake = assignment.metadata.name
    live = {a.member for a in job.status.attempts if not a.state.is_terminal}
    return JobView(
        job=job,
        assignments=own,
        snapshot=_snapshot_for(job, hub) if _may_be_placed(job, own, removed) else Snapshot(),
        is_live=is_live,
        silent=silent_members(live, hub),
        removed=frozenset(removed),
        namesake=namesake,
        predecessors=observe_predecessors(job, hub.store.jobs.objects, hub.store.dependents),
        earlier=_earlier(job, hub),
        user_class=hub.store.class_of(meta.namespace),
    )


def _earlier(job: ComputeJob, hub: Hub) -> ComputeJob | None:
    """Return the job whose work this one's is like, if it says so and there is one."""
    work = job.spec.work
    if work is None or work.similar_to is None:
        return None
    return hub.store.jobs.objects.get(Key(job.metadata.namespace, work.similar_to))


def _snapshot_for(job: ComputeJob, hub: Hub) -> Snapshot:
    """Show the pools as the job finds them: room that others wait for is not for one that was not called."""
    snapshot, closed = build_snapshot(hub), hub.store.turns.closed_to(key_of(job.metadata))
    return snapshot.without_room(closed) if closed else snapshot


def _may_be_placed(job: ComputeJob, own: Mapping[str, Assignment], removed: Set[str]) -> bool:
    """Say whether the decision can be a place: no attempt is live, or stays so once its end is booked."""
    if job.status.phase is not None and job.status.phase.is_terminal:
        return False
    reported = {a.spec.ordinal for a in own.values() if a.status.state.is_terminal}
    return all(
        a.state.is_terminal or a.ordinal in reported or a.member_uid in removed for a in job.status.attempts
    )
