"""What is asked of the centre about attempts that the journal knows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from computility.agent.accounts import AccountsTable, LocalTerms, resolve_work
from computility.agent.entries import begin_submit, keep_answer
from computility.agent.journal import Journal
from computility.agent.steps import Outcomes, Step, all_done
from computility.backends.protocol import Backend, BackendUnreachable, Part, Submission, Target
from computility.lifecycle.agent_actions import Burn, Cancel, Release, Submit
from computility.lifecycle.entry import Entry, Refusal
from computility.lifecycle.evidence import SubmitAnswer
from computility.model.assignment import JobWork
from computility.model.index_set import IndexSet


class Orders:
    """Asks the centre, many attempts at a time.

    Every order raises BackendUnreachable if part of it may not have been carried out: all are safe to repeat.
    """

    def __init__(
        self, backend: Backend, journal: Journal, table: AccountsTable, clock: Callable[[], datetime]
    ) -> None:
        self._backend = backend
        self._journal = journal
        self._table = table
        self._clock = clock

    async def submit(self, steps: Sequence[Step]) -> Outcomes:
        """Journal that submits begin, submit held, journal each answer that is certain."""
        now = self._clock()
        begun = {step.name: begin_submit(self._entry(step), _chunks(step), now) for step in steps}
        self._journal.write(begun.values())
        parts = [(step.name, chunk) for step in steps for chunk in _chunks(step)]
        for (name, chunk), answer in (await self._submit(begun, parts)).items():
            if answer.is_certain and name in begun:
                begun[name] = keep_answer(begun[name], chunk, answer)
        self._journal.write(begun.values())
        return all_done(steps)

    async def _submit(self, begun: Mapping[str, Entry], parts: Sequence[Part]) -> dict[Part, SubmitAnswer]:
        answers: dict[Part, SubmitAnswer] = {}
        submissions = []
        for name, chunk in parts:
            prepared = self._prepare(begun[name], chunk)
            if isinstance(prepared, Refusal):
                answers[name, chunk] = _refuse(prepared)
            else:
                submissions.append(prepared)
        if not submissions:
            return answers
        try:
            return answers | dict(await self._backend.submit(submissions))
        except BackendUnreachable:
            # No answer, as when a single one is missing: only a later look can tell.
            return answers

    def _prepare(self, entry: Entry, chunk: int) -> Submission | Refusal:
        """Resolve pool and tenant once more: the centre may have taken them back since the intent."""
        work = _work(entry)
        terms = resolve_work(self._table, work)
        return terms if isinstance(terms, Refusal) else _submission(entry, chunk, work, terms)

    async def go(self, steps: Sequence[Step]) -> Outcomes:
        """Let payloads start."""
        await self._backend.go(self._targets(steps))
        return all_done(steps)

    async def release(self, steps: Sequence[Step]) -> Outcomes:
        """Release held workloads."""
        await self._backend.release(
            [
                (target_of(self._entry(step)), native_id)
                for step in steps
                if isinstance(step.action, Release)
                for native_id in step.action.native_ids
            ]
        )
        return all_done(steps)

    async def burn(self, steps: Sequence[Step]) -> Outcomes:
        """Take claims that nobody has."""
        await self._backend.burn(self._targets(steps))
        return all_done(steps)

    async def cancel(self, steps: Sequence[Step]) -> Outcomes:
        """End workloads."""
        await self._backend.cancel(self._targets(steps))
        return all_done(steps)

    async def tidy(self, steps: Sequence[Step]) -> Outcomes:
        """Remove what ended attempts need no more."""
        await self._backend.tidy(self._targets(steps))
        return all_done(steps)

    def _targets(self, steps: Sequence[Step]) -> list[Target]:
        """Name what the actions are about: single indices where they say so, else the whole attempt."""
        return [target_of(self._entry(step), _indices(step)) for step in steps]

    def _entry(self, step: Step) -> Entry:
        entry = self._journal.get(step.name)
        if entry is None:
            raise LookupError(f'"{step.name}" is not in the journal: nothing is done without an intent')
        return entry


def _work(entry: Entry) -> JobWork:
    if entry.spec.job is None:
        raise LookupError(f'"{entry.name}" is no job: it was to be refused')
    return entry.spec.job


def target_of(entry: Entry, indices: IndexSet | None = None) -> Target:
    """Name an attempt, or indices of it, to the centre.

    The journal's account and not the table's of today: that is where its claims and files are.
    """
    meant = entry.indices if indices is None else indices
    return Target(name=entry.name, account=entry.account, array=entry.array, indices=meant)


def _indices(step: Step) -> IndexSet | None:
    return step.action.indices if isinstance(step.action, Burn | Cancel) else None


def _chunks(step: Step) -> tuple[int, ...]:
    return step.action.chunks if isinstance(step.action, Submit) else ()


def _submission(entry: Entry, chunk: int, work: JobWork, terms: LocalTerms) -> Submission:
    return Submission(
        target=target_of(entry, entry.chunk_sets[chunk]),
        work=work,
        chunk=chunk,
        partition=terms.partition,
        scheduler_account=terms.scheduler_account,
        qos=terms.qos,
        modules=terms.modules,
        mpi=terms.mpi,
    )


def _refuse(refusal: Refusal) -> SubmitAnswer:
    return SubmitAnswer(refused=refusal.reason, fault=refusal.fault, message=refusal.message)
