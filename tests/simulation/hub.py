"""A hub process in the simulation: lagging views, one effect a step; it may sleep or die between any two."""

import random
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime

import msgspec

from computility.lifecycle.hub_actions import Action, Create, Delete, GiveUp
from computility.lifecycle.job import JobDecision, JobView, decide_job
from computility.lifecycle.orphan import decide_orphan
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob, ComputeJobStatus
from computility.model.meta import Key
from computility.placement.snapshot import Snapshot
from simulation.api import Api, Conflict, Informer, Violation

Decide = Callable[[JobView, datetime], JobDecision]
Facts = Callable[[Iterable[ComputeJob]], Snapshot]

MOST_WRITES = 4
"""So many writes may follow one another while nothing else changes: book, end or place, and no more."""

LOST_ANSWER = 0.02
"""How often an effect is done but its answer never comes, so that what follows from it is not done."""


class SimHub:
    """One hub process. Whether it leads is asked when it decides, not before each effect: a slept leader."""

    def __init__(
        self, api: Api, rng: random.Random, facts: Facts, removed: set[str], decide: Decide = decide_job
    ) -> None:
        self.api, self.rng, self.facts, self.removed, self.decide = api, rng, facts, removed, decide
        self.leads = False
        self.assignments = Informer(api, Assignment)
        self.jobs = Informer(api, ComputeJob)
        self.pending: deque[tuple[Callable[..., None], tuple[object, ...]]] = deque()

    def crash(self) -> None:
        """Lose everything in memory; on the way up Assignments are listed before jobs."""
        self.pending.clear()
        self.assignments.relist()
        self.jobs.relist()

    def deliver(self, rng: random.Random) -> None:
        informer = rng.choice((self.assignments, self.jobs))
        informer.deliver(rng.choice((1, 1, 2, 5)))

    def step(self, now: datetime) -> None:
        """Perform the next effect, or decide about some job or orphan."""
        if self.pending:
            effect, arguments = self.pending.popleft()
            try:
                effect(*arguments)
            except Conflict:
                self.pending.clear()
            if self.rng.random() < LOST_ANSWER:
                self.pending.clear()
            return
        if not self.leads:
            return
        targets = self.targets()
        self.rng.shuffle(targets)
        for target in targets:
            self.look_at(target, now)
            if self.pending:
                return

    def look_at(self, target: ComputeJob | Assignment, now: datetime) -> None:
        """Decide about one job or orphan and queue the effects."""
        if isinstance(target, Assignment):
            work = target.spec.job
            live = self.api.get(ComputeJob, Key(work.namespace, work.name))
            self._queue(decide_orphan(target, live.metadata.uid if live else None))
            return
        decision = self.decide(self._view(target), now)
        if decision.needs_live:
            live = self.api.get(ComputeJob, Key(target.metadata.namespace, target.metadata.name))
            if live is None or live.metadata.uid != target.metadata.uid:
                return
            decision = self.decide(self._view(live, is_live=True), now)
            target = live
        self._queue(decision.actions)
        if decision.status is not None:
            if self.rng.random() < 0.1:
                self._expect_rest(target, now)
            self.pending.append((self._write, (target, decision.status)))

    def _expect_rest(self, job: ComputeJob, now: datetime) -> None:
        """Follow a job's decisions while nothing else changes: they must come to rest."""
        for _ in range(MOST_WRITES):
            status = self.decide(self._view(job, is_live=True), now).status
            if status is None:
                return
            job = msgspec.structs.replace(job, status=status)
        raise Violation(f"broken: a status comes to rest: {job.metadata.uid} is written again and again")

    def _view(self, job: ComputeJob, *, is_live: bool = False) -> JobView:
        meta = job.metadata
        own, earlier = {}, ""
        for assignment in self.assignments.view.values():
            work = assignment.spec.job
            if work.uid == meta.uid:
                own[assignment.metadata.name] = assignment
            elif (work.namespace, work.name) == (meta.namespace, meta.name):
                earlier = assignment.metadata.name
        snapshot = self.facts(self.jobs.view.values())
        return JobView(
            job=job,
            assignments=own,
            snapshot=snapshot,
            is_live=is_live,
            removed=frozenset(self.removed),
            namesake=earlier,
        )

    def targets(self) -> list[ComputeJob | Assignment]:
        """Return what there is to look at: every job, and every Assignment without one."""
        uids = {job.metadata.uid for job in self.jobs.view.values()}
        orphans = [a for a in self.assignments.view.values() if a.spec.job.uid not in uids]
        return [*self.jobs.view.values(), *orphans]

    def _queue(self, actions: tuple[Action, ...]) -> None:
        self.pending.extend((self._perform, (action,)) for action in actions)

    def _perform(self, action: Action) -> None:
        match action:
            case Create(assignment=assignment):
                with suppress(Conflict):  # it is there: as good
                    self.api.create(assignment)
            case GiveUp(namespace=namespace, name=name, uid=uid):
                self.api.give_up(Key(namespace, name), uid)
            case Delete(namespace=namespace, name=name, uid=uid):
                self.api.delete(Assignment, Key(namespace, name), uid)

    def _write(self, job: ComputeJob, status: ComputeJobStatus) -> None:
        meta = job.metadata
        self.api.write_status(
            ComputeJob, Key(meta.namespace, meta.name), meta.uid, meta.resource_version, status
        )
