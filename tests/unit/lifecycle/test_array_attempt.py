"""What an agent does next about an attempt at an array: each index for itself, in few actions."""

from datetime import datetime
from typing import TypeVar

import pytest

from computility.lifecycle.agent_actions import (
    Action,
    Burn,
    Cancel,
    Decision,
    Go,
    IndexEnd,
    Note,
    NoteClaimsLost,
    NoteEnded,
    NoteStarted,
    Record,
    Release,
    Report,
    Settle,
    Submit,
)
from computility.lifecycle.attempt import decide_attempt
from computility.lifecycle.entry import ChunkEntry, Entry
from computility.lifecycle.evidence import ClaimHolder, IndexLook, Look, SeenWorkload, WorkloadState
from computility.lifecycle.folding import fold
from computility.model.assignment import AssignmentStatus, Counts, Fault, Started, State
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason
from support.builders import (
    NOON,
    a_chunk,
    a_result,
    a_view,
    a_workload,
    an_array_assignment,
    an_array_entry,
    an_assignment,
    an_entry,
    an_index,
    seconds,
)

FOUR = IndexSet.first(4)
BIG = IndexSet.first(2500)
A = TypeVar("A")

BURNED = an_index(ClaimHolder.AGENT)
WAITING = an_index(ClaimHolder.PAYLOAD)
DONE = an_index(ClaimHolder.PAYLOAD, started_at=NOON - seconds(20), result=a_result())


def running(since: float = 3) -> IndexLook:
    return an_index(ClaimHolder.PAYLOAD, started_at=NOON - seconds(since))


def some(text: str) -> IndexSet:
    return IndexSet.parse(text)


def part(state: WorkloadState, indices: str, chunk: int = 0, **fields: object) -> SeenWorkload:
    native_id = str(11 + chunk)
    return a_workload(state, native_id=native_id, chunk=chunk, indices=some(indices), **fields)


def active(*indices: int) -> list[SeenWorkload]:
    return [part(WorkloadState.ACTIVE, str(index)) for index in indices]


def ended(*indices: int, **fields: object) -> list[SeenWorkload]:
    return [part(WorkloadState.ENDED, str(index), **fields) for index in indices]


def looked(*workloads: SeenWorkload, go: bool = True, **found: IndexLook) -> Look:
    """A look at some indices, each named `i` and its number."""
    indices = {int(name[1:]): seen for name, seen in found.items()}
    return Look(taken_at=NOON, complete=True, workloads=workloads, indices=indices, go=go)


def decide(
    look: Look,
    entry: Entry | None = None,
    *,
    indices: IndexSet = FOUR,
    native_ids: tuple[str, ...] = ("11",),
    is_atomic: bool = False,
    is_draining: bool = False,
    start_by: datetime | None = None,
    **status: object,
) -> Decision:
    """Decide about an attempt that the hub wants to run; its starts are in the journal already."""
    assignment = an_array_assignment(indices, native_ids=native_ids, **{"state": State.HELD, **status})
    started = IndexSet.of(i for i, seen in look.indices.items() if seen.started_at is not None)
    entry = entry or an_array_entry(indices, started=str(started))
    view = a_view(assignment, entry, look, is_atomic=is_atomic, is_draining=is_draining, start_by=start_by)
    return decide_attempt(view, NOON)


def only(decision: Decision, type_: type[A]) -> A:
    (found,) = (action for action in decision.actions if isinstance(action, type_))
    return found


def kinds(decision: Decision) -> list[type[Action]]:
    return [type(action) for action in decision.actions]


def told_running(**fields: object) -> dict[str, object]:
    return {"state": State.RUNNING, "started": Started.YES, "reported_at": NOON - seconds(2), **fields}


def test_the_end_of_one_index_is_settled_and_the_others_are_left_alone() -> None:
    look = looked(*ended(0), *active(1), part(WorkloadState.QUEUED, "2-3"), i0=DONE, i1=running())
    decision = decide(look, **told_running(counts=Counts(pending=2, running=1)))

    assert kinds(decision) == [Settle]
    assert [(end.indices, end.status.state) for end in only(decision, Settle).ends] == [
        (some("0"), State.SUCCEEDED)
    ]


