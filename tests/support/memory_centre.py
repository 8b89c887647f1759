"""A centre in memory: what the agent's shell needs of a backend, exact to the clock that it is given."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from computility.backends.protocol import BackendUnreachable, PoolReport, Submission, Target
from computility.lifecycle.evidence import (
    Claim,
    ClaimHolder,
    Look,
    Result,
    SeenWorkload,
    SubmitAnswer,
    WorkloadState,
)
from computility.model.assignment import Workload
from computility.model.reasons import Reason
from computility.model.resource_pool import BackendInfo, Capacity


@dataclass
class Job:
    """A workload, and what its wrapper has left on the shared file system."""

    native_id: str
    state: WorkloadState = WorkloadState.HELD
    ending: Reason | None = None


@dataclass
class Files:
    claim: Claim = field(default_factory=Claim)
    go: bool = False
    started_at: datetime | None = None
    result: Result | None = None
    is_tidy: bool = False


class MemoryCentre:
    """A backend whose payloads all run for `run_seconds` and end with `exit_code`.

    Args:
        clock: Says what time it is.
        is_full: Whether released workloads wait for ever.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        run_seconds: float = 5.0,
        exit_code: int = 0,
        is_full: bool = False,
    ) -> None:
        self.clock = clock
        self.run = timedelta(seconds=run_seconds)
        self.exit_code = exit_code
        self.is_full = is_full
        self.is_away = False
        self.postpones: Reason | None = None
        self.hidden_until = clock()
        self.jobs: dict[str, list[Job]] = {}
        self.files: dict[str, Files] = {}
        self.starts: Counter[str] = Counter()
        self.calls: list[tuple[str, tuple[str, ...]]] = []

    def hide_for(self, seconds: float) -> None:
        """Show no workloads for a while, as a controller that is still busy with a submit."""
        self.hidden_until = self.clock() + timedelta(seconds=seconds)

    async def describe(self) -> BackendInfo:
        self._call("describe", ())
        return BackendInfo(version="memory 1", cluster="memory")

    async def look(self, targets: Sequence[Target]) -> Mapping[str, Look]:
        names = [target.name for target in targets]
        self.calls.append(("look", tuple(names)))
        return {name: self._look(name) for name in names}

    async def submit(self, submissions: Sequence[Submission]) -> Mapping[str, SubmitAnswer]:
        names = [submission.target.name for submission in submissions]
        self._call("submit", names)
        return {name: self._answer(name) for name in names}

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
            files = self._files(target.name)
            if files.claim.holder is ClaimHolder.NOBODY:
                files.claim = Claim(holder=ClaimHolder.AGENT, claimed_at=self.clock())

    async def cancel(self, targets: Sequence[Target]) -> None:
        self._call("cancel", [target.name for target in targets])
        for target in targets:
            for job in self.jobs.get(target.name, []):
                self._cancel(target.name, job)

    async def tidy(self, targets: Sequence[Target]) -> None:
        self._call("tidy", [target.name for target in targets])
        for target in targets:
            files = self._files(target.name)
            files.go, files.started_at, files.is_tidy = False, None, True

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

    def _call(self, verb: str, names: Sequence[str]) -> None:
        if self.is_away:
            raise BackendUnreachable("the controller does not answer")
        self.calls.append((verb, tuple(names)))

    def _answer(self, name: str) -> SubmitAnswer:
        if self.postpones is not None:
            return SubmitAnswer(postponed=self.postpones, message="not now")
        return SubmitAnswer(workload=self._accept(name))

    def _accept(self, name: str) -> Workload:
        job = Job(native_id=str(len(self.jobs) * 10 + len(self.jobs.get(name, ())) + 11))
        self.jobs.setdefault(name, []).append(job)
        return Workload(native_id=job.native_id, submitted_at=self.clock())

    def _look(self, name: str) -> Look:
        if self.is_away:
            return Look(taken_at=self.clock(), complete=False, problem="the controller does not answer")
        files = self._files(name)
        for job in self.jobs.get(name, []):
            self._step(name, job, files)
        seen = tuple(
            SeenWorkload(native_id=job.native_id, state=job.state, ending=job.ending)
            for job in self.jobs.get(name, [])
            if self.clock() >= self.hidden_until
        )
        return Look(
            taken_at=self.clock(),
            complete=True,
            workloads=seen,
            claim=files.claim,
            go=files.go,
            started_at=files.started_at,
            result=files.result,
        )

    def _step(self, name: str, job: Job, files: Files) -> None:
        """Let the scheduler and the wrapper do what they would have done by now."""
        now = self.clock()
        if job.state is WorkloadState.QUEUED and not self.is_full:
            job.state = WorkloadState.ACTIVE
            if files.claim.holder is not ClaimHolder.NOBODY:
                job.state = WorkloadState.ENDED
                return
            files.claim = Claim(holder=ClaimHolder.PAYLOAD, native_id=job.native_id, claimed_at=now)
        if job.state is WorkloadState.ACTIVE and files.started_at is None and files.go:
            files.started_at = now
            self.starts[name] += 1
        if job.state is WorkloadState.ACTIVE and files.started_at and now >= files.started_at + self.run:
            self._end(job, files, files.started_at + self.run, exit_code=self.exit_code)

    def _cancel(self, name: str, job: Job) -> None:
        files = self._files(name)
        if job.state is WorkloadState.ACTIVE and files.started_at is not None:
            self._end(job, files, self.clock(), signal=15)
        elif job.state is not WorkloadState.ENDED:
            job.state, job.ending = WorkloadState.ENDED, Reason.CANCELLED_AT_CENTRE

    def _end(self, job: Job, files: Files, at: datetime, **how: int) -> None:
        assert files.started_at is not None
        job.state = WorkloadState.ENDED
        files.result = Result(
            started_at=files.started_at,
            ended_at=at,
            run_seconds=(at - files.started_at).total_seconds(),
            **how,
        )

    def _files(self, name: str) -> Files:
        return self.files.setdefault(name, Files())
