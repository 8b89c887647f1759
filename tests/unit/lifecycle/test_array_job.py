"""What the hub does next about an array: how it is placed in parts, how these are booked, how it ends."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.lifecycle.hub_actions import Create, GiveUp
from computility.lifecycle.job import decide_job
from computility.lifecycle.job_view import JobDecision, JobView
from computility.lifecycle.outcome import MOST_ATTEMPTS
from computility.model.assignment import (
    Assignment,
    AssignmentStatus,
    Counts,
    Desired,
    Fault,
    IndexOutcome,
    Started,
    State,
)
from computility.model.compute_job import (
    ArraySpec,
    AttemptState,
    ComputeJob,
    ComputeJobStatus,
    OnMemberLost,
    Phase,
)
from computility.model.index_set import IndexSet
from computility.model.job_placement import PlacementSpec, Policy
from computility.model.names import assignment_name
from computility.model.reasons import Reason
from computility.model.resource_pool import Capacity, ResourcePoolStatus
from computility.placement.snapshot import PoolFacts, Snapshot
from support.builders import NOON, UID, a_job, a_pool, an_attempt, seconds


def a_pool_of(member: str, free: int) -> PoolFacts:
    """A pool with so many free cores; those with more are cheaper."""
    status = ResourcePoolStatus(observed_at=NOON, complete=True, total=Capacity(nodes=99, cores=free))
    return a_pool(member, nodes=99, cores=99, core_hour=f"0.{999 - free:03}", status=status)


BIG, SMALL = a_pool_of("big", 60), a_pool_of("small", 30)


def an_array(size: int = 10, max_concurrent: int | None = None, **fields: object) -> ComputeJob:
    """An array whose policy has nothing against a split."""
    placement = PlacementSpec(policy=Policy.FASTEST)
    array = ArraySpec(size=size, max_concurrent=max_concurrent)
    return a_job(**{"array": array, "placement": placement, **fields})


def decide(
    job: ComputeJob,
    *reports: Assignment,
    pools: tuple[PoolFacts, ...] = (BIG, SMALL),
    at: float = 0,
    **view: object,
) -> JobDecision:
    own = {a.metadata.name: a for a in reports}
    seen = JobView(job=job, assignments=own, snapshot=Snapshot(pools=pools))
    return decide_job(msgspec.structs.replace(seen, **view), NOON + seconds(at))


def then(job: ComputeJob, *reports: Assignment, **how: object) -> ComputeJob:
    """Return the job as the decision leaves it."""
    decision = decide(job, *reports, **how)
    return job if decision.status is None else msgspec.structs.replace(job, status=decision.status)


def status_of(job: ComputeJob, *reports: Assignment, **how: object) -> ComputeJobStatus:
    return then(job, *reports, **how).status


def edited(job: ComputeJob, **spec: object) -> ComputeJob:
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, **spec))


def told(job: ComputeJob, ordinal: int, **status: object) -> Assignment:
    """The Assignment of one of the job's attempts, with what its agent reports."""
    creates = (a for a in decide(job).actions if isinstance(a, Create))
    name = assignment_name(UID, ordinal)
    made = next(a.assignment for a in creates if a.assignment.metadata.name == name)
    meta = msgspec.structs.replace(made.metadata, uid=f"asg-{ordinal}")
    report = msgspec.structs.replace(AssignmentStatus(), **status)
    return msgspec.structs.replace(made, metadata=meta, status=report)


def outcome(indices: str, state: State = State.SUCCEEDED, **fields: object) -> IndexOutcome:
    return IndexOutcome(indices=indices, state=state, **{"started": Started.YES, **fields})


def failed(indices: str, **fields: object) -> IndexOutcome:
    how = {"reason": Reason.EXIT_CODE.value, "fault": Fault.USER, "exit_code": 3}
    return outcome(indices, State.FAILED, **{**how, **fields})


def cancelled(indices: str) -> IndexOutcome:
    return outcome(indices, State.CANCELLED, reason=Reason.CANCELLED.value, started=Started.NO)


def given_back(indices: str) -> IndexOutcome:
    how = {"reason": Reason.MEMBER_DRAINING.value, "fault": Fault.INFRA, "started": Started.NO}
    return outcome(indices, State.CANCELLED, **how)


def parts(status: ComputeJobStatus) -> list[tuple[int, str, str]]:
    return [(a.ordinal, a.member, a.indices) for a in status.attempts]


# Placing.


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


