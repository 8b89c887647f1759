"""What a job's attempts amount to: what has succeeded or failed for good, what wants another attempt."""

import pytest

from computility.lifecycle.outcome import REPLACEMENTS, Stock, take_stock
from computility.model.assignment import Counts, Fault, IndexOutcome, Started, State
from computility.model.compute_job import ArraySpec, Attempt, AttemptState, ComputeJob, OnMemberLost
from computility.model.reasons import Reason
from support.builders import a_job, an_attempt
from support.outcomes import cancelled, failed, given_back, outcome, preempted, succeeded, unstarted

TEN = ArraySpec(size=10)


def ended(ordinal: int, *outcomes: IndexOutcome, **fields: object) -> Attempt:
    """An attempt at an array that has ended, whatever it is called as a whole."""
    return an_attempt(ordinal, AttemptState.FAILED, outcomes=outcomes, indices="0-9", **fields)


def job(**fields: object) -> ComputeJob:
    return a_job(array=TEN, **fields)


def stand(stock: Stock) -> dict[str, str]:
    """Where the indices stand, without what is empty."""
    sets = {"open": stock.open, "live": stock.live, "succeeded": stock.succeeded, "failed": stock.failed}
    return {name: str(found) for name, found in sets.items() if found}


def test_before_the_first_attempt_all_of_it_wants_a_place() -> None:
    assert stand(take_stock(job(), ())) == {"open": "0-9"}
    assert stand(take_stock(a_job(), ())) == {"open": "0"}


def test_each_index_stands_where_it_came_to() -> None:
    stock = take_stock(job(), (ended(1, succeeded("0-6"), failed("7"), unstarted("8-9")),))

    assert stand(stock) == {"open": "8-9", "succeeded": "0-6", "failed": "7"}


def test_of_an_attempt_that_goes_on_only_what_succeeded_is_for_good() -> None:
    part_done = an_attempt(
        1,
        AttemptState.RUNNING,
        indices="0-7",
        outcomes=(succeeded("0-2"), failed("3")),
        counts=Counts(pending=2, running=2, succeeded=3, failed=1),
    )

    assert stand(take_stock(job(retries=5), (part_done,))) == {
        "open": "8-9",
        "live": "3-7",
        "succeeded": "0-2",
    }


def test_an_attempt_without_an_array_is_one_at_index_0() -> None:
    done = an_attempt(1, AttemptState.SUCCEEDED, started="Yes", reason="Succeeded")

    assert stand(take_stock(a_job(), (done,))) == {"succeeded": "0"}
    assert stand(take_stock(a_job(), (an_attempt(1),))) == {"live": "0"}


# Payloads that failed by themselves: retry.maxPerIndex.


@pytest.mark.parametrize(
    ("retries", "failures", "expected"),
    [
        pytest.param(0, 1, {"failed": "3"}, id="none-is-allowed"),
        pytest.param(1, 1, {"open": "3"}, id="the-first-of-one"),
        pytest.param(1, 2, {"failed": "3"}, id="no-second-of-one"),
        pytest.param(3, 3, {"open": "3"}, id="the-third-of-three"),
        pytest.param(3, 4, {"failed": "3"}, id="no-fourth-of-three"),
    ],
)
def test_a_payload_that_failed_by_itself_is_retried_so_often(
    retries: int, failures: int, expected: dict[str, str]
) -> None:
    attempts = [ended(n, failed("3")) for n in range(2, failures + 1)]
    first = ended(1, succeeded("0-2,4-9"), failed("3"))

    assert stand(take_stock(job(retries=retries), (first, *attempts))) == {
        "succeeded": "0-2,4-9",
        **expected,
    }


def test_retries_are_counted_for_each_index() -> None:
    attempts = (
        ended(1, succeeded("0-7"), failed("8-9")),
        ended(2, failed("8"), unstarted("9")),
        ended(3, failed("9")),
    )

    assert stand(take_stock(job(retries=1), attempts)) == {"succeeded": "0-7", "failed": "8-9"}
    assert stand(take_stock(job(retries=1), attempts[:2])) == {
        "succeeded": "0-7",
        "failed": "8",
        "open": "9",
    }


@pytest.mark.parametrize(
    ("ending", "is_retried"),
    [
        (failed("0-9", Reason.EXIT_CODE), True),
        (failed("0-9", Reason.SIGNAL), True),
        (failed("0-9", Reason.OUT_OF_MEMORY), True),
        (failed("0-9", Reason.TIME_LIMIT), False),
        (failed("0-9", Reason.NODE_FAILED, Fault.INFRA), False),
        (preempted("0-9"), False),
        (failed("0-9", Reason.EXIT_CODE, Fault.SITE), False),
        (outcome("0-9", State.LOST, Reason.NO_RESULT, fault=Fault.INFRA), False),
        (outcome("0-9", State.LOST, Reason.NO_RESULT, fault=Fault.USER, started=Started.UNKNOWN), False),
    ],
)
def test_a_retry_is_for_what_failed_by_itself_alone(ending: IndexOutcome, is_retried: bool) -> None:
    stock = take_stock(job(retries=10), (ended(1, ending),))

    assert stand(stock) == ({"open": "0-9"} if is_retried else {"failed": "0-9"})


