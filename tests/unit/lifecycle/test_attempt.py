"""What an agent does next about one attempt."""

import msgspec
import pytest

from computility.lifecycle.agent_actions import (
    Action,
    Burn,
    Cancel,
    Go,
    Note,
    NoteClaimsLost,
    NoteEnded,
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
from computility.lifecycle.entry import Entry, Refusal
from computility.lifecycle.evidence import ONE, ClaimHolder, Look, SubmitAnswer, WorkloadState
from computility.model.assignment import Assignment, AssignmentStatus, Desired, Fault, Started, State
from computility.model.reasons import Reason
from support.builders import (
    NOON,
    a_look,
    a_result,
    a_view,
    a_workload,
    an_assignment,
    an_entry,
    held,
    seconds,
)

RUN = an_assignment()
CANCEL = an_assignment(desired=Desired.CANCEL)
HELD, QUEUED, ACTIVE, ENDED = (
    a_workload(s)
    for s in (WorkloadState.HELD, WorkloadState.QUEUED, WorkloadState.ACTIVE, WorkloadState.ENDED)
)
REFUSAL = Refusal(reason=Reason.TENANT_UNMAPPED, fault=Fault.SITE, message="no account")
BY_PAYLOAD, BY_AGENT = ClaimHolder.PAYLOAD, ClaimHolder.AGENT


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        pytest.param(a_view(RUN), [WriteIntent], id="journals-its-intent-before-anything-else"),
        pytest.param(a_view(RUN, an_entry()), [], id="does-nothing-before-it-has-looked"),
        pytest.param(
            a_view(RUN, an_entry(), a_look(complete=False)), [], id="does-nothing-on-an-incomplete-look"
        ),
        pytest.param(a_view(RUN, an_entry(), a_look()), [Submit], id="submits-what-it-cannot-find"),
        pytest.param(
            a_view(RUN, an_entry(submits=1, submitted_at=NOON - seconds(9)), a_look()),
            [],
            id="does-not-submit-again-while-a-lost-submit-may-still-arrive",
        ),
        pytest.param(
            a_view(RUN, an_entry(submits=1, submitted_at=NOON - seconds(11)), a_look()),
            [Submit],
            id="submits-again-once-it-cannot-arrive-any-more",
        ),
        pytest.param(
            a_view(RUN, an_entry(submits=3, submitted_at=NOON - seconds(11)), a_look()),
            [Burn],
            id="gives-up-after-three-submits",
        ),
        pytest.param(
            a_view(RUN, an_entry(submits=1, submitted_at=NOON - seconds(11)), a_look(HELD)),
            [Record],
            id="adopts-what-a-lost-submit-left-and-records-it-before-release",
        ),
        pytest.param(
            a_view(held(), an_entry(submitted="11"), a_look(HELD)),
            [Go, Release],
            id="releases-only-what-is-recorded",
        ),
        pytest.param(
            a_view(held(), an_entry(submitted="11"), a_look(HELD, go=True)),
            [Release],
            id="goes-on-where-a-crash-left-it",
        ),
        pytest.param(
            a_view(held(), an_entry(submitted="11"), a_look()),
            [Burn],
            id="never-submits-again-what-was-recorded-and-is-gone",
        ),
        pytest.param(
            a_view(held("12"), an_entry(submitted="12"), a_look(HELD)),
            [Burn],
            id="never-takes-another-workload-for-the-recorded-one",
        ),
        pytest.param(
            a_view(held(), an_entry(submitted="11"), a_look(ENDED)),
            [Burn],
            id="takes-the-claim-before-it-says-that-nothing-started",
        ),
        pytest.param(
            a_view(
                RUN,
                an_entry(
                    answer=SubmitAnswer(refused=Reason.PARTITION_UNKNOWN),
                    submits=1,
                    submitted_at=NOON - seconds(9),
                ),
                a_look(),
            ),
            [Burn],
            id="takes-the-claim-of-what-was-refused",
        ),
        pytest.param(a_view(CANCEL, an_entry()), [Note], id="journals-a-cancel-before-it-acts-on-it"),
        pytest.param(
            a_view(CANCEL, an_entry(tombstone_at=NOON - seconds(1)), a_look(HELD)),
            [Burn],
            id="burns-before-it-cancels-what-is-held",
        ),
        pytest.param(
            a_view(CANCEL, an_entry(tombstone_at=NOON - seconds(1)), a_look(HELD, claim=BY_AGENT)),
            [Cancel],
            id="cancels-what-is-held-once-it-has-the-claim",
        ),
        pytest.param(
            a_view(CANCEL, an_entry(tombstone_at=NOON - seconds(1)), a_look(claim=BY_AGENT)),
            [Settle],
            id="settles-a-cancel-once-nothing-is-left",
        ),
        pytest.param(
            a_view(
                CANCEL,
                an_entry(tombstone_at=NOON - seconds(1), submitted="11"),
                a_look(ACTIVE, claim=BY_PAYLOAD),
            ),
            [Note, Cancel],
            id="cancels-what-runs",
        ),
        pytest.param(
            a_view(
                CANCEL,
                an_entry(tombstone_at=NOON - seconds(3), cancelled_at=NOON - seconds(2)),
                a_look(ACTIVE, claim=BY_PAYLOAD),
            ),
            [],
            id="gives-a-cancelled-payload-its-grace",
        ),
        pytest.param(
            a_view(
                held(),
                an_entry(submitted="11"),
                a_look(ACTIVE, claim=BY_PAYLOAD, go=True, started_at=NOON - seconds(2)),
            ),
            [Report],
            id="reports-a-start-after-a-second",
        ),
        pytest.param(
            a_view(
                held(), an_entry(submitted="11"), a_look(ACTIVE, claim=BY_PAYLOAD, go=True, started_at=NOON)
            ),
            [],
            id="does-not-report-the-start-of-a-short-one",
        ),
        pytest.param(
            a_view(held(), an_entry(submitted="11"), a_look(ACTIVE, claim=BY_PAYLOAD)),
            [Go],
            id="lets-a-waiting-payload-go",
        ),
        pytest.param(
            a_view(held(), an_entry(submitted="11"), a_look(ENDED, claim=BY_PAYLOAD, result=a_result())),
            [Settle],
            id="settles-a-result",
        ),
        pytest.param(
            a_view(held(), an_entry(submitted="11"), a_look(ENDED, claim=BY_PAYLOAD)),
            [NoteEnded],
            id="waits-for-the-result-of-what-has-ended",
        ),
        pytest.param(
            a_view(
                held(), an_entry(submitted="11", ended_at=NOON - seconds(6)), a_look(ENDED, claim=BY_PAYLOAD)
            ),
            [Settle],
            id="says-lost-when-no-result-came",
        ),
        pytest.param(
            a_view(held(), an_entry(submitted="11", ended_at=NOON - seconds(6)), a_look(claim=BY_PAYLOAD)),
            [],
            id="does-not-say-lost-while-a-forgotten-payload-may-run",
        ),
        pytest.param(
            a_view(None, an_entry(submitted="11"), a_look(HELD), is_gone=True),
            [Note],
            id="notes-that-its-assignment-is-missing",
        ),
        pytest.param(
            a_view(None, an_entry(submitted="11", missing_at=NOON - seconds(59)), a_look(HELD), is_gone=True),
            [],
            id="holds-back-what-misses-its-assignment",
        ),
        pytest.param(
            a_view(None, an_entry(submitted="11", missing_at=NOON - seconds(60)), a_look(HELD), is_gone=True),
            [Note],
            id="withdraws-it-after-one-lease",
        ),
        pytest.param(
            a_view(
                None,
                an_entry(submitted="11", missing_at=NOON - seconds(60 * 10_000 - 1)),
                a_look(HELD),
                is_gone=True,
                clock_factor=10_000,
            ),
            [],
            id="holds-it-back-for-one-lease-of-the-hubs-time-where-time-goes-faster",
        ),
        pytest.param(
            a_view(
                None,
                an_entry(submitted="11", missing_at=NOON - seconds(600)),
                a_look(ACTIVE, claim=BY_PAYLOAD, go=True, started_at=NOON),
                is_gone=True,
            ),
            [],
            id="lets-run-what-has-started-without-its-assignment",
        ),
        pytest.param(
            a_view(None, an_entry(submitted="11"), a_look(HELD)),
            [],
            id="does-nothing-while-it-does-not-know-whether-the-assignment-is-gone",
        ),
    ],
)
def test_the_next_step(view: AttemptView, expected: list[type[Action]]) -> None:
    assert [type(a) for a in decide_attempt(view, NOON).actions] == expected


