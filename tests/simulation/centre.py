"""A Slurm centre as the agent's core can meet it: it forgets, it repeats, it answers late or not at all."""

import random
from datetime import datetime, timedelta

from computility.lifecycle.evidence import (
    Claim,
    ClaimHolder,
    Look,
    Result,
    SubmitAnswer,
    WorkloadState,
)
from computility.model.assignment import Fault, Workload
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason
from simulation.records import Chunk, Files, Payload, Record, Start, Wrapper

MEMORY = timedelta(seconds=5)
"""A controller that crashes may forget what it accepted this recently (slurm.md 0.2)."""
POSTPONED = {"busy": Reason.CENTRE_BUSY, "limit": Reason.LIMIT_REACHED}
GO_PATIENCE = timedelta(seconds=300)
"""The wrapper leaves when its go file has not come by then."""


class Centre:
    """One centre. `rules` switches its protections off, one at a time, to prove that each is needed."""

    def __init__(
        self, rng: random.Random, *, hold: bool = True, claim: bool = True, look_up: bool = True
    ) -> None:
        self.rng = rng
        self.hold, self.claim_holds, self.look_up = hold, claim, look_up
        self.records: list[Record] = []
        self.wrappers: list[Wrapper] = []
        self.files: dict[Payload, Files] = {}
        self.went: set[str] = set()
        """Attempts whose go file is there."""
        self.late: list[tuple[datetime, Chunk]] = []
        self.starts: list[Start] = []
        self.next_id = 100
        self.miscounts = False
        """Whether more of an array may run than was asked for: some was forgotten, or released by others."""
        self.tampered: set[Payload] = set()
        """Indices whose payloads destroyed their claim: what Slurm restarts of these starts again."""

    # What the agent can do ------------------------------------------------------------------------------

    def submit(self, chunk: Chunk, now: datetime, *, refuses: bool, fault: str | None) -> SubmitAnswer:
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
            self.late.append((now + timedelta(seconds=self.rng.uniform(0, 9.5)), chunk))
            return SubmitAnswer()
        native_id = self._accept(chunk, now)
        if fault == "lost":
            return SubmitAnswer()
        workload = Workload(native_id=str(native_id), chunk=chunk.number, submitted_at=now)
        return SubmitAnswer(workload=workload)

    def go(self, name: str) -> None:
        self.went.add(name)

    def release(self, name: str, native_id: str) -> None:
        for record in self._listed(name):
            if str(record.native_id) == native_id and record.state is WorkloadState.HELD:
                record.state = WorkloadState.QUEUED

    def burn(self, name: str, indices: IndexSet, now: datetime) -> None:
        for index in indices:
            files = self._files((name, index))
            if files.claim.holder is ClaimHolder.NOBODY:
                files.claim = Claim(holder=ClaimHolder.AGENT, claimed_at=now)

    def cancel(self, name: str, indices: IndexSet, now: datetime) -> None:
        for record in self._listed(name):
            if record.index in indices and record.state is not WorkloadState.ENDED:
                self._end(record, "CANCELLED", Reason.CANCELLED_AT_CENTRE, Fault.SITE)
                self._kill(record, now, leaves_result=self.rng.random() < 0.8)

    def tidy(self, name: str) -> None:
        """Leave claims and results; what nobody has claimed is left as it is."""
        self.went.discard(name)
        for payload, files in self.files.items():
            if payload[0] == name and files.claim.holder is not ClaimHolder.NOBODY:
                files.started_at, files.is_tidy = None, True

    def look(
        self, name: str, indices: IndexSet, now: datetime, *, complete: bool, known_ids: set[str]
    ) -> Look:
        """Read all that stands here; an incomplete look misses what it could not read."""
        if not complete:
            return Look(taken_at=now, complete=False, problem="the controller did not answer")
        seen = tuple(r.seen for r in self._listed(name) if self.look_up or str(r.native_id) in known_ids)
        found = {i: self.files[name, i] for i in indices if (name, i) in self.files}
        return Look(
            taken_at=now,
            complete=True,
            workloads=seen,
            go=name in self.went,
            indices={i: files.look(now) for i, files in found.items()},
        )

    # What happens by itself -----------------------------------------------------------------------------

    def tick(self, now: datetime) -> None:
        """Let the scheduler and every wrapper take a step."""
        for item in [i for i in self.late if i[0] <= now]:
            self.late.remove(item)
            self._accept(item[1], now)
        for record in self.records:
            if record.state is WorkloadState.QUEUED and self.rng.random() < 0.7 and self._has_slot(record):
                record.state = WorkloadState.ACTIVE
                self.wrappers.append(Wrapper(record.native_id, (record.name, record.index)))
            elif record.state is WorkloadState.ENDED and self.rng.random() < 0.1:
                record.purged = True
        for wrapper in list(self.wrappers):
            self._step(wrapper, now)

    def _has_slot(self, record: Record) -> bool:
        same = (r for r in self.records if r.native_id == record.native_id and r.name == record.name)
        return sum(r.state is WorkloadState.ACTIVE for r in same) < record.most

    def _step(self, wrapper: Wrapper, now: datetime) -> None:
        files = self._files(wrapper.payload)
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
            if wrapper.payload[0] in self.went:
                wrapper.started_at = files.started_at = now
                wrapper.ends_at = now + timedelta(seconds=self.rng.choice((0.2, 2, 8, 30)))
                self.starts.append(Start(wrapper.payload, wrapper.native_id))
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
                self.miscounts = True
                self.next_id = min(self.next_id, record.native_id)
                if self.rng.random() < 0.5:
                    self._kill(record, now, leaves_result=False)

    def destroy_claim(self) -> None:
        """A payload removes its own claim."""
        started = [
            p for p, f in sorted(self.files.items()) if f.claim.holder is ClaimHolder.PAYLOAD and f.started_at
        ]
        if started:
            payload = self.rng.choice(started)
            self.files[payload].claim = Claim()
            self.files[payload].result = None
            self.tampered.add(payload)

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
            self._kill(record, now, leaves_result=False)
            record.state = WorkloadState.QUEUED

    def meddle(self, now: datetime) -> None:
        """Cancel or release a workload from the centre's side, unasked."""
        alive = [r for r in self.records if r.state is not WorkloadState.ENDED]
        if not alive:
            return
        record = self.rng.choice(alive)
        if record.state is WorkloadState.HELD and self.rng.random() < 0.5:
            record.state, self.miscounts = WorkloadState.QUEUED, True
            return
        self._end(record, "CANCELLED", Reason.CANCELLED_AT_CENTRE, Fault.SITE)
        self._kill(record, now, leaves_result=self.rng.random() < 0.5)

    # What the checks ask --------------------------------------------------------------------------------

    def running(self) -> list[Payload]:
        return [w.payload for w in self.wrappers if w.started_at is not None]

    def leftovers(self) -> list[str]:
        alive = [r.name for r in self.records if r.state is not WorkloadState.ENDED]
        return [*alive, *(w.payload[0] for w in self.wrappers), *(chunk.name for _, chunk in self.late)]

    # ----------------------------------------------------------------------------------------------------

    def _accept(self, chunk: Chunk, now: datetime) -> int:
        state = WorkloadState.HELD if self.hold else WorkloadState.QUEUED
        if not self.hold:
            self.go(chunk.name)
        native_id, self.next_id = self.next_id, self.next_id + 1
        for index in chunk.indices:
            self.records.append(Record(native_id, chunk.name, chunk.number, index, chunk.most, state, now))
        return native_id

    def _listed(self, name: str) -> list[Record]:
        return [r for r in self.records if r.name == name and not r.purged and not r.hidden]

    def _files(self, payload: Payload) -> Files:
        return self.files.setdefault(payload, Files())

    def _end(self, record: Record, word: str, ending: Reason | None, fault: Fault | None) -> None:
        record.state, record.word, record.ending, record.fault = WorkloadState.ENDED, word, ending, fault

    def _leave(self, wrapper: Wrapper, word: str) -> None:
        self.wrappers.remove(wrapper)
        for record in self.records:
            if record.native_id == wrapper.native_id and (record.name, record.index) == wrapper.payload:
                self._end(record, word, None, None)

    def _kill(self, record: Record, now: datetime, *, leaves_result: bool) -> None:
        mine = (record.native_id, (record.name, record.index))
        for wrapper in [w for w in self.wrappers if (w.native_id, w.payload) == mine]:
            if wrapper.started_at is not None and leaves_result:
                self._write_result(wrapper, now, signal=15)
            elif wrapper.started_at is not None:
                self._mark_ended(wrapper, now, None)
            self.wrappers.remove(wrapper)

    def _write_result(
        self, wrapper: Wrapper, now: datetime, exit_code: int | None = None, signal: int | None = None
    ) -> None:
        files = self._files(wrapper.payload)
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
            same = start.payload == wrapper.payload and start.native_id == wrapper.native_id
            if same and start.ended_at is None:
                start.ended_at, start.exit_code = now, exit_code