# While it runs.


def running(counts: Counts, *outcomes: IndexOutcome, **more: object) -> dict[str, object]:
    return {
        "state": State.RUNNING,
        "started": Started.YES,
        "counts": counts,
        "outcomes": outcomes,
        **more,
    }


def test_progress_is_booked_and_shown_as_one_count_of_all_parts() -> None:
    job = then(an_array(80))
    first = told(job, 1, **running(Counts(pending=40, running=10, succeeded=10), outcome("0-9")))
    second = told(job, 2, **running(Counts(pending=15, running=5)))
    status = status_of(job, first, second)

    assert status.phase is Phase.RUNNING
    assert status.counts == Counts(pending=55, running=15, succeeded=10)
    assert (status.succeeded_indices, status.failed_indices) == ("0-9", "")


def test_what_failed_in_a_part_that_goes_on_is_pending_until_that_has_ended() -> None:
    job = then(an_array(10))
    report = told(job, 1, **running(Counts(running=8, succeeded=1, failed=1), outcome("0"), failed("1")))
    status = status_of(job, report)

    assert status.counts == Counts(pending=1, running=8, succeeded=1)
    assert status.failed_indices == ""


def test_progress_that_was_booked_already_is_not_written_again() -> None:
    job = then(an_array(10))
    report = told(job, 1, **running(Counts(running=9, succeeded=1), outcome("0")))
    booked = then(job, report)

    assert booked != job
    assert decide(booked, report).status is None
    assert decide(booked, report).actions == ()


def test_later_progress_takes_the_place_of_what_was_booked_before() -> None:
    job = then(an_array(10))
    job = then(job, told(job, 1, **running(Counts(running=10))))
    later = told(job, 1, **running(Counts(running=7, succeeded=3), outcome("0-2")))
    status = status_of(job, later)

    assert status.counts == Counts(running=7, succeeded=3)
    assert status.succeeded_indices == "0-2"


def test_the_counts_always_add_up_to_the_size() -> None:
    job = then(an_array(10))
    report = told(job, 1, **running(Counts(pending=2, running=5, succeeded=3), outcome("0-2")))
    counts = status_of(job, report).counts

    assert counts is not None
    assert counts.pending + counts.running + counts.succeeded + counts.failed == 10


# Its end.


def an_end(*outcomes: IndexOutcome, state: State = State.SUCCEEDED, **more: object) -> dict[str, object]:
    """What an agent reports of an attempt that has ended; `state` is that of its worst index."""
    worst = next((o for o in outcomes if o.state is state), outcomes[0])
    base = {"state": state, "reason": worst.reason, "fault": worst.fault, "started": Started.YES}
    return {**base, "outcomes": outcomes, **more}


def test_an_array_ends_with_its_last_part_and_costs_what_all_of_them_cost() -> None:
    job = then(an_array(80))
    first = told(job, 1, **an_end(outcome("0-59"), core_seconds=3600.0, run_seconds=3600.0))
    job = then(job, first)
    assert job.status.phase is Phase.PLACED

    status = status_of(job, told(job, 2, **an_end(outcome("60-79"), core_seconds=36.0, run_seconds=36.0)))

    assert (status.phase, status.message) == (Phase.SUCCEEDED, "all 80 indices ended with exit code 0")
    assert (status.succeeded_indices, status.counts) == ("0-79", Counts(succeeded=80))
    assert status.receipt is not None
    assert status.receipt.actual is not None
    assert status.receipt.actual.run_seconds == 3636.0


def test_an_array_of_which_one_index_failed_has_failed_and_says_which() -> None:
    job = then(an_array(10))
    status = status_of(job, told(job, 1, **an_end(outcome("0-7,9"), failed("8"), state=State.FAILED)))

    assert (status.phase, status.reason) == (Phase.FAILED, Reason.EXIT_CODE.value)
    assert status.message.startswith("1 of 10 indices failed; the first of them: attempt 1")
    assert (status.succeeded_indices, status.failed_indices) == ("0-7,9", "8")
    assert status.counts == Counts(succeeded=9, failed=1)


def test_the_output_of_the_part_that_failed_is_shown_also_when_another_ends_well_after_it() -> None:
    job = then(an_array(80))
    bad = an_end(outcome("0-58"), failed("59"), state=State.FAILED, exit_code=3, stderr_tail="Traceback")
    job = then(job, told(job, 1, **bad))
    good = an_end(outcome("60-79"), exit_code=0, stderr_tail="fine")
    status = status_of(job, told(job, 2, **good))

    assert (status.phase, status.exit_code, status.stderr_tail) == (Phase.FAILED, 3, "Traceback")


