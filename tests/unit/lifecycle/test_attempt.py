"""What an agent does next about one attempt."""

import pytest

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
    WriteIntent,
)
from computility.lifecycle.attempt import AttemptView, decide_attempt
from computility.lifecycle.entry import Refusal
from computility.lifecycle.evidence import ClaimHolder, SubmitAnswer, WorkloadState
from computility.model.assignment import AssignmentStatus, Desired, Fault, Started, State
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
            [Note],
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


def test_an_end_is_reported_again_to_an_assignment_that_was_made_again() -> None:
    settled = AssignmentStatus(state=State.SUCCEEDED, started=Started.YES)
    view = a_view(RUN, an_entry(settled=settled, submitted="11"))

    (report,) = decide_attempt(view, NOON).actions

    assert isinstance(report, Report)
    assert report.status.state is State.SUCCEEDED


def test_nothing_is_reported_twice() -> None:
    settled = AssignmentStatus(state=State.SUCCEEDED)
    done = an_assignment(state=State.SUCCEEDED)

    assert decide_attempt(a_view(done, an_entry(settled=settled, submitted="11")), NOON).actions == ()


def test_an_assignment_that_ended_before_this_journal_began_is_left_alone() -> None:
    assert decide_attempt(a_view(an_assignment(state=State.LOST)), NOON).actions == ()


def test_a_late_copy_is_cancelled_even_after_the_end() -> None:
    entry = an_entry(
        settled=AssignmentStatus(state=State.SUCCEEDED), submits=2, submitted_at=NOON - seconds(20)
    )
    done = an_assignment(state=State.SUCCEEDED)

    assert decide_attempt(a_view(done, entry, a_look(HELD)), NOON).actions == (Cancel(),)


def test_a_refused_assignment_is_settled_without_touching_the_centre() -> None:
    refusal = Refusal(reason=Reason.TENANT_UNMAPPED, fault=Fault.SITE, message="no account")

    (settle,) = decide_attempt(a_view(RUN, an_entry(refusal=refusal)), NOON).actions

    assert isinstance(settle, Settle)
    assert (settle.status.state, settle.status.started) == (State.FAILED, Started.NO)


def test_no_start_is_proved_for_a_refused_assignment_that_an_earlier_journal_submitted() -> None:
    refusal = Refusal(reason=Reason.TENANT_UNMAPPED, fault=Fault.SITE, message="no account")

    (settle,) = decide_attempt(a_view(held(), an_entry(refusal=refusal)), NOON).actions

    assert isinstance(settle, Settle)
    assert settle.status.started is Started.UNKNOWN


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
    assert record.workload.native_id == "9"
