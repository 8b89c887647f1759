"""How an attempt's entry in the journal changes with each action. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from computility.lifecycle.agent_actions import (
    Note,
    NoteClaimsLost,
    NoteEnded,
    NoteStarted,
    Settle,
    WriteIntent,
)
from computility.lifecycle.chunks import split_into_chunks
from computility.lifecycle.entry import ChunkEntry, Entry
from computility.lifecycle.evidence import SubmitAnswer
from computility.lifecycle.folding import conclude_array, fold
from computility.model.assignment import Assignment
from computility.model.index_set import IndexSet


def intend(assignment: Assignment, account: str, intent: WriteIntent, now: datetime) -> Entry:
    """Begin the entry of an attempt that is ours from now on; `account` "" when the centre refuses it."""
    return Entry(
        name=assignment.metadata.name,
        spec=assignment.spec,
        account=account,
        intent_at=now,
        refusal=intent.refusal,
        tombstone_at=now if intent.tombstone else None,
        chunks=_empty_chunks(assignment),
    )


def _empty_chunks(assignment: Assignment) -> tuple[ChunkEntry, ...]:
    work = assignment.spec.job
    if work is None or not work.array_size:
        return (ChunkEntry(),)
    return tuple(ChunkEntry() for _ in split_into_chunks(work.index_set))


def note(entry: Entry, noted: Note) -> Entry:
    """Keep an instant."""
    return msgspec.structs.replace(entry, **{noted.field: noted.at})


def note_ended(entry: Entry, noted: NoteEnded) -> Entry:
    """Keep when the workloads of indices were seen ended, or that they are there again."""
    kept = {index: at for index, at in entry.ended_at.items() if index not in noted.indices}
    if noted.at is not None:
        kept |= dict.fromkeys(noted.indices, noted.at)
    return msgspec.structs.replace(entry, ended_at=kept)


def note_started(entry: Entry, noted: NoteStarted) -> Entry:
    """Keep whose payloads have started."""
    return msgspec.structs.replace(entry, started=str(IndexSet.parse(entry.started) | noted.indices))


def note_claims_lost(entry: Entry, noted: NoteClaimsLost) -> Entry:
    """Keep whose claims somebody must have had."""
    return msgspec.structs.replace(entry, claim_lost=str(IndexSet.parse(entry.claim_lost) | noted.indices))


def settle(entry: Entry, settled: Settle, now: datetime) -> Entry:
    """Keep how indices ended; once all have, how the attempt did."""
    if entry.array is None:
        return msgspec.structs.replace(entry, done="0", settled=settled.ends[0].status, settled_at=now)
    so_far = fold(entry.so_far, settled.ends)
    ended = IndexSet.parse(entry.done)
    for end in settled.ends:
        ended |= end.indices
    kept = {index: at for index, at in entry.ended_at.items() if index not in ended}
    entry = msgspec.structs.replace(entry, so_far=so_far, done=str(ended), ended_at=kept)
    if entry.open_indices:
        return entry
    return msgspec.structs.replace(entry, so_far=None, settled=conclude_array(so_far), settled_at=now)


def begin_submit(entry: Entry, chunks: Iterable[int], now: datetime) -> Entry:
    """Keep that submits of chunks begin, of which nothing is known until they are answered."""
    return _change_chunks(
        entry,
        chunks,
        lambda chunk: ChunkEntry(submits=chunk.submits + 1, submitted_at=now),
    )


def keep_answer(entry: Entry, chunk: int, answer: SubmitAnswer) -> Entry:
    """Keep what a chunk's submit was answered with; one that is postponed does not count."""
    taken_back = int(answer.postponed is not None)
    return _change_chunks(
        entry,
        (chunk,),
        lambda old: msgspec.structs.replace(old, answer=answer, submits=old.submits - taken_back),
    )


def _change_chunks(entry: Entry, numbers: Iterable[int], change: Callable[[ChunkEntry], ChunkEntry]) -> Entry:
    chunks = list(entry.chunks)
    for number in numbers:
        chunks[number] = change(chunks[number])
    return msgspec.structs.replace(entry, chunks=tuple(chunks))