def test_the_output_of_the_last_part_is_shown_where_none_failed() -> None:
    job = then(an_array(80))
    ends = (
        told(job, 1, **an_end(outcome("0-59"), exit_code=0, stderr_tail="one")),
        told(job, 2, **an_end(outcome("60-79"), exit_code=0, stderr_tail="two")),
    )

    assert status_of(job, *ends).stderr_tail == "two"


def test_what_failed_by_itself_is_run_again_alone_after_a_pause() -> None:
    job = then(an_array(10, retries=1))
    report = told(job, 1, **an_end(outcome("0-7"), failed("8-9"), state=State.FAILED))
    pausing = decide(job, report)
    assert pausing.look_at == NOON + seconds(1)

    job = then(then(job, report), at=1)
    assert parts(job.status) == [(1, "big", "0-9"), (2, "big", "8-9")]
    assert job.status.counts == Counts(pending=2, succeeded=8)
    status = status_of(job, told(job, 2, **an_end(outcome("8-9"))), at=2)
    assert (status.phase, status.succeeded_indices) == (Phase.SUCCEEDED, "0-9")


@pytest.mark.parametrize("limit", [None, 8])
def test_no_part_of_an_array_is_placed_again_while_another_is_live(limit: int | None) -> None:
    job = then(an_array(80, limit, retries=1))
    job = then(job, told(job, 1, **an_end(outcome("0-58"), failed("59"), state=State.FAILED)))
    later = then(job, at=60)
    assert [a.ordinal for a in later.status.attempts] == [1, 2]

    job = then(job, told(job, 2, **an_end(outcome("60-79"))))
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
    report = told(job, 1, **an_end(outcome("0-3"), given_back("4-9"), state=State.CANCELLED))
    closed = msgspec.structs.replace(BIG, closed=Reason.MEMBER_DRAINING)
    job = then(job, report, pools=(closed, SMALL))

    assert parts(status_of(job, pools=(closed, SMALL), at=1)) == [(1, "big", "0-9"), (2, "small", "4-9")]


def test_a_pool_with_bad_luck_is_passed_over_for_one_that_costs_more() -> None:
    job = then(an_array(10))
    job = then(job, told(job, 1, **an_end(outcome("0-3"), given_back("4-9"), state=State.CANCELLED)))

    assert parts(status_of(job, at=1))[-1] == (2, "small", "4-9")


