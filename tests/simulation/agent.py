"""An agent process in the simulation: a journal that lasts, views that lag, one effect a step."""

import random
from collections import deque
from collections.abc import Callable
from datetime import datetime

import msgspec

from computility.agent.entries import begin_submit, keep_answer
from computility.lifecycle.agent_actions import (
    Action,
    Burn,
    Cancel,
    Go,
    Note,
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

SUBMIT_FAULTS = (None, None, None, None, "lost", "late", "dropped", "busy", "limit")


class SimAgent:
    """One member's agent over one centre; `refuses` makes the centre turn every submit down."""

    def __init__(
        self, api: Api, centre: Centre, rng: random.Random, namespace: str, *, refuses: bool = False
    ) -> None:
        self.api, self.centre, self.rng = api, centre, rng
        self.namespace, self.refuses = namespace, refuses
        self.faulty = True
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
        self.assignments.deliver(100)
        for name in self.names():
            self.look_at(name, now)
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
            self.looks[name] = self.centre.look(name, now, complete=complete, known_ids=self._known_ids(name))
            del self.due[name]
        decision = decide_attempt(self._view(name), now)
        for action in decision.actions:
            self._queue(name, action)
        if decision.look_at is not None:
            # Decided about at every step: what was to be looked at by then must not be put off each time.
            self.due[name] = min(decision.look_at, self.due.get(name, decision.look_at))

    def _view(self, name: str) -> AttemptView:
        key = Key(self.namespace, name)
        assignment = self.assignments.view.get(key)
        is_gone = assignment is None and self.api.get(Assignment, key) is None
        return AttemptView(
            name=name,
            assignment=assignment,
            is_gone=is_gone,
            entry=self.journal.get(name),
            look=self.looks.get(name),
        )

    def _known_ids(self, name: str) -> set[str]:
        entry, assignment = self.journal.get(name), self.assignments.view.get(Key(self.namespace, name))
        ids = {w.native_id for w in assignment.status.workloads} if assignment else set()
        if entry is not None and entry.answer is not None and entry.answer.workload is not None:
            ids.add(entry.answer.workload.native_id)
        return ids

    def _queue(self, name: str, action: Action) -> None:
        if isinstance(action, Submit):
            # Three effects with a crash possible between any two: journal, submit, journal the answer.
            self.pending.append((self._begin_submit, (name,)))
            self.pending.append((self._submit, (name,)))
        else:
            self.pending.append(
                (self._perform, (name, action, self.assignments.view.get(Key(self.namespace, name))))
            )

    def _begin_submit(self, name: str, now: datetime) -> None:
        self.journal[name] = begin_submit(self.journal[name], now)

    def _submit(self, name: str, now: datetime) -> None:
        fault = self.rng.choice(SUBMIT_FAULTS) if self.faulty else None
        answer = self.centre.submit(name, now, refuses=self.refuses, fault=fault)
        self.looks.pop(name, None)
        if answer.is_certain:
            self.pending.appendleft((self._save_answer, (name, answer)))

    def _save_answer(self, name: str, answer: SubmitAnswer, now: datetime) -> None:
        self.journal[name] = keep_answer(self.journal[name], answer)

    def _perform(self, name: str, action: Action, seen: Assignment | None, now: datetime) -> None:
        match action:
            case WriteIntent(tombstone=tombstone, refusal=refusal):
                self.journal[name] = Entry(
                    name=name,
                    spec=seen.spec,
                    account="alice",
                    intent_at=now,
                    refusal=refusal,
                    tombstone_at=now if tombstone else None,
                )
            case Note(field=field, at=at):
                self.journal[name] = msgspec.structs.replace(self.journal[name], **{field: at})
            case Settle(status=status):
                self.journal[name] = msgspec.structs.replace(
                    self.journal[name], settled=status, settled_at=now
                )
            case Record(workload=workload):
                status = report_held(seen.status, workload)
                self._write(seen, status)
            case Report(status=status):
                self._write(seen, status)
            case _:
                self._act(name, action, now)

    def _act(self, name: str, action: Action, now: datetime) -> None:
        match action:
            case Go():
                self.centre.go(name)
            case Release(native_id=native_id):
                self.centre.release(name, native_id)
            case Burn():
                self.centre.burn(name, now)
            case Cancel():
                self.centre.cancel(name, now)
            case Tidy():
                self.centre.tidy(name)
        self.looks.pop(name, None)

    def _write(self, seen: Assignment, status: AssignmentStatus) -> None:
        meta = seen.metadata
        self.api.write_status(
            Assignment, Key(meta.namespace, meta.name), meta.uid, meta.resource_version, status
        )