# Attempts that never started.


@pytest.mark.parametrize("fault", [Fault.SITE, Fault.INFRA])
def test_what_never_started_is_placed_again_three_times(fault: Fault) -> None:
    attempts = tuple(ended(n, unstarted("0-9", fault)) for n in range(1, REPLACEMENTS + 2))
    before, after = take_stock(job(), attempts[:REPLACEMENTS]), take_stock(job(), attempts)

    assert (stand(before), str(before.over_limit)) == ({"open": "0-9"}, "")
    assert (stand(after), str(after.over_limit)) == ({"failed": "0-9"}, "0-9")


def test_what_was_given_back_by_a_draining_member_is_placed_again() -> None:
    stock = take_stock(job(), (ended(1, succeeded("0-3"), given_back("4-9")),))

    assert stand(stock) == {"open": "4-9", "succeeded": "0-3"}


def test_what_never_started_for_the_users_own_mistake_has_failed() -> None:
    assert stand(take_stock(job(retries=9), (ended(1, unstarted("0-9", Fault.USER)),))) == {"failed": "0-9"}


# Losses: failover.


@pytest.mark.parametrize("reason", [Reason.PREEMPTED, Reason.CANCELLED_AT_CENTRE])
def test_requeue_places_again_what_surely_runs_no_more(reason: Reason) -> None:
    over = (ended(1, failed("0-9", reason, Fault.INFRA)),)

    assert stand(take_stock(job(on_member_lost=OnMemberLost.REQUEUE), over)) == {"open": "0-9"}
    assert stand(take_stock(job(), over)) == {"failed": "0-9"}


@pytest.mark.parametrize(
    "ending",
    [
        failed("0-9", Reason.NODE_FAILED, Fault.INFRA),
        failed("0-9", Reason.TIME_LIMIT),
        outcome("0-9", State.LOST, Reason.NO_RESULT, fault=Fault.INFRA),
        outcome("0-9", State.LOST, Reason.MEMBER_REMOVED, started=Started.UNKNOWN),
    ],
)
def test_requeue_never_places_again_what_may_still_run(ending: IndexOutcome) -> None:
    requeued = job(on_member_lost=OnMemberLost.REQUEUE)

    assert stand(take_stock(requeued, (ended(1, ending),))) == {"failed": "0-9"}


@pytest.mark.parametrize(("losses", "expected"), [(1, "open"), (2, "failed")])
def test_requeue_makes_no_more_attempts_than_allowed_the_first_included(losses: int, expected: str) -> None:
    attempts = [ended(n, preempted("0-9")) for n in range(1, losses + 1)]

    stock = take_stock(job(on_member_lost=OnMemberLost.REQUEUE, max_attempts=2), attempts)
    assert stand(stock) == {expected: "0-9"}


def test_each_kind_of_setback_has_a_count_of_its_own() -> None:
    attempts = (
        ended(1, preempted("0")),
        ended(2, failed("0")),
        ended(3, unstarted("0")),
    )
    requeued = job(on_member_lost=OnMemberLost.REQUEUE, max_attempts=2, retries=1)
    stock = take_stock(requeued, attempts)

    assert 0 in stock.open
    assert stock.setbacks == 1


# Stopped on the hub's order.


def test_what_was_ended_on_the_hubs_order_is_open_again() -> None:
    stock = take_stock(job(suspend=True), (ended(1, succeeded("0-3"), failed("4"), cancelled("5-9")),))

    assert stand(stock) == {"open": "5-9", "succeeded": "0-3", "failed": "4"}
    assert str(stock.stopped) == "5-9"
    assert stock.retried is None


def test_a_second_attempt_takes_its_indices_out_of_what_is_open() -> None:
    attempts = (ended(1, succeeded("0-3"), cancelled("4-9")), an_attempt(2, indices="4-9"))

    assert stand(take_stock(job(), attempts)) == {"live": "4-9", "succeeded": "0-3"}


# What is learnt of pools.


def test_a_pool_whose_set_up_is_at_fault_is_avoided_and_one_with_bad_luck_is_not_preferred() -> None:
    stock = take_stock(
        job(),
        (
            ended(1, unstarted("0-4", Fault.SITE), member="odd"),
            ended(2, unstarted("0-4"), member="unlucky"),
            ended(3, failed("5"), member="fine"),
        ),
    )

    assert stock.avoid == {("odd", "cpu")}
    assert stock.prefer_not == {("unlucky", "cpu")}


def test_the_first_failure_is_that_of_the_oldest_attempt() -> None:
    stock = take_stock(job(), (ended(1, succeeded("0"), failed("1")), ended(2, failed("2"))))

    assert stock.first_failure is not None
    attempt, first = stock.first_failure
    assert (attempt.ordinal, first.indices) == (1, "1")
