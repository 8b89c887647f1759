"""What the hub makes of what is reported of an array: its progress, its end, and what is no report."""

from computility.lifecycle.hub_actions import GiveUp
from computility.model.assignment import Counts, State
from computility.model.compute_job import AttemptState, Phase
from computility.model.reasons import Reason
from support.array_jobs import BIG, an_array, an_end, decide, edited, running, status_of, then, told
from support.outcomes import failed, succeeded


def test_progress_is_booked_and_shown_as_one_count_of_all_parts() -> None:
    job = then(an_array(80))
    first = told(job, 1, **running(Counts(pending=40, running=10, succeeded=10), succeeded("0-9")))
    second = told(job, 2, **running(Counts(pending=15, running=5)))
    status = status_of(job, first, second)

    assert status.phase is Phase.RUNNING
    assert status.counts == Counts(pending=55, running=15, succeeded=10)
    assert (status.succeeded_indices, status.failed_indices) == ("0-9", "")


def test_what_failed_in_a_part_that_goes_on_is_pending_until_that_has_ended() -> None:
    job = then(an_array(10))
    report = told(job, 1, **running(Counts(running=8, succeeded=1, failed=1), succeeded("0"), failed("1")))
    status = status_of(job, report)

    assert status.counts == Counts(pending=1, running=8, succeeded=1)
    assert status.failed_indices == ""


def test_progress_that_was_booked_already_is_not_written_again() -> None:
    job = then(an_array(10))
    report = told(job, 1, **running(Counts(running=9, succeeded=1), succeeded("0")))
    booked = then(job, report)

    assert booked != job
    assert decide(booked, report).status is None
    assert decide(booked, report).actions == ()


def test_later_progress_takes_the_place_of_what_was_booked_before() -> None:
    job = then(an_array(10))
    job = then(job, told(job, 1, **running(Counts(running=10))))
    later = told(job, 1, **running(Counts(running=7, succeeded=3), succeeded("0-2")))
    status = status_of(job, later)

    assert status.counts == Counts(running=7, succeeded=3)
    assert status.succeeded_indices == "0-2"


def test_the_counts_always_add_up_to_the_size() -> None:
    job = then(an_array(10))
    report = told(job, 1, **running(Counts(pending=2, running=5, succeeded=3), succeeded("0-2")))
    counts = status_of(job, report).counts

    assert counts is not None
    assert counts.pending + counts.running + counts.succeeded + counts.failed == 10


def test_an_array_ends_with_its_last_part_and_costs_what_all_of_them_cost() -> None:
    job = then(an_array(80))
    first = told(job, 1, **an_end(succeeded("0-59"), core_seconds=3600.0, run_seconds=3600.0))
    job = then(job, first)
    assert job.status.phase is Phase.PLACED

    status = status_of(job, told(job, 2, **an_end(succeeded("60-79"), core_seconds=36.0, run_seconds=36.0)))

    assert (status.phase, status.message) == (Phase.SUCCEEDED, "all 80 indices ended with exit code 0")
    assert (status.succeeded_indices, status.counts) == ("0-79", Counts(succeeded=80))
    assert status.receipt is not None
    assert status.receipt.actual is not None
    assert status.receipt.actual.run_seconds == 3636.0


def test_an_array_of_which_one_index_failed_has_failed_and_says_which() -> None:
    job = then(an_array(10))
    status = status_of(job, told(job, 1, **an_end(succeeded("0-7,9"), failed("8"), state=State.FAILED)))

    assert (status.phase, status.reason) == (Phase.FAILED, Reason.EXIT_CODE.value)
    assert status.message.startswith("1 of 10 indices failed; the first of them: attempt 1")
    assert (status.succeeded_indices, status.failed_indices) == ("0-7,9", "8")
    assert status.counts == Counts(succeeded=9, failed=1)


def test_the_output_of_the_part_that_failed_is_shown_also_when_another_ends_well_after_it() -> None:
    job = then(an_array(80))
    bad = an_end(succeeded("0-58"), failed("59"), state=State.FAILED, exit_code=3, stderr_tail="Traceback")
    job = then(job, told(job, 1, **bad))
    good = an_end(succeeded("60-79"), exit_code=0, stderr_tail="fine")
    status = status_of(job, told(job, 2, **good))

    assert (status.phase, status.exit_code, status.stderr_tail) == (Phase.FAILED, 3, "Traceback")


def test_the_output_of_the_last_part_is_shown_where_none_failed() -> None:
    job = then(an_array(80))
    ends = (
        told(job, 1, **an_end(succeeded("0-59"), exit_code=0, stderr_tail="one")),
        told(job, 2, **an_end(succeeded("60-79"), exit_code=0, stderr_tail="two")),
    )

    assert status_of(job, *ends).stderr_tail == "two"


def test_a_removed_members_part_is_lost_and_the_others_go_on() -> None:
    job = then(an_array(80))
    status = status_of(job, removed=frozenset({"uid-small"}))

    assert [a.state for a in status.attempts] == [AttemptState.PLACED, AttemptState.LOST]
    assert status.phase is Phase.PLACED


def test_what_a_removed_member_said_nothing_of_is_lost_and_never_placed_again() -> None:
    job = then(an_array(10), pools=(BIG,))
    job = then(job, told(job, 1, **running(Counts(running=6, succeeded=4), succeeded("0-3"))))
    ended = status_of(job, removed=frozenset({job.status.attempts[0].member_uid}), at=1)

    assert [(o.indices, o.state) for o in ended.attempts[0].outcomes] == [
        ("0-3", State.SUCCEEDED),
        ("4-9", State.LOST),
    ]
    assert (ended.phase, ended.succeeded_indices, ended.failed_indices) == (Phase.FAILED, "0-3", "4-9")
    assert len(ended.attempts) == 1


def test_an_end_that_says_nothing_of_some_indices_loses_them() -> None:
    job = then(an_array(10), pools=(BIG,))
    ended = status_of(job, told(job, 1, **an_end(succeeded("0-3"))), at=1)

    assert (ended.phase, ended.succeeded_indices, ended.failed_indices) == (Phase.FAILED, "0-3", "4-9")


def test_a_member_has_no_say_over_indices_of_another_nor_twice_over_its_own() -> None:
    job = then(an_array(80))
    lies = an_end(succeeded("0-79"), failed("5"), succeeded("0-9999"))
    job = then(job, told(job, 1, **lies))

    assert [o.indices for o in job.status.attempts[0].outcomes] == ["0-59"]
    assert job.status.succeeded_indices == "0-59"


def test_a_set_of_indices_that_cannot_be_read_is_as_good_as_nothing_said() -> None:
    job = then(an_array(80))
    edited_job = edited(job, cancel=True)
    report = told(job, 1, **an_end(succeeded("9-3"), succeeded("0-9")))
    decision = decide(edited_job, report, told(job, 2))

    assert any(isinstance(action, GiveUp) for action in decision.actions)
    assert decision.status is not None
    assert [o.indices for o in decision.status.attempts[0].outcomes] == ["0-9", "10-59"]