@pytest.mark.parametrize(
    ("assignment", "look"),
    [
        pytest.param(held(), a_look(ENDED, go=True), id="it-ended-by-itself"),
        pytest.param(held(), a_look(go=True, traces=True), id="it-left-traces"),
        pytest.param(
            an_assignment(state=State.RUNNING, started=Started.YES, native_id="11"),
            a_look(),
            id="it-was-reported",
        ),
    ],
)
def test_a_claim_that_somebody_must_have_had_is_kept_in_mind_before_it_is_taken(
    assignment: Assignment, look: Look
) -> None:
    decision = decide_attempt(a_view(assignment, an_entry(submitted="11"), look), NOON)

    assert decision.actions == (NoteClaimsLost(indices=ONE), Burn(indices=ONE))


def test_a_running_payload_that_destroyed_its_claim_is_ended() -> None:
    running, entry = a_look(ACTIVE, go=True, traces=True), an_entry(submitted="11")

    burnt = decide_attempt(a_view(held(), entry, running), NOON)
    ended = decide_attempt(
        a_view(held(), an_entry(submitted="11", has_lost_claim=True), a_look(ACTIVE, claim=BY_AGENT)), NOON
    )

    assert burnt.actions == (NoteClaimsLost(indices=ONE), Burn(indices=ONE))
    assert ended.actions == (Cancel(indices=ONE),)


