"""Jobs that arrived together, and were not looked at yet, change places in the work queue."""

from itertools import islice
from typing import NamedTuple, TypeGuard

from computility.hub.hub import Hub
from computility.hub.keys import Lane, Task, job_work
from computility.hub.snapshot import build_snapshot
from computility.hub.waiting import kind_of, wants_place_at_once
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key, key_of
from computility.placement.ask import Ask
from computility.placement.batch import arrange
from computility.placement.rehearsal import Kind, Round

MOST_TOGETHER = 1_000
"""So many change places at once; those behind them do so later, when their turn comes."""


class Arrival(NamedTuple):
    """A job in the order of the queue; it changes places with those of the same claim."""

    key: Key
    kind: Kind
    claim: tuple[str, int] | None


def arrange_arrivals(taken: Key, hub: Hub) -> None:
    """Rearrange the new jobs that are in the queue behind the one that was taken, each of them once.

    They keep the places that they have together, and nobody waits for anybody: a job that is alone goes as it
    came, and those that arrive meanwhile are behind them.
    """
    if taken in hub.arranged or not hub.queue.depth(Lane.NEWS):
        return
    first = hub.store.jobs.objects.get(taken)
    if not _is_new(first, hub):
        return
    behind = _new_jobs(hub)
    hub.arranged = {key_of(job.metadata) for job in behind}
    if len(behind) > 1:
        order = _arrange(first, behind, hub)
        hub.queue.rearrange(Lane.NEWS, [job_work(arrival.key) for arrival in order[1:]])


def _new_jobs(hub: Hub) -> list[ComputeJob]:
    """Return the jobs in the queue that nobody has looked at, in its order."""
    keys = (Key(work.namespace, work.name) for work in hub.queue.ready(Lane.NEWS) if work.task is Task.JOB)
    jobs = (hub.store.jobs.objects.get(key) for key in keys)
    return list(islice((job for job in jobs if _is_new(job, hub)), MOST_TOGETHER))


def _is_new(job: ComputeJob | None, hub: Hub) -> TypeGuard[ComputeJob]:
    """Say whether a job wants a place that has not been told yet that there is none, nor is to be called."""
    if job is None or not wants_place_at_once(job):
        return False
    return key_of(job.metadata) not in hub.store.waiting


def _arrange(first: ComputeJob, behind: list[ComputeJob], hub: Hub) -> list[Arrival]:
    """Return in which order they go; the first, which is being looked at already, stays it."""
    asks: dict[Kind, Ask] = {}
    arrivals = [_arrival(job, asks, hub) for job in (first, *behind)]
    arrivals[0] = arrivals[0]._replace(claim=None)
    now, snapshot = hub.now(), build_snapshot(hub)
    closed = hub.store.turns.closed_to(arrivals[0].key)
    shown = snapshot.without_room(closed) if closed else snapshot
    round_ = Round(asks, shown, now, hub.store.fair_share.shares(now))
    return list(arrange({"": arrivals}, round_)[""])


def _arrival(job: ComputeJob, asks: dict[Kind, Ask], hub: Hub) -> Arrival:
    """Return how a job queues; what the first of a kind asks for is noted."""
    kind = kind_of(job)
    if kind not in asks:
        asks[kind] = hub.store.waiting.build_ask(job)
    return Arrival(key_of(job.metadata), kind, (job.metadata.namespace, job.spec.priority))
