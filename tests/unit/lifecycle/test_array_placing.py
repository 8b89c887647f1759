"""How an array is placed in parts, and what of it is placed again."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.lifecycle.hub_actions import Create
from computility.lifecycle.outcome import MOST_ATTEMPTS
from computility.model.assignment import Counts, State
from computility.model.compute_job import AttemptState, OnMemberLost, Phase
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason
from support.array_jobs import BIG, SMALL, a_pool_of, an_array, an_end, decide, parts, status_of, then, told
from support.builders import NOON, a_job, an_attempt, seconds
from support.outcomes import failed, given_back, preempted, succeeded, unstarted


def test_an_array_that_a_pool_has_room_for_is_one_attempt() -> None:
    assert parts(status_of(an_array(60))) == [(1, "big", "0-59")]


def test_an_array_is_split_in_one_write_with_consecutive_ordinals() -> None:
    decision = decide(an_array(80))

    assert decision.status is not None
    assert parts(decision.status) == [(1, "big", "0-59"), (2, "small", "60-79")]
    assert decision.status.last_ordinal == 2
    assert decision.actions == ()


def test_each_part_is_an_assignment_with_its_own_indices() -> None:
    creates = decide(then(an_array(80, 8))).actions
    works = [a.assignment.spec.job for a in creates if isinstance(a, Create)]

    assert [(w.indices, w.array_size, w.max_concurrent) for w in works if w] == [
        ("0-59", 80, 6),
        ("60-79", 80, 2),
    ]


@given(st.integers(1, 400), st.integers(1, 40), st.lists(st.integers(0, 90), min_size=1, max_size=12))
def test_what_runs_at_once_is_dealt_out_over_the_parts_and_never_too_much(
    size: int, limit: int, free: list[int]
) -> None:
    pools = tuple(a_pool_of(f"m{n}", room) for n, room in enumerate(free))
    attempts = status_of(an_array(size, limit), pools=pools).attempts
    shares = [a.max_concurrent for a in attempts if a.max_concurrent is not None]

    assert len(shares) == len(attempts) <= min(limit, 8)
    assert sum(shares) == limit
    assert min(shares) >= 1
    assert [i for a in attempts for i in IndexSet.parse(a.indices)] == list(range(size))
    assert all(later.ordinal == earlier.ordinal + 1 for earlier, later in pairwise(attempts))


def test_without_a_limit_no_part_gets_one() -> None:
    assert [a.max_concurrent for a in status_of(an_array(80)).attempts] == [None, None]


def test_an_array_of_one_is_an_array() -> None:
    (attempt,) = status_of(an_array(1)).attempts

    assert attempt.indices == "0"


def test_a_job_without_an_array_has_no_indices() -> None:
    (attempt,) = status_of(a_job()).attempts

    assert (attempt.indices, attempt.max_concurrent) == ("", None)


def test_what_failed_by_itself_is_run_again_alone_after_a_pause() -> None:
    job = then(an_array(10, retries=1))
    report = told(job, 1, **an_end(succeeded("0-7"), failed("8-9"), state=State.FAILED))
    pausing = decide(job, report)
    assert pausing.look_at == NOON + seconds(1)

    job = then(then(job, report), at=1)
    assert parts(job.status) == [(1, "big", "0-9"), (2, "big", "8-9")]
    assert job.status.counts == Counts(pending=2, succeeded=8)
    status = status_of(job, told(job, 2, **an_end(succeeded("8-9"))), at=2)
    assert (status.phase, status.succeeded_indices) == (Phase.SUCCEEDED, "0-9")


@pytest.mark.parametrize("limit", [None, 8])
def test_no_part_of_an_array_is_placed_again_while_another_is_live(limit: int | None) -> None:
    job = then(an_array(80, limit, retries=1))
    job = then(job, told(job, 1, **an_end(succeeded("0-58"), failed("59"), state=State.FAILED)))
    later = then(job, at=60)
    assert [a.ordinal for a in later.status.attempts] == [1, 2]

    job = then(job, told(job, 2, **an_end(succeeded("60-79"))))
    again = then(job, at=60).status.attempts[-1]
    assert (again.ordinal, again.indices, again.max_concurrent) == (3, "59", limit)


def test_what_is_tried_again_goes_to_one_pool_however_little_that_has_free() -> None:
    job = then(an_array(80, retries=1))
    ends = [
        told(job, n, **an_end(failed(a.indices), state=State.FAILED))
        for n, a in enumerate(job.status.attempts, 1)
    ]

    assert parts(status_of(then(job, *ends), at=60))[2:] == [(3, "big", "0-79")]


def test_what_a_draining_member_gave_back_is_placed_elsewhere() -> None:
    job = then(an_array(10), pools=(BIG,))
    report = told(job, 1, **an_end(succeeded("0-3"), given_back("4-9"), state=State.CANCELLED))
    closed = msgspec.structs.replace(BIG, closed=Reason.MEMBER_DRAINING)
    job = then(job, report, pools=(closed, SMALL))

    assert parts(status_of(job, pools=(closed, SMALL), at=1)) == [(1, "big", "0-9"), (2, "small", "4-9")]


def test_a_pool_with_bad_luck_is_passed_over_for_one_that_costs_more() -> None:
    job = then(an_array(10))
    job = then(job, told(job, 1, **an_end(succeeded("0-3"), given_back("4-9"), state=State.CANCELLED)))

    assert parts(status_of(job, at=1))[-1] == (2, "small", "4-9")


def test_after_thirty_two_attempts_there_is_no_further_one() -> None:
    lost = tuple(
        an_attempt(
            n, AttemptState.FAILED, indices="0-9", outcomes=(succeeded("0-8"), preempted("9")), booked_at=NOON
        )
        for n in range(1, MOST_ATTEMPTS + 1)
    )
    requeued = {"on_member_lost": OnMemberLost.REQUEUE, "max_attempts": 100}
    before = status_of(an_array(**requeued, attempts=lost[:-1]), at=600)
    after = status_of(an_array(**requeued, attempts=lost), at=600)

    assert before.attempts[-1].ordinal == MOST_ATTEMPTS
    assert (after.phase, after.reason) == (Phase.FAILED, Reason.ATTEMPT_LIMIT.value)
    assert (after.succeeded_indices, after.failed_indices) == ("0-8", "9")


def test_near_the_last_attempt_an_array_is_split_into_no_more_parts_than_are_left() -> None:
    lost = tuple(
        an_attempt(n, AttemptState.FAILED, indices="0-79", outcomes=(preempted("0-79"),), booked_at=NOON)
        for n in range(1, MOST_ATTEMPTS)
    )
    job = an_array(80, on_member_lost=OnMemberLost.REQUEUE, max_attempts=100, attempts=lost)

    assert len(status_of(job, at=600).attempts) == MOST_ATTEMPTS


@pytest.mark.parametrize(("setbacks", "pause"), [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (31, 300)])
def test_the_pause_before_another_attempt_doubles_up_to_five_minutes(setbacks: int, pause: int) -> None:
    lost = tuple(
        an_attempt(n, AttemptState.FAILED, indices="0-9", outcomes=(preempted("0-9"),), booked_at=NOON)
        for n in range(1, setbacks + 1)
    )
    job = an_array(on_member_lost=OnMemberLost.REQUEUE, max_attempts=100, attempts=lost)

    assert decide(job).look_at == NOON + seconds(pause)


def test_an_array_whose_parts_all_failed_before_a_start_gives_up_after_four() -> None:
    gone = unstarted("0-9", state=State.LOST)
    attempts = tuple(
        an_attempt(n, AttemptState.LOST, indices="0-9", outcomes=(gone,), booked_at=NOON) for n in range(1, 5)
    )
    status = status_of(an_array(attempts=attempts), at=600)

    assert (status.phase, status.reason) == (Phase.FAILED, Reason.ATTEMPT_LIMIT.value)


def test_a_loss_is_placed_again_only_while_the_index_has_had_fewer_attempts_than_allowed() -> None:
    job = then(a_job(retries=3, on_member_lost=OnMemberLost.REQUEUE, max_attempts=2))
    for n, end in enumerate((failed("0"), preempted("0")), start=1):
        flat = {"state": end.state, "reason": end.reason, "fault": end.fault, "started": end.started}
        job = then(job, told(job, n, **flat), at=100 * n)
        job = then(job, at=100 * n + 50)

    assert (job.status.phase, len(job.status.attempts)) == (Phase.FAILED, 2)