def postponed(reason: Reason, seconds_ago: float) -> Entry:
    answer = SubmitAnswer(postponed=reason, message="not now")
    return an_entry(answer=answer, submitted_at=NOON - seconds(seconds_ago))


@pytest.mark.parametrize("reason", [Reason.LIMIT_REACHED, Reason.SCRATCH_FULL])
def test_a_passing_limit_of_the_centre_is_said_once_and_tried_again_later(reason: Reason) -> None:
    waiting = postponed(reason, 5)

    first = decide_attempt(a_view(RUN, waiting, a_look()), NOON)
    told = an_assignment(reason=reason.value)
    second = decide_attempt(a_view(told, waiting, a_look()), NOON)
    later = decide_attempt(a_view(told, postponed(reason, 31), a_look()), NOON)

    assert [type(a) for a in first.actions] == [Report]
    assert second.actions == ()
    assert second.look_at == NOON + seconds(25)
    assert later.actions == (Submit(),)


def test_a_busy_centre_is_asked_again_soon_and_nothing_is_written() -> None:
    decision = decide_attempt(a_view(RUN, postponed(Reason.CENTRE_BUSY, 0.5), a_look()), NOON)

    assert decision.actions == ()
    assert decision.look_at == NOON + seconds(0.5)


def test_a_workload_that_is_there_again_has_not_ended() -> None:
    entry = an_entry(submitted="11", ended_at=NOON - seconds(60))
    view = a_view(held(), entry, a_look(ACTIVE, claim=BY_PAYLOAD, go=True, started_at=NOON))

    assert decide_attempt(view, NOON).actions == (NoteEnded(indices=ONE, at=None),)


def test_nothing_is_said_lost_on_a_look_from_before_the_patience_was_over() -> None:
    entry = an_entry(submitted="11", ended_at=NOON - seconds(4))
    view = a_view(held(), entry, a_look(ENDED, claim=BY_PAYLOAD))

    decision = decide_attempt(view, NOON + seconds(30))

    assert decision.actions == ()
    assert decision.look_at == NOON + seconds(30)


def test_a_long_wait_in_the_queue_is_looked_at_more_and_more_rarely() -> None:
    fresh, old = (an_entry(submitted="11", submitted_at=NOON - seconds(s)) for s in (2, 5000))

    waits = [decide_attempt(a_view(held(), e, a_look(QUEUED, go=True)), NOON).look_at for e in (fresh, old)]

    assert waits == [NOON + seconds(1), NOON + seconds(10)]


def test_an_end_is_reported_again_to_an_assignment_that_was_made_again() -> None:
    settled = AssignmentStatus(state=State.SUCCEEDED, started=Started.YES)
    view = a_view(RUN, an_entry(settled=settled, submitted="11"))

    (report,) = decide_attempt(view, NOON).actions

    assert isinstance(report, Report)
    assert report.status.state is State.SUCCEEDED


def settled(**fields: object) -> Entry:
    return an_entry(**{"settled": AssignmentStatus(state=State.SUCCEEDED), "submitted": "11", **fields})