def test_all_that_ended_in_one_look_is_settled_in_one_action() -> None:
    failed = an_index(ClaimHolder.PAYLOAD, started_at=NOON - seconds(20), result=a_result(3))
    decision = decide(looked(*ended(0, 1, 2, 3), i0=DONE, i1=failed, i2=DONE, i3=DONE))

    assert kinds(decision) == [Settle]
    assert [end.status.exit_code for end in only(decision, Settle).ends] == [0, 3, 0, 0]


def test_an_index_that_is_burned_is_ended_at_the_centre_without_the_others() -> None:
    look = looked(*active(0, 1), part(WorkloadState.QUEUED, "2-3"), i0=BURNED, i1=running())
    decision = decide(look, **told_running(counts=Counts(pending=3, running=1)))

    assert decision.actions == (Cancel(indices=some("0")),)


def test_an_index_that_is_burned_and_gone_ends_unstarted_while_the_others_run_on() -> None:
    look = looked(*active(1, 2, 3), i0=BURNED, i1=running(), i2=running(), i3=running())
    (end,) = only(decide(look, **told_running()), Settle).ends

    assert (end.indices, end.status.state, end.status.started) == (some("0"), State.LOST, Started.NO)


@pytest.mark.parametrize(
    "workloads",
    [
        pytest.param([part(WorkloadState.QUEUED, "0-2")], id="no-workload-stands-for-it"),
        pytest.param(
            [
                part(WorkloadState.QUEUED, "0-2"),
                part(WorkloadState.ENDED, "3", ending=Reason.CANCELLED_AT_CENTRE),
            ],
            id="its-workload-was-cancelled-at-the-centre",
        ),
    ],
)
def test_of_an_index_that_ended_unclaimed_the_claim_is_taken_and_of_no_other(
    workloads: list[SeenWorkload],
) -> None:
    decision = decide(looked(*workloads))

    assert decision.actions == (Burn(indices=some("3")),)


def test_an_index_that_must_have_run_is_kept_in_mind_and_no_other() -> None:
    look = looked(*ended(2, 3, ending=Reason.CANCELLED_AT_CENTRE), *active(0, 1), i0=WAITING, i1=WAITING)
    decision = decide(look, an_array_entry(FOUR, started="2"))

    assert only(decision, NoteClaimsLost) == NoteClaimsLost(indices=some("2"))
    assert only(decision, Burn) == Burn(indices=some("2-3"))


def test_that_an_index_started_is_noted_once() -> None:
    look = looked(*active(0, 1), part(WorkloadState.QUEUED, "2-3"), i0=running(0), i1=running(0))

    assert decide(look, an_array_entry(FOUR, started="0")).actions == (NoteStarted(indices=some("1")),)


def test_a_cancel_ends_what_runs_and_takes_the_claims_of_what_waits() -> None:
    entry = an_array_entry(FOUR, started="0-1", tombstone_at=NOON - seconds(1))
    look = looked(*active(0, 1), part(WorkloadState.QUEUED, "2-3"), i0=running(), i1=running())
    decision = decide(look, entry, **told_running())

    assert kinds(decision) == [Note, Burn, Cancel]
    assert only(decision, Burn).indices == some("2-3")
    assert only(decision, Cancel).indices == some("0-1")


def test_a_result_that_is_missing_is_waited_for_index_by_index() -> None:
    missing = an_index(ClaimHolder.PAYLOAD, started_at=NOON - seconds(20))
    look = looked(*ended(0, 1), *active(2, 3), i0=missing, i1=missing, i2=running(), i3=running())
    entry = an_array_entry(FOUR, started="0-3", ended_at={1: NOON - seconds(6)})
    decision = decide(look, entry, **told_running(counts=Counts(pending=2, running=2)))

    assert kinds(decision) == [NoteEnded, Settle]
    assert only(decision, NoteEnded).indices == some("0")
    assert [(end.indices, end.status.state) for end in only(decision, Settle).ends] == [
        (some("1"), State.LOST)
    ]


# Draining.


