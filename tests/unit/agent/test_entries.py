"""What the journal's entry of an attempt becomes, step by step."""

import pytest

from computility.agent.entries import (
    begin_submit,
    intend,
    keep_answer,
    note_claims_lost,
    note_ended,
    note_started,
    settle,
)
from computility.lifecycle.agent_actions import (
    IndexEnd,
    NoteClaimsLost,
    NoteEnded,
    NoteStarted,
    Settle,
    WriteIntent,
)
from computility.lifecycle.entry import ChunkEntry
from computility.lifecycle.evidence import ONE, SubmitAnswer
from computility.model.assignment import AssignmentStatus, Counts, State, Workload
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason
from support.builders import NOON, an_array_assignment, an_array_entry, an_assignment, an_entry, seconds

FOUR = IndexSet.first(4)
SUCCEEDED = AssignmentStatus(state=State.SUCCEEDED, run_seconds=2.0)


def ends(*texts: str, status: AssignmentStatus = SUCCEEDED) -> Settle:
    return Settle(ends=tuple(IndexEnd(indices=IndexSet.parse(text), status=status) for text in texts))


@pytest.mark.parametrize(("count", "chunks"), [(1, 1), (1000, 1), (1001, 2), (10_000, 10)])
def test_an_intent_has_an_empty_chunk_for_each_thousand_indices(count: int, chunks: int) -> None:
    assignment = an_array_assignment(IndexSet.first(count))

    assert intend(assignment, "alice", WriteIntent(), NOON).chunks == (ChunkEntry(),) * chunks


def test_an_intent_without_an_array_has_the_one_index_0() -> None:
    entry = intend(an_assignment(), "alice", WriteIntent(tombstone=True), NOON)

    assert (entry.array, entry.indices, entry.chunk_sets) == (None, ONE, (ONE,))
    assert entry.tombstone_at == NOON


def test_an_array_is_settled_only_with_the_last_of_its_indices() -> None:
    entry = settle(an_array_entry(FOUR), ends("0", "2"), NOON)
    assert (entry.done, str(entry.open_indices), entry.settled) == ("0,2", "1,3", None)

    entry = settle(entry, ends("1", "3"), NOON + seconds(9))
    assert entry.settled is not None
    assert (entry.settled.state, entry.settled.counts) == (State.SUCCEEDED, Counts(succeeded=4))
    assert (entry.settled.run_seconds, entry.settled_at) == (8.0, NOON + seconds(9))
    assert not entry.open_indices


def test_without_an_array_the_end_is_kept_as_it_was_told() -> None:
    entry = settle(an_entry(), ends("0"), NOON)

    assert (entry.settled, entry.settled_at) == (SUCCEEDED, NOON)


def test_what_is_settled_is_no_longer_waited_for() -> None:
    entry = note_ended(an_array_entry(FOUR), NoteEnded(indices=IndexSet.first(3), at=NOON))
    back = note_ended(entry, NoteEnded(indices=IndexSet.parse("1"), at=None))

    assert back.ended_at == {0: NOON, 2: NOON}
    assert settle(back, ends("0"), NOON).ended_at == {2: NOON}


def test_starts_and_lost_claims_are_kept_beside_those_known_before() -> None:
    entry = an_array_entry(FOUR, started="0", claim_lost="3")
    entry = note_started(entry, NoteStarted(indices=IndexSet.parse("1-2")))
    entry = note_claims_lost(entry, NoteClaimsLost(indices=IndexSet.parse("1")))

    assert (entry.started, entry.claim_lost) == ("0-2", "1,3")


def test_of_a_submit_nothing_is_known_until_it_is_answered_and_other_chunks_are_left_alone() -> None:
    two = an_array_entry(IndexSet.first(1500))
    begun = begin_submit(two, (1,), NOON)
    assert begun.chunks == (two.chunks[0], ChunkEntry(submits=2, submitted_at=NOON))
    assert begun.is_uncertain

    answer = SubmitAnswer(workload=Workload(native_id="21", chunk=1))
    assert keep_answer(begun, 1, answer).chunks == (
        two.chunks[0],
        ChunkEntry(submits=2, submitted_at=NOON, answer=answer),
    )


def test_a_submit_that_was_postponed_does_not_count() -> None:
    begun = begin_submit(an_entry(), (0,), NOON)
    answer = SubmitAnswer(postponed=Reason.LIMIT_REACHED)

    assert keep_answer(begun, 0, answer).chunks[0].submits == 0