DONE = an_assignment(state=State.SUCCEEDED)
LATE = {"submits": 2, "submitted_at": NOON - seconds(20), "answer": None}
"""What the journal has of a submit whose answer was lost, and that cannot arrive any more."""


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        pytest.param(a_view(DONE, settled()), [Tidy, Note], id="tidies-once-the-end-is-reported"),
        pytest.param(a_view(RUN, settled()), [Report], id="reports-the-end-before-it-tidies"),
        pytest.param(a_view(DONE, settled(tidied_at=NOON)), [], id="neither-reports-nor-tidies-twice"),
        pytest.param(
            a_view(RUN, settled(tidied_at=NOON)), [Report], id="still-answers-for-what-it-has-tidied"
        ),
        pytest.param(
            a_view(None, settled(), is_gone=True), [Tidy, Note], id="tidies-when-nobody-asks-any-more"
        ),
        pytest.param(
            a_view(None, settled()), [], id="does-not-tidy-while-it-does-not-know-whether-anybody-asks"
        ),
        pytest.param(
            a_view(DONE, settled(submitted="")), [Tidy, Note], id="tidies-what-was-burned-before-any-submit"
        ),
        pytest.param(
            a_view(DONE, settled(submitted="", refusal=REFUSAL)),
            [],
            id="has-nothing-to-tidy-of-what-was-refused",
        ),
        pytest.param(
            a_view(DONE, settled(**LATE)), [], id="does-not-tidy-before-it-has-looked-for-late-copies"
        ),
        pytest.param(
            a_view(DONE, settled(**LATE), a_look(taken_at=NOON - seconds(11))),
            [],
            id="does-not-take-a-look-from-before-the-last-copy-could-arrive",
        ),
        pytest.param(
            a_view(DONE, settled(**LATE), a_look(complete=False)),
            [],
            id="does-not-tidy-on-an-incomplete-look",
        ),
        pytest.param(
            a_view(DONE, settled(**LATE), a_look(HELD)), [Cancel], id="cancels-a-late-copy-after-the-end"
        ),
        pytest.param(
            a_view(DONE, settled(**LATE), a_look(ENDED)), [Tidy, Note], id="tidies-once-no-late-copy-is-left"
        ),
    ],
)
def test_the_next_step_after_the_end(view: AttemptView, expected: list[type[Action]]) -> None:
    assert [type(a) for a in decide_attempt(view, NOON).actions] == expected


def test_what_was_tidied_is_noted_and_needs_no_other_look() -> None:
    decision = decide_attempt(a_view(DONE, settled()), NOON)

    assert decision.actions == (Tidy(), Note(field="tidied_at", at=NOON))
    assert decision.look_at is None


@pytest.mark.parametrize("look", [None, a_look(complete=False), a_look(HELD)])
def test_looks_for_late_copies_are_never_asked_for_without_a_pause(look: Look | None) -> None:
    earlier = None if look is None else msgspec.structs.replace(look, taken_at=NOON - seconds(1))
    look_at = decide_attempt(a_view(DONE, settled(**LATE), earlier), NOON).look_at

    assert look_at is not None
    assert look_at >= (NOON if look is None else NOON + seconds(1))


def test_an_assignment_that_ended_before_this_journal_began_is_left_alone() -> None:
    assert decide_attempt(a_view(an_assignment(state=State.LOST)), NOON).actions == ()


def test_a_refused_assignment_is_settled_without_touching_the_centre() -> None:
    (settle,) = decide_attempt(a_view(RUN, an_entry(refusal=REFUSAL)), NOON).actions

    assert isinstance(settle, Settle)
    (end,) = settle.ends
    assert (end.indices, end.status.state, end.status.started) == (ONE, State.FAILED, Started.NO)


def test_no_start_is_proved_for_a_refused_assignment_that_an_earlier_journal_submitted() -> None:
    (settle,) = decide_attempt(a_view(held(), an_entry(refusal=REFUSAL)), NOON).actions

    assert isinstance(settle, Settle)
    assert [end.status.started for end in settle.ends] == [Started.UNKNOWN]


def test_an_unknown_slurm_state_is_reported_not_guessed() -> None:
    odd = a_workload(WorkloadState.UNKNOWN, word="FLUMMOXED")
    view = a_view(held(), an_entry(submitted="11"), a_look(odd))

    (report,) = decide_attempt(view, NOON).actions

    assert isinstance(report, Report)
    assert "FLUMMOXED" in report.status.message
    assert report.status.state is State.HELD


def test_the_first_submitted_of_two_copies_is_recorded() -> None:
    first, second = a_workload(native_id="9"), a_workload(native_id="10")
    entry = an_entry(submits=2, submitted_at=NOON - seconds(20))

    (record,) = decide_attempt(a_view(RUN, entry, a_look(second, first)), NOON).actions

    assert isinstance(record, Record)
    assert [w.native_id for w in record.workloads] == ["9"]