def test_a_draining_member_gives_back_what_nobody_has_claimed() -> None:
    look = looked(*active(0, 1), part(WorkloadState.QUEUED, "2-3"), i0=running(), i1=WAITING)
    noted = decide(look, is_draining=True, **told_running(counts=Counts(pending=3, running=1)))

    assert noted.actions == (Note(field="withdrawn_at", at=NOON),)
    entry = an_array_entry(FOUR, started="0-1", withdrawn_at=NOON - seconds(1))
    burning = decide(look, entry, is_draining=True, **told_running(counts=Counts(pending=3, running=1)))
    assert burning.actions == (Burn(indices=some("2-3")),)


def test_what_a_draining_member_gave_back_never_started_and_is_to_be_placed_elsewhere() -> None:
    look = looked(*active(0, 1), i0=running(), i1=running(), i2=BURNED, i3=BURNED)
    entry = an_array_entry(FOUR, started="0-1", withdrawn_at=NOON - seconds(1))
    ends = only(decide(look, entry, is_draining=True, **told_running()), Settle).ends

    assert [str(end.indices) for end in ends] == ["2", "3"]
    assert {(e.status.state, e.status.reason, e.status.started, e.status.fault) for e in ends} == {
        (State.CANCELLED, Reason.MEMBER_DRAINING.value, Started.NO, Fault.INFRA)
    }


@pytest.mark.parametrize("found", [running(0), WAITING])
def test_a_draining_member_lets_run_what_has_its_claim(found: IndexLook) -> None:
    look = looked(a_workload(WorkloadState.ACTIVE), i0=found)
    view = a_view(
        an_assignment(state=State.HELD, native_id="11"), an_entry(submitted="11"), look, is_draining=True
    )

    assert decide_attempt(view, NOON).actions == ()


def test_a_draining_member_submits_nothing_new() -> None:
    view = a_view(an_assignment(), an_entry(), looked(go=False), is_draining=True)

    assert decide_attempt(view, NOON).actions == (Note(field="withdrawn_at", at=NOON),)


# The job's deadline.


def test_what_has_not_started_by_the_deadline_is_given_up_and_what_runs_goes_on() -> None:
    look = looked(*active(0, 1), part(WorkloadState.QUEUED, "2-3"), i0=running(), i1=running())
    told = told_running(counts=Counts(pending=2, running=2))

    assert decide(look, start_by=NOON, **told).actions == (Note(field="expired_at", at=NOON),)
    entry = an_array_entry(FOUR, started="0-1", expired_at=NOON - seconds(1))
    assert decide(look, entry, start_by=NOON, **told).actions == (Burn(indices=some("2-3")),)


def test_what_was_given_up_at_the_deadline_never_started_and_is_nobodys_to_place_again() -> None:
    look = looked(*active(0, 1), i0=running(), i1=running(), i2=BURNED, i3=BURNED)
    entry = an_array_entry(FOUR, started="0-1", expired_at=NOON - seconds(1))
    ends = only(decide(look, entry, start_by=NOON, **told_running()), Settle).ends

    assert [str(end.indices) for end in ends] == ["2", "3"]
    assert {(e.status.state, e.status.reason, e.status.started, e.status.fault) for e in ends} == {
        (State.FAILED, Reason.DEADLINE_PASSED.value, Started.NO, Fault.USER)
    }


def test_until_the_deadline_all_goes_on_and_it_is_looked_at_by_then() -> None:
    look = looked(part(WorkloadState.QUEUED, "0-3"))
    decision = decide(look, start_by=NOON + seconds(0.5))

    assert decision.actions == ()
    assert decision.look_at == NOON + seconds(0.5)


@pytest.mark.parametrize("found", [running(0), WAITING])
def test_a_payload_that_has_its_claim_at_the_deadline_runs_on(found: IndexLook) -> None:
    look = looked(a_workload(WorkloadState.ACTIVE), i0=found)
    assignment, entry = an_assignment(state=State.HELD, native_id="11"), an_entry(submitted="11")
    view = a_view(assignment, entry, look, start_by=NOON)

    assert decide_attempt(view, NOON).actions == ()


