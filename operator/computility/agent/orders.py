"""What is asked of the centre about attempts that the journal knows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from computility.agent.accounts import AccountsTable, LocalTerms, resolve_work
from computility.agent.entries import begin_submit, keep_answer
from computility.agent.journal import Journal
from computility.agent.steps import Outcomes, Step, all_done
from computility.backends.protocol import Backend, BackendUnreachable, Submission, Target
from computility.lifecycle.agent_actions import Release
from computility.lifecycle.entry import Entry, Refusal
from computility.lifecycle.evidence import SubmitAnswer
from computility.model.assignment import JobWork


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
        """Journal that a submit begins, submit held, journal each answer that is certain."""
        now = self._clock()
        begun = [begin_submit(self._entry(step), now) for step in steps]
        self._journal.write(begun)
        answers = await self._submit(begun)
        self._journal.write(
            keep_answer(entry, answers[entry.name])
            for entry in begun
            if entry.name in answers and answers[entry.name].is_certain
        )
        return all_done(steps)

    async def _submit(self, begun: Sequence[Entry]) -> Mapping[str, SubmitAnswer]:
        answers: dict[str, SubmitAnswer] = {}
        submissions = []
        for entry in begun:
            prepared = self._prepare(entry)
            if isinstance(prepared, Refusal):
                answers[entry.name] = _refuse(prepared)
            else:
                submissions.append(prepared)
        if not submissions:
            return answers
        try:
            return answers | dict(await self._backend.submit(submissions))
        except BackendUnreachable:
            # No answer, as when a single one is missing: only a later look can tell.
            return answers

    def _prepare(self, entry: Entry) -> Submission | Refusal:
        """Resolve pool and tenant once more: the centre may have taken them back since the intent."""
        work = _work(entry)
        terms = resolve_work(self._table, work)
        return terms if isinstance(terms, Refusal) else _submission(entry, work, terms)

    async def go(self, steps: Sequence[Step]) -> Outcomes:
        """Let payloads start."""
        await self._backend.go(self._targets(steps))
        return all_done(steps)

    async def release(self, steps: Sequence[Step]) -> Outcomes:
        """Release held workloads."""
        ids = [step.action.native_id for step in steps if isinstance(step.action, Release)]
        await self._backend.release(list(zip(self._targets(steps), ids, strict=True)))
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
        return [Target(name=step.name, account=self._entry(step).account) for step in steps]

    def _entry(self, step: Step) -> Entry:
        entry = self._journal.get(step.name)
        if entry is None:
            raise LookupError(f'"{step.name}" is not in the journal: nothing is done without an intent')
        return entry


def _work(entry: Entry) -> JobWork:
    if entry.spec.job is None:
        raise LookupError(f'"{entry.name}" is no job: it was to be refused')
    return entry.spec.job


def _submission(entry: Entry, work: JobWork, terms: LocalTerms) -> Submission:
    # The journal's account and not the table's of today: that is where its claim and files are.
    return Submission(
        target=Target(name=entry.name, account=entry.account),
        work=work,
        partition=terms.partition,
        scheduler_account=terms.scheduler_account,
        qos=terms.qos,
    )


def _refuse(refusal: Refusal) -> SubmitAnswer:
    return SubmitAnswer(refused=refusal.reason, fault=refusal.fault, message=refusal.message)
