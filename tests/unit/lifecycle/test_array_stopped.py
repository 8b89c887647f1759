"""What becomes of an array that is suspended, resumed or cancelled."""

from computility.lifecycle.hub_actions import Create, GiveUp
from computility.model.assignment import Counts, Desired, State
from computility.model.compute_job import Phase
from computility.model.reasons import Reason
from support.array_jobs import an_array, an_end, decide, edited, parts, status_of, then, told
from support.outcomes import cancelled, failed, succeeded


def test_a_suspended_array_is_given_up_and_resumed_with_what_has_not_succeeded() -> None:
    job = then(an_array(80))
    first, second = told(job, 1), told(job, 2)
    suspended = edited(job, suspend=True)
    assert [type(a) for a in decide(suspended, first, second).actions] == [GiveUp, GiveUp]

    ends = (
        told(job, 1, **an_end(succeeded("0-9"), cancelled("10-59"), state=State.CANCELLED)),
        told(job, 2, **an_end(cancelled("60-79"), state=State.CANCELLED)),
    )
    suspended = then(suspended, *ends)
    assert suspended.status.phase is Phase.SUSPENDED
    assert suspended.status.counts == Counts(pending=70, succeeded=10)

    resumed = then(edited(suspended, suspend=False))
    assert parts(resumed.status)[2:] == [(3, "big", "10-69"), (4, "small", "70-79")]
    assert resumed.status.last_ordinal == 4


def test_a_suspended_job_that_was_never_placed_is_placed_only_once_it_is_resumed() -> None:
    suspended = then(an_array(10, suspend=True))
    assert (suspended.status.phase, suspended.status.attempts) == (Phase.SUSPENDED, ())
    assert decide(suspended).status is None

    resumed = status_of(edited(suspended, suspend=False))
    assert parts(resumed) == [(1, "big", "0-9")]
    assert resumed.phase is Phase.PLACED


def test_what_had_succeeded_before_a_suspend_could_end_it_wins() -> None:
    job = then(an_array(10))
    status = status_of(edited(job, suspend=True), told(job, 1, **an_end(succeeded("0-9"))))

    assert status.phase is Phase.SUCCEEDED


def test_an_attempt_that_is_missing_is_made_again_as_its_tombstone_while_suspended() -> None:
    creates = decide(edited(then(an_array(10)), suspend=True)).actions

    assert [a.assignment.spec.desired for a in creates if isinstance(a, Create)] == [Desired.CANCEL]


def test_a_cancelled_array_keeps_what_succeeded_and_counts_the_rest_as_failed() -> None:
    job = then(an_array(10))
    report = told(job, 1, **an_end(succeeded("0-3"), cancelled("4-9"), state=State.CANCELLED))
    status = status_of(edited(job, cancel=True), report)

    assert (status.phase, status.reason) == (Phase.CANCELLED, Reason.CANCELLED.value)
    assert (status.succeeded_indices, status.failed_indices) == ("0-3", "4-9")
    assert status.counts == Counts(succeeded=4, failed=6)


def test_a_cancel_wins_over_a_retry() -> None:
    job = then(an_array(10, retries=5))
    report = told(job, 1, **an_end(succeeded("0-8"), failed("9"), state=State.FAILED))

    assert status_of(edited(job, cancel=True), report).phase is Phase.CANCELLED
