"""Whom a change concerns: their objects are queued, to be looked at anew."""

import random
from collections.abc import Callable
from typing import Any

from computility.hub.dependents import news_for_dependents
from computility.hub.heartbeats import Heartbeats
from computility.hub.keys import FIGURES, ROOM, WAKE, Lane, Work, job_work, member_of, member_work
from computility.hub.placement_reads import read_of_link, read_of_member, user_class_of
from computility.hub.queue import WorkQueue
from computility.hub.shelf import Change
from computility.hub.store import Store
from computility.kube.builtin import Lease, Namespace
from computility.kube.resource import Object
from computility.lifecycle.member_closing import is_emptied
from computility.lifecycle.placing import FIGURES_REST
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob
from computility.model.data_link import DataLink
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Key, key_of
from computility.model.resource_pool import ResourcePool

WAKE_SECONDS = 0.2
"""Waiting jobs are placed anew this long after something that may change the answer."""


class Router:
    """Queues what follows from a change that the store has taken in."""

    def __init__(self, store: Store, queue: WorkQueue, heartbeats: Heartbeats) -> None:
        self._store = store
        self._queue = queue
        self._heartbeats = heartbeats
        self._routes: dict[type[Object], Callable[[Change[Any]], None]] = {
            ComputeJob: self._route_job,
            Assignment: self._route_assignment,
            MemberCluster: self._route_member,
            ResourcePool: self._route_pool,
            DataLink: self._route_link,
            Namespace: self._route_namespace,
        }

    def route(self, type_: type[Object], change: Change[Any], *, is_news: bool) -> None:
        """Queue whom a change concerns; that a pool opens is seen once for all of its changes, elsewhere."""
        if type_ is Lease:
            self._route_lease(change, is_news=is_news)
        else:
            self._routes[type_](change)

    def pulse_changed(self, member: str) -> None:
        """Look anew at a member that fell silent or came back, at its jobs, and at those that wait."""
        self._queue.add(member_work(member), Lane.ENDS)
        self.queue_jobs_at(member)
        self.wake()

    def queue_jobs_at(self, member: str) -> None:
        """Look anew at the jobs with a live attempt at a member."""
        for key, job in self._store.jobs.objects.items():
            if job.is_ours and _is_live_at(member, job):
                self._queue.add(job_work(key), Lane.ENDS)

    def wake(self) -> None:
        """Have the waiting jobs placed anew, soon and once.

        A job whose wait is just being written needs no waking: it is decided on again after the write.
        """
        self._wake(WAKE)

    def call_waiting(self) -> None:
        """Have as many of the waiting jobs placed anew as there is room for, soon and once."""
        self._wake(ROOM)

    def _wake(self, whom: Work) -> None:
        if self._store.waiting:
            self._queue.add_after(whom, WAKE_SECONDS * random.uniform(0.9, 1.1))  # noqa: S311 - spreads load

    def tell_of_room(self) -> None:
        """Keep what pools have let go for the jobs that wait, if any do, and have these called."""
        freed = self._store.occupancy.freed
        if freed and self._store.waiting:
            self._store.turns.free(freed)
            self.call_waiting()
        freed.clear()

    def _route_job(self, change: Change[ComputeJob]) -> None:
        job = change.new or change.old
        assert job is not None  # noqa: S101 - a change has a side
        if news_for_dependents(change.old) != news_for_dependents(change.new):
            for dependent in self._store.dependents.of(key_of(job.metadata)):
                self._queue.add(job_work(dependent))
        if change.new is not None and not job.is_ours:
            return  # once it is gone, its Assignments are looked at
        is_new_work = change.new is not None and not job.status.attempts and not job.wants_cancel
        self._queue.add(job_work(key_of(job.metadata)), Lane.NEWS if is_new_work else Lane.ENDS)

    def _route_assignment(self, change: Change[Assignment]) -> None:
        """Look at the job of that name: its own attempt, or one that an earlier one has to wait for."""
        assignment = change.new or change.old
        work = assignment.spec.job if assignment else None
        if work is not None:
            self._queue.add(job_work(Key(work.namespace, work.name)), Lane.ENDS)
        if assignment is not None and change.new is None:
            self._look_at_emptied(member_of(assignment.metadata.namespace))

    def _look_at_emptied(self, name: str) -> None:
        """Look soon at a member that is to be empty and has lost something; of others nothing follows."""
        member = self._store.members.objects.get(Key("", name))
        if member is not None and is_emptied(member):
            self._queue.add_after(member_work(name), WAKE_SECONDS, Lane.ENDS)

    def _route_member(self, change: Change[MemberCluster]) -> None:
        member = change.new or change.old
        assert member is not None  # noqa: S101 - a change has a side
        self._queue.add(member_work(member.metadata.name), Lane.ENDS)
        if change.new is None:
            self.queue_jobs_at(member.metadata.name)
        if read_of_member(change.old) != read_of_member(change.new):
            self.wake()

    def _route_pool(self, change: Change[ResourcePool]) -> None:
        if self._store.is_awaited(change):
            self.ask_late()

    def ask_late(self) -> None:
        """Have those that miss their deadlines compared with what pools tell of their queues, in a while."""
        self._store.waiting.foreseen.hear_of_queues()
        self._queue.add_after(FIGURES, FIGURES_REST.total_seconds())

    def _route_link(self, change: Change[DataLink]) -> None:
        if read_of_link(change.old) != read_of_link(change.new):
            self.wake()

    def _route_namespace(self, change: Change[Namespace]) -> None:
        if change.new is not None and user_class_of(change.old) != user_class_of(change.new):
            self.wake()

    def _route_lease(self, change: Change[Lease], *, is_news: bool) -> None:
        lease = change.new or change.old
        member = member_of(lease.metadata.namespace) if lease else ""
        if not member:
            return
        if change.new is None:
            is_changed = self._heartbeats.forget(member)
        else:
            is_changed = self._heartbeats.hear(member, change.new.spec, is_news=is_news)
        if is_changed:
            self.pulse_changed(member)
        elif _told_by(change.old) != _told_by(change.new):
            self._queue.add(member_work(member), Lane.ENDS)


def _is_live_at(member: str, job: ComputeJob) -> bool:
    return any(a.member == member and not a.state.is_terminal for a in job.status.attempts)


def _told_by(lease: Lease | None) -> object:
    """Return what an agent's Lease says besides that it was renewed."""
    return (lease.metadata.annotations, lease.spec.holder_identity) if lease else None