def test_nothing_is_submitted_after_the_deadline() -> None:
    view = a_view(an_assignment(), an_entry(), looked(go=False), start_by=NOON)

    assert decide_attempt(view, NOON).actions == (Note(field="expired_at", at=NOON),)


# Chunks.

NOT_YET = (ChunkEntry(), ChunkEntry(), ChunkEntry())


def unsubmitted(max_concurrent: int | None = None, *submitted: str, **fields: object) -> Entry:
    """A big array's entry, of which the first chunks are submitted."""
    chunks = (*(a_chunk(native_id) for native_id in submitted), *NOT_YET[len(submitted) :])
    return an_array_entry(BIG, max_concurrent=max_concurrent, chunks=chunks, **fields)


def test_without_a_limit_all_chunks_are_submitted_at_once() -> None:
    decision = decide(looked(go=False), unsubmitted(), indices=BIG, native_ids=())

    assert decision.actions == (Submit(chunks=(0, 1, 2)),)


def test_under_a_limit_the_first_chunk_goes_alone() -> None:
    decision = decide(looked(go=False), unsubmitted(5), indices=BIG, native_ids=())

    assert decision.actions == (Submit(chunks=(0,)),)


@pytest.mark.parametrize(
    ("done", "submitted"),
    [
        pytest.param("", [], id="while-none-of-it-has-ended"),
        pytest.param("0-998", [], id="while-one-of-it-has-not-ended"),
        pytest.param("0-999", [1], id="once-all-of-it-has-ended"),
        pytest.param("0-1999", [2], id="and-the-last-after-the-second"),
    ],
)
def test_under_a_limit_a_chunk_waits_for_the_one_before(done: str, submitted: list[int]) -> None:
    ids = ("11", "12") if submitted == [2] else ("11",)
    left = BIG.take(1000) - some(done)
    queued = [part(WorkloadState.QUEUED, str(left))] if left else []
    decision = decide(looked(*queued), unsubmitted(5, *ids, done=done), indices=BIG, native_ids=ids)

    assert [chunk for a in decision.actions if isinstance(a, Submit) for chunk in a.chunks] == submitted
    assert decision.look_at is not None


def test_one_record_names_all_chunks_and_one_release_lets_all_of_them_go() -> None:
    held = [
        part(WorkloadState.HELD, str(chunk), chunk=number)
        for number, chunk in enumerate([some("0-999"), some("1000-1999"), some("2000-2499")])
    ]
    recorded = decide(looked(*held, go=False), an_array_entry(BIG), indices=BIG, native_ids=())
    released = decide(
        looked(*held, go=False), an_array_entry(BIG), indices=BIG, native_ids=("11", "12", "13")
    )

    assert [(w.chunk, w.native_id) for w in only(recorded, Record).workloads] == [
        (0, "11"),
        (1, "12"),
        (2, "13"),
    ]
    assert released.actions == (Go(), Release(native_ids=("11", "12", "13")))


def test_a_chunk_that_is_recorded_runs_on_while_another_is_only_now_recorded() -> None:
    look = looked(*active(0), part(WorkloadState.HELD, "1000-1999", chunk=1), i0=WAITING)
    decision = decide(look, unsubmitted(None, "11", "12", done=str(some("1-999,2000-2499"))), indices=BIG)

    assert [(w.chunk, w.native_id) for w in only(decision, Record).workloads] == [(1, "12")]


def test_a_submit_that_never_arrived_ends_its_own_chunk_only() -> None:
    gone = a_chunk(submits=3, submitted_at=NOON - seconds(20))
    entry = an_array_entry(BIG, chunks=(a_chunk("11"), gone, a_chunk("13")))
    look = looked(part(WorkloadState.QUEUED, "0-999"), part(WorkloadState.QUEUED, "2000-2499", chunk=2))

    assert decide(look, entry, indices=BIG, native_ids=("11",)).actions[0] == Burn(indices=some("1000-1999"))


# A backend in the journal's own transaction.


def test_what_cannot_be_lost_is_released_without_a_record_on_the_assignment() -> None:
    look = looked(part(WorkloadState.HELD, "0-3"), go=False)

    assert decide(look, native_ids=(), is_atomic=True).actions == (Go(), Release(native_ids=("11",)))
    assert kinds(decide(look, native_ids=())) == [Record]


