"""A second simulated centre, for tests: second by second, everything worked out anew, slow and plain.

It shares with the engine what is said to it (configuration and requests) and nothing of how it works. All
times are whole seconds, the detection of dead nodes takes a fixed time, and nothing comes by chance.
"""

from dataclasses import dataclass, field
from math import inf

from computility.backends.simulated.config import CentreConfig, NodeGroup
from computility.backends.simulated.records import Ending
from computility.backends.simulated.requests import Request

from .naive_tasks import NaiveJob, NaiveTask, Vector, covers, minus, need


@dataclass
class Naive:
    config: CentreConfig
    now: float = 0
    jobs: list[NaiveJob] = field(default_factory=list)
    turns: int = 0
    gone: set[str] = field(default_factory=set)
    burned: dict[str, set[int]] = field(default_factory=dict)
    claimed: set[tuple[str, int]] = field(default_factory=set)
    dead: dict[tuple[str, int], float] = field(default_factory=dict)
    must_look: set[str] = field(default_factory=set)

    # What is commanded.

    def submit(self, request: Request) -> int:
        tasks = [NaiveTask(index) for index in request.index_set]
        self.jobs.append(NaiveJob(len(self.jobs) + 1, request, tasks))
        return len(self.jobs)

    def release(self, name: str) -> None:
        for job in self.named(name):
            if job.turn is None and any(task.waits for task in job.tasks):
                self.turns += 1
                job.turn = self.turns
                self.must_look.add(self.group_of(job))

    def go(self, name: str) -> None:
        self.gone.add(name)
        for job in self.named(name):
            for task in job.tasks:
                if task.runs and task.ending is None and task.began_at is None:
                    task.began_at = self.now

    def burn(self, name: str) -> None:
        free = {index for index in range(10_000) if (name, index) not in self.claimed}
        self.burned.setdefault(name, set()).update(free)

    def cancel(self, name: str, indices: set[int]) -> None:
        for job in self.named(name):
            for task in job.tasks:
                if task.index in indices and task.waits:
                    task.withdrawn = True
                    self.must_look.add(self.group_of(job))
                elif task.index in indices and task.runs and task.ending is None:
                    self.tell(job, task, Ending.CANCELLED)
            self.close(job)

    def fail_node(self, group: str, node: int, repair_seconds: float) -> None:
        if (group, node) in self.dead:
            return
        noticed_at = self.now + self.config.faults.detection_seconds.least
        self.dead[group, node] = max(noticed_at, self.now + repair_seconds)
        self.must_look.add(group)
        for _, task in self.running(group):
            if node in task.nodes and task.dies_at is None and not task.lost_claim:
                task.dies_at, task.ending = noticed_at, Ending.NODE_FAILED

    # What happens.

    def run_to(self, to: float) -> None:
        self.settle()
        while self.now < to:
            self.now += 1
            while self.turn_one():
                pass
            if self.edge():
                self.must_look.update(group.name for group in self.config.groups)
            self.settle()

    def run_out(self) -> None:
        """Run until nothing can happen any more."""
        windows = (*self.config.maintenance, *self.config.drains, *self.config.faults.outages)
        last_edge = max((window.end for window in windows), default=0)
        while self.now <= last_edge or self.dead or any(t.runs for job in self.jobs for t in job.tasks):
            self.run_to(self.now + 1)

    def settle(self) -> None:
        """Do all that happens at this second: what is due, then a look at the queue, and again."""
        while True:
            changed = self.look_at_queues()
            while self.turn_one():
                changed = True
            if not changed:
                return

    def turn_one(self) -> bool:
        for key, repaired_at in self.dead.items():
            if repaired_at <= self.now:
                del self.dead[key]
                self.must_look.add(key[0])
                return True
        for job in self.jobs:
            for task in job.tasks:
                if task.runs and self.turn(job, task):
                    return True
        return False

    def turn(self, job: NaiveJob, task: NaiveTask) -> bool:
        run = job.request.run_of(task.index)
        if task.lost_claim:
            return self.end(job, task, 75, None)
        if task.dies_at is not None:
            return task.dies_at <= self.now and self.end(job, task, None, None)
        if task.began_at is not None and task.began_at + run.seconds <= self.now:
            task.ending = task.ending or Ending.EXITED
            return self.end(job, task, None if run.signal else run.exit_code, run.signal)
        if task.told_at is None:
            if task.stop_at - job.request.grace_seconds <= self.now:
                self.tell(job, task, Ending.TIME_LIMIT)
                return True
            return False
        wound_down = task.told_at + (run.wind_down_seconds if task.began_at is not None else 0)
        if wound_down <= self.now:
            return self.end(job, task, None, 15)
        return task.stop_at <= self.now and self.end(job, task, None, 9)

    def tell(self, job: NaiveJob, task: NaiveTask, ending: Ending) -> None:
        task.told_at, task.ending = self.now, ending
        task.stop_at = min(task.stop_at, self.now + job.request.grace_seconds)

    def end(self, job: NaiveJob, task: NaiveTask, exit_code: int | None, signal: int | None) -> bool:
        task.ended_at, task.exit_code, task.signal = self.now, exit_code, signal
        self.must_look.add(self.group_of(job))
        self.close(job)
        return True

    def close(self, job: NaiveJob) -> None:
        if job.ended_at is None and not any(task.waits or task.runs for task in job.tasks):
            job.ended_at = self.now

    # Who starts.

    def look_at_queues(self) -> bool:
        if not self.must_look or self.away():
            return False
        for group in self.config.groups:
            if group.name in self.must_look:
                self.look_at_queue(group)
        self.must_look.clear()
        return True

    def look_at_queue(self, group: NodeGroup) -> None:
        priority = {partition.name: partition.priority for partition in self.config.partitions}
        queued = [job for job in self.jobs if job.turn is not None and self.group_of(job) == group.name]
        queued.sort(key=lambda job: (-priority[job.request.partition], job.turn))
        first: NaiveJob | None = None
        reserved_at, reserved_nodes = inf, ()
        for job in queued:
            for task in job.tasks:
                if not task.waits or self.at_most(job) or self.overlaps(group, self.now, job.request):
                    continue
                if first is None:
                    nodes = self.choose(group, job.request, self.free_now(group))
                    if nodes:
                        self.start(job, task, nodes)
                        continue
                    first = job
                    reserved_at, reserved_nodes = self.reserve(group, job.request)
                    continue
                free = self.free_now(group)
                if self.now + job.request.limit_seconds > reserved_at:
                    then = self.free_then(group, reserved_at)
                    for node in reserved_nodes:
                        then[node] = minus(then[node], need(first.request))
                    fits_then = {n for n, left in then.items() if covers(left, need(job.request))}
                    free = {node: left for node, left in free.items() if node in fits_then}
                if nodes := self.choose(group, job.request, free):
                    self.start(job, task, nodes)

    def reserve(self, group: NodeGroup, request: Request) -> tuple[float, tuple[int, ...]]:
        for at in sorted({self.over_by(j, t) for j, t in self.running(group.name)}):
            if nodes := self.choose(group, request, self.free_then(group, at)):
                return (inf, ()) if self.overlaps(group, at, request) else (at, nodes)
        return inf, ()

    def free_now(self, group: NodeGroup) -> dict[int, Vector]:
        return self.free(group, self.running(group.name))

    def free_then(self, group: NodeGroup, at: float) -> dict[int, Vector]:
        """What is free on each node then, if what runs now takes its whole limit and no more starts."""
        return self.free(group, [(j, t) for j, t in self.running(group.name) if self.over_by(j, t) > at])

    def free(self, group: NodeGroup, holding: list[tuple[NaiveJob, NaiveTask]]) -> dict[int, Vector]:
        free = dict.fromkeys(range(group.nodes), (group.cores, group.cards, group.memory_mib))
        for job, task in holding:
            for node in task.nodes:
                free[node] = minus(free[node], need(job.request))
        return free

    def choose(self, group: NodeGroup, request: Request, free: dict[int, Vector]) -> tuple[int, ...]:
        fitting = [
            (left, node)
            for node, left in free.items()
            if covers(left, need(request)) and self.takes_work(group, node)
        ]
        fitting.sort()
        return tuple(n for _, n in fitting[: request.nodes]) if len(fitting) >= request.nodes else ()

    def start(self, job: NaiveJob, task: NaiveTask, nodes: tuple[int, ...]) -> None:
        name = job.request.name
        task.started_at, task.nodes = self.now, nodes
        task.stop_at = self.now + job.request.limit_seconds
        if task.index in self.burned.get(name, ()) or (name, task.index) in self.claimed:
            task.lost_claim, task.ending = True, Ending.CLAIM_TAKEN
            return
        self.claimed.add((name, task.index))
        if name in self.gone:
            task.began_at = self.now

    # What is so.

    def named(self, name: str) -> list[NaiveJob]:
        return [job for job in self.jobs if job.request.name == name]

    def group_of(self, job: NaiveJob) -> str:
        return next(p.group_name for p in self.config.partitions if p.name == job.request.partition)

    def running(self, group: str) -> list[tuple[NaiveJob, NaiveTask]]:
        here = [job for job in self.jobs if self.group_of(job) == group]
        return [(job, task) for job in here for task in job.tasks if task.runs]

    def over_by(self, job: NaiveJob, task: NaiveTask) -> float:
        return max(self.now, task.started_at + job.request.limit_seconds)

    def at_most(self, job: NaiveJob) -> bool:
        most = job.request.max_concurrent
        return most is not None and sum(task.runs for task in job.tasks) >= most

    def overlaps(self, group: NodeGroup, start: float, request: Request) -> bool:
        return any(
            (not window.groups or group.name in window.groups)
            and window.start < start + request.limit_seconds
            and start < window.end
            for window in self.config.maintenance
        )

    def takes_work(self, group: NodeGroup, node: int) -> bool:
        drained = any(
            drain.group == group.name
            and drain.start <= self.now < drain.end
            and node < (drain.nodes or group.nodes)
            for drain in self.config.drains
        )
        return not drained and (group.name, node) not in self.dead

    def away(self) -> bool:
        return any(outage.start <= self.now < outage.end for outage in self.config.faults.outages)

    def edge(self) -> bool:
        windows = (*self.config.maintenance, *self.config.drains, *self.config.faults.outages)
        return any(self.now in (window.start, window.end) for window in windows)
