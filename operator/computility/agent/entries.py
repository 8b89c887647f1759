"""How an attempt's entry in the journal changes with each action. Pure."""

from datetime import datetime

import msgspec

from computility.lifecycle.agent_actions import Note, Settle, WriteIntent
from computility.lifecycle.entry import Entry
from computility.lifecycle.evidence import SubmitAnswer
from computility.model.assignment import Assignment


def intend(assignment: Assignment, account: str, intent: WriteIntent, now: datetime) -> Entry:
    """Begin the entry of an attempt that is ours from now on; `account` "" when the centre refuses it."""
    return Entry(
        name=assignment.metadata.name,
        spec=assignment.spec,
        account=account,
        intent_at=now,
        refusal=intent.refusal,
        tombstone_at=now if intent.tombstone else None,
    )


def note(entry: Entry, noted: Note) -> Entry:
    """Keep an instant."""
    return msgspec.structs.replace(entry, **{noted.field: noted.at})


def settle(entry: Entry, settled: Settle, now: datetime) -> Entry:
    """Keep how the attempt ended."""
    return msgspec.structs.replace(entry, settled=settled.status, settled_at=now)


def begin_submit(entry: Entry, now: datetime) -> Entry:
    """Keep that a submit begins, of which nothing is known until it is answered."""
    return msgspec.structs.replace(entry, submits=entry.submits + 1, submitted_at=now, answer=None)


def keep_answer(entry: Entry, answer: SubmitAnswer) -> Entry:
    """Keep what a submit was answered with; one that is postponed does not count."""
    submits = entry.submits - 1 if answer.postponed is not None else entry.submits
    return msgspec.structs.replace(entry, answer=answer, submits=submits)