def test_what_was_never_recorded_is_named_when_it_is_first_told() -> None:
    look = looked(*active(0), part(WorkloadState.QUEUED, "1-3"), i0=running())
    told = only(decide(look, native_ids=(), is_atomic=True, state=State.PENDING), Report).status

    assert told.state is State.RUNNING
    assert [w.native_id for w in told.workloads] == ["11"]


# What the hub is told meanwhile.


def test_an_array_is_told_running_a_second_after_its_first_start() -> None:
    queued = part(WorkloadState.QUEUED, "1-3")
    early = decide(looked(*active(0), queued, i0=running(0.5)))
    told = only(decide(looked(*active(0), queued, i0=running(1))), Report).status

    assert early.actions == ()
    assert early.look_at == NOON + seconds(0.5)
    assert (told.state, told.started_at, told.reported_at) == (State.RUNNING, NOON - seconds(1), NOON)
    assert told.counts == Counts(pending=3, running=1)


def test_an_array_of_short_payloads_is_told_running_though_none_of_them_is_old() -> None:
    succeeded = AssignmentStatus(
        state=State.SUCCEEDED, started=Started.YES, exit_code=0, started_at=NOON - seconds(2)
    )
    so_far = fold(None, [IndexEnd(indices=some("0"), status=succeeded)])
    entry = an_array_entry(FOUR, started="0-1", done="0", so_far=so_far)
    look = looked(*active(1), part(WorkloadState.QUEUED, "2-3"), i1=running(0.1))

    told = only(decide(look, entry), Report).status

    assert (told.state, told.started_at) == (State.RUNNING, NOON - seconds(2))
    assert told.counts == Counts(pending=2, running=1, succeeded=1)


def one_done(told_ago: float, counts: Counts) -> Decision:
    """Decide about an array of which index 0 has succeeded, and 1 and 2 run."""
    succeeded = AssignmentStatus(
        state=State.SUCCEEDED, started=Started.YES, exit_code=0, started_at=NOON - seconds(30)
    )
    so_far = fold(None, [IndexEnd(indices=some("0"), status=succeeded)])
    entry = an_array_entry(FOUR, started="0-3", done="0", so_far=so_far)
    look = looked(*active(1, 2), part(WorkloadState.QUEUED, "3"), i1=running(), i2=running())
    return decide(look, entry, **told_running(reported_at=NOON - seconds(told_ago), counts=counts))


STALE = Counts(pending=3, running=1)
CURRENT = Counts(pending=1, running=2, succeeded=1)


def test_how_far_an_array_is_is_told_at_most_every_five_seconds() -> None:
    early = one_done(4, STALE)
    told = only(one_done(5, STALE), Report).status

    assert early.actions == ()
    assert early.look_at is not None
    assert early.look_at <= NOON + seconds(1)
    assert (told.counts, told.reported_at, told.started_at) == (CURRENT, NOON, NOON - seconds(30))
    assert [(o.indices, o.state) for o in told.outcomes] == [("0", State.SUCCEEDED)]


def test_what_was_told_already_is_not_told_again() -> None:
    assert one_done(3600, CURRENT).actions == ()


def test_nothing_but_the_end_is_told_once_a_cancel_has_come() -> None:
    entry = an_array_entry(FOUR, started="0", tombstone_at=NOON - seconds(9), cancelled_at=NOON - seconds(5))
    look = looked(*active(0), i0=running(), i1=BURNED, i2=BURNED, i3=BURNED)

    assert kinds(decide(look, entry, **told_running())) == [Settle]


def test_an_array_of_which_the_rest_waits_in_the_queue_is_looked_at_more_and_more_rarely() -> None:
    cancelled = AssignmentStatus(state=State.CANCELLED, started=Started.NO)
    entry = an_array_entry(
        FOUR, done="0", so_far=cancelled, chunks=(a_chunk("11", submitted_at=NOON - seconds(5000)),)
    )
    decision = decide(looked(part(WorkloadState.QUEUED, "1-3")), entry)

    assert decision.actions == ()
    assert decision.look_at == NOON + seconds(10)
