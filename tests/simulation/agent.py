"""An agent process in the simulation: a journal that lasts, views that lag, one effect a step."""

import random
from collections import deque
from collections.abc import Callable
from datetime import datetime

from computility.agent.entries import (
    begin_submit,
    intend,
    keep_answer,
    note,
    note_claims_lost,
    note_ended,
    note_started,
    settle,
)
from computility.lifecycle.agent_actions import (
    Action,
    Burn,
    Cancel,
    Go,
    Note,
    NoteClaimsLost,
    NoteEnded,
    NoteStarted,
    Record,
    Release,
    Report,
    Settle,
    Submit,
    Tidy,
    WriteIntent,
)
from computility.lifecycle.attempt import decide_attempt
from computility.lifecycle.attempt_view import AttemptView
from computility.lifecycle.endings import report_held
from computility.lifecycle.entry import Entry
from computility.lifecycle.evidence import Look, SubmitAnswer
from computility.model.assignment import Assignment, AssignmentStatus
from computility.model.meta import Key
from simulation.api import Api, Conflict, Informer
from simulation.centre import Centre
from simulation.hub import LOST_ANSWER
from simulation.records import Chunk

SUBMIT_FAULTS = (None, None, None, None, "lost", "late", "dropped", "busy", "limit")


class SimAgent:
    """One member's agent over one centre; `refuses` makes the centre turn every submit down.

    `is_atomic`: the centre takes what is submitted in the journal's own transaction.
    """

    def __init__(
        self,
        api: Api,
        centre: Centre,
        rng: random.Random,
        namespace: str,
        *,
        refuses: bool = False,
        is_atomic: bool = False,
    ) -> None:
        self.api, self.centre, self.rng = api, centre, rng
        self.namespace, self.refuses, self.is_atomic = namespace, refuses, is_atomic
        self.faulty = True
        self.is_locked_out = False
        """Its member was removed: it may run on, but hears and says nothing any more."""
        self.is_draining = False
        self.journal: dict[str, Entry] = {}
        self.assignments = Informer(api, Assignment)
        self.forget()

    def forget(self) -> None:
        """Lose what is only in memory."""
        self.looks: dict[str, Look] = {}
        self.due: dict[str, datetime] = {}
        self.pending: deque[tuple[Callable[..., None], tuple[object, ...]]] = deque()

    def crash(self) -> None:
        self.forget()
        self.assignments.relist()

    def step(self, now: datetime) -> None:
        """Perform the next effect, or decide about some attempt that is due."""
        if self.is_locked_out:
            return
        if self.pending:
            effect, arguments = self.pending.popleft()
            try:
                effect(*arguments, now)
            except Conflict:
                self.pending.clear()
            if self.faulty and self.rng.random() < LOST_ANSWER:
                self.pending.clear()
            return
        names = self.names()
        self.rng.shuffle(names)
        for name in names:
            self.look_at(name, now)
            if self.pending:
                return

    def live(self, now: datetime) -> None:
        """Hear everything, decide about everything, and perform it all."""
        if self.is_locked_out:
            return
        self.assignments.deliver(100)
        self._finish(now)
        for name in self.names():
            self.look_at(name, now)
            self._finish(now)

    def _finish(self, now: datetime) -> None:
        while self.pending:
            self.step(now)

    def names(self) -> list[str]:
        listed = [k.name for k in self.assignments.view if k.namespace == self.namespace]
        open_entries = [n for n, e in self.journal.items() if e.is_open]
        return sorted({*listed, *open_entries})

    def look_at(self, name: str, now: datetime) -> None:
        """Take the look that is due, decide, and queue the effects."""
        if name in self.due and self.due[name] <= now:
            complete = not self.faulty or self.rng.random() > 0.05
            indices = self.journal[name].open_indices or self.journal[name].indices
            known_ids = self._known_ids(name)
            self.looks[name] = self.centre.look(name, indices, now, complete=complete, known_ids=known_ids)
            del self.due[name]
        decision = decide_attempt(self._view(name), now)
        for action in decision.actions:
            self._queue(name, action)
        if decision.look_at is not None:
            # Decided about at every step: what was to be looked at by then must not be put off each time.
            self.due[name] = min(decision.look_at, self.due.get(name, decision.look_at))

    def _view(self, name: str) -> AttemptView:
        key = Key(self.namespace, name)
        assignment, entry = self.assignments.view.get(key), self.journal.get(name)
        is_gone = assignment is None and self.api.get(Assignment, key) is None
        return AttemptView(
            name=name,
            assignment=assignment,
            is_gone=is_gone,
            entry=entry,
            look=self.looks.get(name),
            is_atomic=self.is_atomic,
            is_draining=self.is_draining,
            start_by=entry.spec.job.start_by if entry else None,
        )

    def _known_ids(self, name: str) -> set[str]:
        entry, assignment = self.journal.get(name), self.assignments.view.get(Key(self.namespace, name))
        ids = {w.native_id for w in assignment.status.workloads} if assignment else set()
        for chunk in entry.chunks if entry else ():
            if chunk.answer is not None and chunk.answer.workload is not None:
                ids.add(chunk.answer.workload.native_id)
        return ids

    def _queue(self, name: str, action: Action) -> None:
        if isinstance(action, Submit) and self.is_atomic:
            self.pending.append((self._submit_all, (name, action.chunks)))
        elif isinstance(action, Submit):
            # Three effects with a crash possible between any two: journal, submit, journal the answer.
            self.pending.append((self._begin_submit, (name, action.chunks)))
            self.pending.extend((self._submit, (name, number)) for number in action.chunks)
        else:
            self.pending.append(
                (self._perform, (name, action, self.assignments.view.get(Key(self.namespace, name))))
            )

    def _begin_submit(self, name: str, chunks: tuple[int, ...], now: datetime) -> None:
        self.journal[name] = begin_submit(self.journal[name], chunks, now)

    def _submit_all(self, name: str, chunks: tuple[int, ...], now: datetime) -> None:
        self._begin_submit(name, chunks, now)
        for number in chunks:
            answer = self.centre.submit(self._chunk(name, number), now, refuses=self.refuses, fault=None)
            self._save_answer(name, number, answer, now)
        self.looks.pop(name, None)

    def _chunk(self, name: str, number: int) -> Chunk:
        entry = self.journal[name]
        indices = entry.chunk_sets[number]
        most = entry.spec.job.max_concurrent or len(indices)
        return Chunk(name=name, number=number, indices=indices, most=most)

    def _submit(self, name: str, number: int, now: datetime) -> None:
        fault = self.rng.choice(SUBMIT_FAULTS) if self.faulty else None
        answer = self.centre.submit(self._chunk(name, number), now, refuses=self.refuses, fault=fault)
        self.looks.pop(name, None)
        if answer.is_certain:
            self.pending.appendleft((self._save_answer, (name, number, answer)))

    def _save_answer(self, name: str, number: int, answer: SubmitAnswer, now: datetime) -> None:
        self.journal[name] = keep_answer(self.journal[name], number, answer)

    def _perform(self, name: str, action: Action, seen: Assignment | None, now: datetime) -> None:
        match action:
            case WriteIntent():
                self.journal[name] = intend(seen, "alice", action, now)
            case Note():
                self.journal[name] = note(self.journal[name], action)
            case NoteEnded():
                self.journal[name] = note_ended(self.journal[name], action)
            case NoteStarted():
                self.journal[name] = note_started(self.journal[name], action)
            case NoteClaimsLost():
                self.journal[name] = note_claims_lost(self.journal[name], action)
            case Settle():
                self.journal[name] = settle(self.journal[name], action, now)
            case Record(workloads=workloads):
                self._write(seen, report_held(seen.status, workloads))
            case Report(status=status):
                self._write(seen, status)
            case _:
                self._act(name, action, now)

    def _act(self, name: str, action: Action, now: datetime) -> None:
        match action:
            case Go():
                self.centre.go(name)
            case Release(native_ids=native_ids):
                for native_id in native_ids:
                    self.centre.release(name, native_id)
            case Burn(indices=indices):
                self.centre.burn(name, indices, now)
            case Cancel(indices=indices):
                self.centre.cancel(name, indices, now)
            case Tidy():
                self.centre.tidy(name)
        self.looks.pop(name, None)

    def _write(self, seen: Assignment, status: AssignmentStatus) -> None:
        meta = seen.metadata
        self.api.write_status(
            Assignment, Key(meta.namespace, meta.name), meta.uid, meta.resource_version, status
        )