def test_after_thirty_two_attempts_there_is_no_further_one() -> None:
    lost = tuple(
        an_attempt(
            n, AttemptState.FAILED, indices="0-9", outcomes=(outcome("0-8"), preempted("9")), booked_at=NOON
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


def preempted(indices: str) -> IndexOutcome:
    return failed(indices, reason=Reason.PREEMPTED.value, fault=Fault.INFRA, exit_code=None)


@pytest.mark.parametrize(("setbacks", "pause"), [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (31, 300)])
def test_the_pause_before_another_attempt_doubles_up_to_five_minutes(setbacks: int, pause: int) -> None:
    lost = tuple(
        an_attempt(n, AttemptState.FAILED, indices="0-9", outcomes=(preempted("0-9"),), booked_at=NOON)
        for n in range(1, setbacks + 1)
    )
    job = an_array(on_member_lost=OnMemberLost.REQUEUE, max_attempts=100, attempts=lost)

    assert decide(job).look_at == NOON + seconds(pause)


# Suspended, resumed, cancelled.


def test_a_suspended_array_is_given_up_and_resumed_with_what_has_not_succeeded() -> None:
    job = then(an_array(80))
    first, second = told(job, 1), told(job, 2)
    suspended = edited(job, suspend=True)
    assert [type(a) for a in decide(suspended, first, second).actions] == [GiveUp, GiveUp]

    ends = (
        told(job, 1, **an_end(outcome("0-9"), cancelled("10-59"), state=State.CANCELLED)),
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
    status = status_of(edited(job, suspend=True), told(job, 1, **an_end(outcome("0-9"))))

    assert status.phase is Phase.SUCCEEDED


def test_an_attempt_that_is_missing_is_made_again_as_its_tombstone_while_suspended() -> None:
    creates = decide(edited(then(an_array(10)), suspend=True)).actions

    assert [a.assignment.spec.desired for a in creates if isinstance(a, Create)] == [Desired.CANCEL]


def test_a_cancelled_array_keeps_what_succeeded_and_counts_the_rest_as_failed() -> None:
    job = then(an_array(10))
    report = told(job, 1, **an_end(outcome("0-3"), cancelled("4-9"), state=State.CANCELLED))
    status = status_of(edited(job, cancel=True), report)

    assert (status.phase, status.reason) == (Phase.CANCELLED, Reason.CANCELLED.value)
    assert (status.succeeded_indices, status.failed_indices) == ("0-3", "4-9")
    assert status.counts == Counts(succeeded=4, failed=6)


def test_a_cancel_wins_over_a_retry() -> None:
    job = then(an_array(10, retries=5))
    report = told(job, 1, **an_end(outcome("0-8"), failed("9"), state=State.FAILED))

    assert status_of(edited(job, cancel=True), report).phase is Phase.CANCELLED


def test_an_array_whose_parts_all_failed_before_a_start_gives_up_after_four() -> None:
    gone = outcome("0-9", State.LOST, reason="WorkloadVanished", fault=Fault.INFRA, started=Started.NO)
    attempts = tuple(
        an_attempt(n, AttemptState.LOST, indices="0-9", outcomes=(gone,), booked_at=NOON) for n in range(1, 5)
    )
    status = status_of(an_array(attempts=attempts), at=600)

    assert (status.phase, status.reason) == (Phase.FAILED, Reason.ATTEMPT_LIMIT.value)


def test_a_removed_members_part_is_lost_and_the_others_go_on() -> None:
    job = then(an_array(80))
    status = status_of(job, removed=frozenset({"uid-small"}))

    assert [a.state for a in status.attempts] == [AttemptState.PLACED, AttemptState.LOST]
    assert status.phase is Phase.PLACED


def test_what_a_removed_member_said_nothing_of_is_lost_and_never_placed_again() -> None:
    job = then(an_array(10), pools=(BIG,))
    job = then(job, told(job, 1, **running(Counts(running=6, succeeded=4), outcome("0-3"))))
    ended = status_of(job, removed=frozenset({job.status.attempts[0].member_uid}), at=1)

    assert [(o.indices, o.state) for o in ended.attempts[0].outcomes] == [
        ("0-3", State.SUCCEEDED),
        ("4-9", State.LOST),
    ]
    assert (ended.phase, ended.succeeded_indices, ended.failed_indices) == (Phase.FAILED, "0-3", "4-9")
    assert len(ended.attempts) == 1


def test_an_end_that_says_nothing_of_some_indices_loses_them() -> None:
    job = then(an_array(10), pools=(BIG,))
    ended = status_of(job, told(job, 1, **an_end(outcome("0-3"))), at=1)

    assert (ended.phase, ended.succeeded_indices, ended.failed_indices) == (Phase.FAILED, "0-3", "4-9")


def test_a_member_has_no_say_over_indices_of_another_nor_twice_over_its_own() -> None:
    job = then(an_array(80))
    lies = an_end(outcome("0-79"), failed("5"), outcome("0-9999"))
    job = then(job, told(job, 1, **lies))

    assert [o.indices for o in job.status.attempts[0].outcomes] == ["0-59"]
    assert job.status.succeeded_indices == "0-59"


def test_a_set_of_indices_that_cannot_be_read_is_as_good_as_nothing_said() -> None:
    job = then(an_array(80))
    edited_job = edited(job, cancel=True)
    report = told(job, 1, **an_end(outcome("9-3"), outcome("0-9")))
    decision = decide(edited_job, report, told(job, 2))

    assert any(isinstance(action, GiveUp) for action in decision.actions)
    assert decision.status is not None
    assert [o.indices for o in decision.status.attempts[0].outcomes] == ["0-9", "10-59"]


def test_a_loss_is_placed_again_only_while_the_index_has_had_fewer_attempts_than_allowed() -> None:
    job = then(a_job(retries=3, on_member_lost=OnMemberLost.REQUEUE, max_attempts=2))
    for n, end in enumerate((failed("0"), preempted("0")), start=1):
        flat = {"state": end.state, "reason": end.reason, "fault": end.fault, "started": end.started}
        job = then(job, told(job, n, **flat), at=100 * n)
        job = then(job, at=100 * n + 50)

    assert (job.status.phase, len(job.status.attempts)) == (Phase.FAILED, 2)
