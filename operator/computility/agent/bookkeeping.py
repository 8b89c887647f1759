"""Keeps in the journal what is decided there: intents, instants and ends, many in one commit."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from computility.agent.accounts import AccountsTable, LocalTerms, resolve
from computility.agent.entries import intend, note, note_claims_lost, note_ended, note_started, settle
from computility.agent.journal import Journal
from computility.agent.steps import Outcomes, Step, all_done
from computility.lifecycle.agent_actions import (
    Note,
    NoteClaimsLost,
    NoteEnded,
    NoteStarted,
    Settle,
    WriteIntent,
)
from computility.lifecycle.attempt_view import AttemptView
from computility.lifecycle.entry import Entry

_log = logging.getLogger(__name__)


class Bookkeeping:
    """Writes the journal.

    Args:
        journal: Ours.
        table: The centre's accounts: an intent also says as whom.
        clock: Says what time it is.
    """

    def __init__(self, journal: Journal, table: AccountsTable, clock: Callable[[], datetime]) -> None:
        self._journal = journal
        self._table = table
        self._clock = clock

    async def keep(self, steps: Sequence[Step]) -> Outcomes:
        """Write all of these down in one commit."""
        now = self._clock()
        changed = [self._change(step, now) for step in steps]
        self._journal.write(changed)
        for step, entry in zip(steps, changed, strict=True):
            _tell(step, entry)
        return all_done(steps)

    def _change(self, step: Step, now: datetime) -> Entry:
        entry = self._journal.get(step.name)
        match step.action:
            case WriteIntent() if entry is None:
                return self._intend(step.view, step.action, now)
            case Note() if entry is not None:
                return note(entry, step.action)
            case NoteEnded() if entry is not None:
                return note_ended(entry, step.action)
            case NoteStarted() if entry is not None:
                return note_started(entry, step.action)
            case NoteClaimsLost() if entry is not None:
                return note_claims_lost(entry, step.action)
            case Settle() if entry is not None:
                return settle(entry, step.action, now)
        raise LookupError(f'{type(step.action).__name__} does not fit what the journal has of "{step.name}"')

    def _intend(self, view: AttemptView, intent: WriteIntent, now: datetime) -> Entry:
        if view.assignment is None:
            raise LookupError(f'"{view.name}" has no Assignment: there is nothing to intend')
        account = "" if intent.refusal else self._account(view)
        return intend(view.assignment, account, intent, now)

    def _account(self, view: AttemptView) -> str:
        assert view.assignment is not None  # noqa: S101 - the caller's condition, for the type checker
        spec = view.assignment.spec
        terms = resolve(self._table, view.assignment, spec.member_uid)
        return terms.account if isinstance(terms, LocalTerms) else ""


def _tell(step: Step, entry: Entry) -> None:
    """Log where an attempt begins and ends."""
    match step.action:
        case WriteIntent(refusal=refusal):
            _log.info("%s: taken%s", step.name, f", to be refused: {refusal.reason}" if refusal else "")
        case Settle() if entry.settled is not None:
            ended = entry.settled
            _log.info("%s: ended as %s (%s)", step.name, ended.state.value, ended.reason)
