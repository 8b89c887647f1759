"""A Slurm centre as the agent's core can meet it: it forgets, it repeats, it answers late or not at all."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from computility.lifecycle.evidence import (
    Claim,
    ClaimHolder,
    Look,
    Result,
    SeenWorkload,
    SubmitAnswer,
    WorkloadState,
)
from computility.model.assignment import Fault, Workload
from computility.model.reasons import Reason

MEMORY = timedelta(seconds=5)
"""A controller that crashes may forget what it accepted this recently (slurm.md 0.2)."""
POSTPONED = {"busy": Reason.CENTRE_BUSY, "limit": Reason.LIMIT_REACHED}
GO_PATIENCE = timedelta(seconds=300)
"""The wrapper leaves when its go file has not come by then."""


@dataclass
class Record:
    """What the controller knows of a workload."""

    native_id: int
    name: str
    state: WorkloadState
    submitted_at: datetime
    word: str = ""
    ending: Reason | None = None
    fault: Fault | None = None
    purged: bool = False
    hidden: bool = False
    """Not listed for now, although the list looks whole: an amnesia that passes."""


@dataclass
class Wrapper:
    """The process on the node; it lives on when the controller forgets it."""

    native_id: int
    name: str
    claimed: bool = False
    started_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass
class Files:
    """What lies on the shared file system for one attempt."""

    claim: Claim = field(default_factory=Claim)
    go: bool = False
    started_at: datetime | None = None
    result: Result | None = None
    visible_at: datetime | None = None
    is_tidy: bool = False


@dataclass
class Start:
    """A payload that was started, and when it ended."""

    name: str
    native_id: int
    ended_at: datetime | None = None
    exit_code: int | None = None


class Centre:
    """One centre. `rules` switches its protections off, one at a time, to prove that each is needed."""

    def __init__(
        self, rng: random.Random, *, hold: bool = True, claim: bool = True, look_up: bool = True
    ) -> None:
        self.rng = rng
        self.hold, self.claim_holds, self.look_up = hold, claim, look_up
        self.records: list[Record] = []
        self.wrappers: list[Wrapper] = []
        self.files: dict[str, Files] = {}
        self.late: list[tuple[datetime, str]] = []
        self.starts: list[Start] = []
        self.next_id = 100
        self.tampered: set[str] = set()
        """Attempts whose payloads destroyed their claim: what Slurm restarts of these starts again."""

    # What the agent can do ------------------------------------------------------------------------------

    def submit(self, name: str, now: datetime, *, refuses: bool, fault: str | None) -> SubmitAnswer:
        """Take a workload, held; `fault` is lost, late, dropped (each without an answer), busy or limit."""
        if refuses:
            return SubmitAnswer(
                refused=Reason.PARTITION_UNKNOWN, fault=Fault.SITE, message="no such partition"
            )
        if fault in POSTPONED:
            return SubmitAnswer(postponed=POSTPONED[fault], message="not now")
        if fault == "dropped":
            return SubmitAnswer()
        if fault == "late":
            self.late.append((now + timedelta(seconds=self.rng.uniform(0, 9.5)), name))
            return SubmitAnswer()
        record = self._accept(name, now)
        if fault == "lost":
            return SubmitAnswer()
        return SubmitAnswer(workload=Workload(native_id=str(record.native_id), submitted_at=now))

    def go(self, name: str) -> None:
        self._files(name).go = True

    def release(self, name: str, native_id: str) -> None:
        for record in self._listed(name):
            if str(record.native_id) == native_id and record.state is WorkloadState.HELD:
                record.state = WorkloadState.QUEUED

    def burn(self, name: str, now: datetime) -> None:
        files = self._files(name)
        if files.claim.holder is ClaimHolder.NOBODY:
            files.claim = Claim(holder=ClaimHolder.AGENT, claimed_at=now)

    def cancel(self, name: str, now: datetime) -> None:
        for record in self._listed(name):
            if record.state is not WorkloadState.ENDED:
                self._end(record, "CANCELLED", Reason.CANCELLED_AT_CENTRE, Fault.SITE)
                self._kill(record.native_id, now, leaves_result=self.rng.random() < 0.8)

    def tidy(self, name: str) -> None:
        """Leave the claim and the result; what nobody has claimed is left as it is."""
        files = self._files(name)
        if files.claim.holder is not ClaimHolder.NOBODY:
            files.go, files.started_at, files.is_tidy = False, None, True

    def look(self, name: str, now: datetime, *, complete: bool, known_ids: set[str]) -> Look:
        """Read all that stands here; an incomplete look misses what it could not read."""
        if not complete:
            return Look(taken_at=now, complete=False, problem="the controller did not answer")
        files = self._files(name)
        seen = tuple(
            SeenWorkload(
                native_id=str(r.native_id),
                state=r.state,
                word=r.word,
                ending=r.ending,
                fault=r.fault,
                submitted_at=r.submitted_at,
            )
            for r in self._listed(name)
            if self.look_up or str(r.native_id) in known_ids
        )
        is_visible = files.visible_at is not None and files.visible_at <= now
        return Look(
            taken_at=now,
            complete=True,
            workloads=seen,
            claim=files.claim,
            go=files.go,
            traces=files.started_at is not None,
            started_at=files.started_at,
            result=files.result if is_visible else None,
        )

    # What happens by itself -----------------------------------------------------------------------------

    def tick(self, now: datetime) -> None:
        """Let the scheduler and every wrapper take a step."""
        for item in [i for i in self.late if i[0] <= now]:
            self.late.remove(item)
            self._accept(item[1], now)
        for record in self.records:
            if record.state is WorkloadState.QUEUED and self.rng.random() < 0.7:
                record.state = WorkloadState.ACTIVE
                self.wrappers.append(Wrapper(record.native_id, record.name))
            elif record.state is WorkloadState.ENDED and self.rng.random() < 0.1:
                record.purged = True
        for wrapper in list(self.wrappers):
            self._step(wrapper, now)

    def _step(self, wrapper: Wrapper, now: datetime) -> None:
        files = self._files(wrapper.name)
        if not wrapper.claimed:
            if files.claim.holder is ClaimHolder.NOBODY:
                files.claim = Claim(
                    holder=ClaimHolder.PAYLOAD, native_id=str(wrapper.native_id), claimed_at=now
                )
            elif self.claim_holds:
                self._leave(wrapper, "FAILED")
                return
            wrapper.claimed = True
        elif wrapper.started_at is None:
            if files.go:
                wrapper.started_at = files.started_at = now
                wrapper.ends_at = now + timedelta(seconds=self.rng.choice((0.2, 2, 8, 30)))
                self.starts.append(Start(wrapper.name, wrapper.native_id))
            elif files.claim.claimed_at is not None and now - files.claim.claimed_at > GO_PATIENCE:
                self._leave(wrapper, "FAILED")
        elif wrapper.ends_at is not None and now >= wrapper.ends_at:
            code = self.rng.choice((0, 0, 0, 3))
            self._write_result(wrapper, now, exit_code=code)
            self._leave(wrapper, "COMPLETED" if code == 0 else "FAILED")

    # What goes wrong ------------------------------------------------------------------------------------

    def crash_controller(self, now: datetime) -> None:
        """Forget some of what was accepted last, hand its ids out again, leave its payloads running."""
        for record in list(self.records):
            if now - record.submitted_at < MEMORY and self.rng.random() < 0.5:
                self.records.remove(record)
                self.next_id = min(self.next_id, record.native_id)
                if self.rng.random() < 0.5:
                    self._kill(record.native_id, now, leaves_result=False)

    def destroy_claim(self) -> None:
        """A payload removes its own claim."""
        names = [
            n for n, f in sorted(self.files.items()) if f.claim.holder is ClaimHolder.PAYLOAD and f.started_at
        ]
        if names:
            name = self.rng.choice(names)
            self.files[name].claim = Claim()
            self.files[name].result = None
            self.tampered.add(name)

    def hide_or_show(self) -> None:
        """Leave a running workload out of the lists, or show those again that were left out."""
        hidden = [r for r in self.records if r.hidden]
        active = [r for r in self.records if r.state is WorkloadState.ACTIVE]
        for record in hidden:
            record.hidden = False
        if not hidden and active:
            self.rng.choice(active).hidden = True

    def show_all(self) -> None:
        for record in self.records:
            record.hidden = False

    def requeue(self, now: datetime) -> None:
        """Restart a running workload, as its owner or an administrator can."""
        active = [r for r in self.records if r.state is WorkloadState.ACTIVE]
        if active:
            record = self.rng.choice(active)
            self._kill(record.native_id, now, leaves_result=False)
            record.state = WorkloadState.QUEUED

    def meddle(self, now: datetime) -> None:
        """Cancel or release a workload from the centre's side, unasked."""
        alive = [r for r in self.records if r.state is not WorkloadState.ENDED]
        if not alive:
            return
        record = self.rng.choice(alive)
        if record.state is WorkloadState.HELD and self.rng.random() < 0.5:
            record.state = WorkloadState.QUEUED
            return
        self._end(record, "CANCELLED", Reason.CANCELLED_AT_CENTRE, Fault.SITE)
        self._kill(record.native_id, now, leaves_result=self.rng.random() < 0.5)

    # What the checks ask --------------------------------------------------------------------------------

    def running(self) -> list[str]:
        return [w.name for w in self.wrappers if w.started_at is not None]

    def leftovers(self) -> list[str]:
        alive = [r.name for r in self.records if r.state is not WorkloadState.ENDED]
        return [*alive, *(w.name for w in self.wrappers), *(name for _, name in self.late)]

    # ----------------------------------------------------------------------------------------------------

    def _accept(self, name: str, now: datetime) -> Record:
        state = WorkloadState.HELD if self.hold else WorkloadState.QUEUED
        if not self.hold:
            self.go(name)
        record = Record(self.next_id, name, state, now)
        self.next_id += 1
        self.records.append(record)
        return record

    def _listed(self, name: str) -> list[Record]:
        return [r for r in self.records if r.name == name and not r.purged and not r.hidden]

    def _files(self, name: str) -> Files:
        return self.files.setdefault(name, Files())

    def _end(self, record: Record, word: str, ending: Reason | None, fault: Fault | None) -> None:
        record.state, record.word, record.ending, record.fault = WorkloadState.ENDED, word, ending, fault

    def _leave(self, wrapper: Wrapper, word: str) -> None:
        self.wrappers.remove(wrapper)
        for record in self.records:
            if record.native_id == wrapper.native_id and record.name == wrapper.name:
                self._end(record, word, None, None)

    def _kill(self, native_id: int, now: datetime, *, leaves_result: bool) -> None:
        for wrapper in [w for w in self.wrappers if w.native_id == native_id]:
            if wrapper.started_at is not None and leaves_result:
                self._write_result(wrapper, now, signal=15)
            elif wrapper.started_at is not None:
                self._mark_ended(wrapper, now, None)
            self.wrappers.remove(wrapper)

    def _write_result(
        self, wrapper: Wrapper, now: datetime, exit_code: int | None = None, signal: int | None = None
    ) -> None:
        files = self._files(wrapper.name)
        assert wrapper.started_at is not None
        self._mark_ended(wrapper, now, exit_code)
        if files.claim.native_id != str(wrapper.native_id):
            return  # not the claim's nonce: no result
        files.result = Result(
            started_at=wrapper.started_at,
            ended_at=now,
            run_seconds=(now - wrapper.started_at).total_seconds(),
            exit_code=exit_code,
            signal=signal,
        )
        files.visible_at = now + timedelta(seconds=self.rng.choice((0, 0, 1, 4)))

    def _mark_ended(self, wrapper: Wrapper, now: datetime, exit_code: int | None) -> None:
        for start in self.starts:
            if start.name == wrapper.name and start.native_id == wrapper.native_id and start.ended_at is None:
                start.ended_at, start.exit_code = now, exit_code
