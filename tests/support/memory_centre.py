"""A centre in memory: what the agent's shell needs of a backend, exact to the clock that it is given.

It stands beside the simulated centre for what that cannot show: answers that are lost, workloads that hide,
and the record on the Assignment before a release, which a backend inside the journal's transaction spares.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from computility.backends.protocol import BackendUnreachable, Part, PoolReport, StartAsk, Submission, Target
from computility.lifecycle.evidence import (
    Claim,
    ClaimHolder,
    IndexLook,
    Look,
    Result,
    SeenWorkload,
    SubmitAnswer,
    WorkloadState,
)
from computility.model.assignment import Workload
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason
from computility.model.resource_pool import BackendInfo, Capacity


@dataclass
class Job:
    """One index of a workload: those of one submission have its native id in common."""

    native_id: str
    chunk: int = 0
    index: int = 0
    state: WorkloadState = WorkloadState.HELD
    ending: Reason | None = None

    @property
    def seen(self) -> SeenWorkload:
        return SeenWorkload(
            native_id=self.native_id,
            chunk=self.chunk,
            indices=IndexSet.of([self.index]),
            state=self.state,
            ending=self.ending,
        )


@dataclass
class IndexFiles:
    """What a wrapper has left on the shared file system."""

    claim: Claim = field(default_factory=Claim)
    started_at: datetime | None = None
    result: Result | None = None

    @property
    def look(self) -> IndexLook:
        return IndexLook(claim=self.claim, started_at=self.started_at, result=self.result)


@dataclass
class Files:
    """What there is of an attempt."""

    go: bool = False
    is_tidy: bool = False
    max_concurrent: int | None = None
    indices: dict[int, IndexFiles] = field(default_factory=dict)

    def of(self, index: int) -> IndexFiles:
        return self.indices.setdefault(index, IndexFiles())


class MemoryCentre:
    """A backend whose payloads all run for `run_seconds` and end with `exit_code`.

    Args:
        clock: Says what time it is.
        exit_codes: With what single indices of an array end instead.
        is_full: Whether released workloads wait for ever.
    """

    is_atomic = False

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        run_seconds: float = 5.0,
        exit_code: int = 0,
        exit_codes: Mapping[int, int] | None = None,
        is_full: bool = False,
    ) -> None:
        self.clock = clock
        self.run = timedelta(seconds=run_seconds)
        self.exit_code = exit_code
        self.exit_codes = exit_codes or {}
        self.is_full = is_full
        self.is_away = False
        self.starts_in = 0.0
        """In how many seconds any job of up to 4 nodes would start."""
        self.refuses_forecasts = False
        self.postpones: Reason | None = None
        self.hidden_until = clock()
        self.jobs: dict[str, list[Job]] = {}
        self.files: dict[str, Files] = {}
        self.starts: Counter[str] = Counter()
        self.starts_of_indices: Counter[tuple[str, int]] = Counter()
        self.most_at_once: Counter[str] = Counter()
        self.calls: list[tuple[str, tuple[str, ...]]] = []
        self._submits = 0

    def hide_for(self, seconds: float) -> None:
        """Show no workloads for a while, as a controller that is still busy with a submit."""
        self.hidden_until = self.clock() + timedelta(seconds=seconds)

    async def describe(self) -> BackendInfo:
        self._call("describe", ())
        return BackendInfo(version="memory 1", cluster="memory")

    async def look(self, targets: Sequence[Target]) -> Mapping[str, Look]:
        self.calls.append(("look", tuple(target.name for target in targets)))
        return {target.name: self._look(target) for target in targets}

    async def submit(self, submissions: Sequence[Submission]) -> Mapping[Part, SubmitAnswer]:
        self._call("submit", [one.target.name for one in submissions])
        return {(one.target.name, one.chunk): self._answer(one) for one in submissions}

    async def go(self, targets: Sequence[Target]) -> None:
        self._call("go", [target.name for target in targets])
        for target in targets:
            self._files(target.name).go = True

    async def release(self, targets: Sequence[tuple[Target, str]]) -> None:
        self._call("release", [target.name for target, _ in targets])
        for target, native_id in targets:
            for job in self.jobs.get(target.name, []):
                if job.native_id == native_id and job.state is WorkloadState.HELD:
                    job.state = WorkloadState.QUEUED

    async def burn(self, targets: Sequence[Target]) -> None:
        self._call("burn", [target.name for target in targets])
        for target in targets:
            for index in target.indices:
                mine = self._files(target.name).of(index)
                if mine.claim.holder is ClaimHolder.NOBODY:
                    mine.claim = Claim(holder=ClaimHolder.AGENT, claimed_at=self.clock())

    async def cancel(self, targets: Sequence[Target]) -> None:
        self._call("cancel", [target.name for target in targets])
        for target in targets:
            for job in self._meant(target):
                self._cancel(target.name, job)

    async def tidy(self, targets: Sequence[Target]) -> None:
        self._call("tidy", [target.name for target in targets])
        for target in targets:
            files = self._files(target.name)
            files.go, files.is_tidy = False, True
            for mine in files.indices.values():
                mine.started_at = None

    async def capacity(self, partitions: Sequence[str], ours: Sequence[Target]) -> Mapping[str, PoolReport]:
        total = Capacity() if self.is_away else Capacity(nodes=4, cores=8)
        return {
            name: PoolReport(
                partition=name,
                complete=not self.is_away,
                observed_at=self.clock(),
                total=total,
                used_by_others=Capacity(),
                unavailable=Capacity(),
                problem="the controller does not answer" if self.is_away else "",
            )
            for name in partitions
        }

    async def forecast(self, asks: Sequence[StartAsk]) -> Mapping[StartAsk, float]:
        self._call("forecast", [str(ask.nodes) for ask in asks])
        if self.refuses_forecasts:
            raise BackendUnreachable("sbatch says no start")
        return {ask: self.starts_in for ask in asks if ask.nodes <= 4}

    def _call(self, verb: str, names: Sequence[str]) -> None:
        if self.is_away:
            raise BackendUnreachable("the controller does not answer")
        self.calls.append((verb, tuple(names)))

    def _answer(self, submission: Submission) -> SubmitAnswer:
        if self.postpones is not None:
            return SubmitAnswer(postponed=self.postpones, message="not now")
        return SubmitAnswer(workload=self._accept(submission))

    def _accept(self, submission: Submission) -> Workload:
        name, native_id = submission.target.name, str(self._submits + 11)
        self._submits += 1
        self._files(name).max_concurrent = submission.work.max_concurrent
        self.jobs.setdefault(name, []).extend(
            Job(native_id, submission.chunk, index) for index in submission.target.indices
        )
        return Workload(native_id=native_id, chunk=submission.chunk, submitted_at=self.clock())

    def _look(self, target: Target) -> Look:
        if self.is_away:
            return Look(taken_at=self.clock(), complete=False, problem="the controller does not answer")
        files = self._files(target.name)
        for job in self.jobs.get(target.name, []):
            self._step(target.name, job, files)
        is_hidden = self.clock() < self.hidden_until
        return Look(
            taken_at=self.clock(),
            complete=True,
            workloads=() if is_hidden else tuple(job.seen for job in self.jobs.get(target.name, [])),
            indices={i: mine.look for i, mine in files.indices.items() if i in target.indices},
            go=files.go,
        )

    def _step(self, name: str, job: Job, files: Files) -> None:
        """Let the scheduler and the wrapper do what they would have done by now."""
        if job.state is WorkloadState.QUEUED and self._has_room(name, files):
            self._begin(job, files.of(job.index))
        mine = files.of(job.index)
        if job.state is not WorkloadState.ACTIVE:
            return
        if mine.started_at is None and files.go:
            mine.started_at = self.clock()
            self.starts[name] += 1
            self.starts_of_indices[name, job.index] += 1
            self.most_at_once[name] = max(self.most_at_once[name], self._active(name))
        if mine.started_at and self.clock() >= mine.started_at + self.run:
            code = self.exit_codes.get(job.index, self.exit_code)
            self._end(job, mine, mine.started_at + self.run, exit_code=code)

    def _has_room(self, name: str, files: Files) -> bool:
        limit = files.max_concurrent
        return not self.is_full and (limit is None or self._active(name) < limit)

    def _active(self, name: str) -> int:
        return sum(job.state is WorkloadState.ACTIVE for job in self.jobs[name])

    def _begin(self, job: Job, mine: IndexFiles) -> None:
        if mine.claim.holder is ClaimHolder.NOBODY:
            job.state = WorkloadState.ACTIVE
            mine.claim = Claim(holder=ClaimHolder.PAYLOAD, native_id=job.native_id, claimed_at=self.clock())
        else:
            job.state = WorkloadState.ENDED

    def _cancel(self, name: str, job: Job) -> None:
        mine = self._files(name).of(job.index)
        if job.state is WorkloadState.ACTIVE and mine.started_at is not None:
            self._end(job, mine, self.clock(), signal=15)
        elif job.state is not WorkloadState.ENDED:
            job.state, job.ending = WorkloadState.ENDED, Reason.CANCELLED_AT_CENTRE

    def _end(self, job: Job, mine: IndexFiles, at: datetime, **how: int) -> None:
        assert mine.started_at is not None
        job.state = WorkloadState.ENDED
        mine.result = Result(
            started_at=mine.started_at,
            ended_at=at,
            run_seconds=(at - mine.started_at).total_seconds(),
            **how,
        )

    def _meant(self, target: Target) -> Iterator[Job]:
        return (job for job in self.jobs.get(target.name, []) if job.index in target.indices)

    def _files(self, name: str) -> Files:
        return self.files.setdefault(name, Files())
