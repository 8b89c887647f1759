"""What the hub does next about one job."""

import msgspec
import pytest

from computility.lifecycle.hub_actions import Create, Delete, GiveUp
from computility.lifecycle.job import JobDecision, JobView, decide_job
from computility.lifecycle.orphan import decide_orphan
from computility.model.assignment import Assignment, Desired, Fault, Started, State
from computility.model.compute_job import AttemptState, ComputeJob, Phase, Resources, Variant
from computility.model.meta import find_condition, is_true
from computility.model.resource_pool import Capacity, PoolLimits, ResourcePoolStatus
from computility.placement.snapshot import PoolFacts, Snapshot
from support.builders import NOON, UID, a_job, a_pool, an_assignment, an_attempt, seconds

ALL_DOWN = ResourcePoolStatus(
    observed_at=NOON,
    complete=True,
    total=Capacity(nodes=4, cores=32),
    unavailable=Capacity(nodes=4, cores=32),
)


def decide(
    job: ComputeJob, *assignments: Assignment, pools: tuple[PoolFacts, ...] = (a_pool(),), **view: object
) -> JobDecision:
    own = {a.metadata.name: a for a in assignments}
    seen = JobView(job=job, assignments=own, snapshot=Snapshot(pools=pools))
    return decide_job(msgspec.structs.replace(seen, **view), NOON)


def after(job: ComputeJob, decision: JobDecision) -> ComputeJob:
    assert decision.status is not None
    return msgspec.structs.replace(job, status=decision.status)


def test_a_new_job_is_placed_with_ordinal_and_receipt_in_one_write() -> None:
    decision = decide(a_job())

    assert decision.actions == ()
    assert decision.status is not None
    assert decision.status.last_ordinal == 1
    assert decision.status.phase is Phase.PLACED
    assert decision.status.receipt is not None
    assert decision.status.receipt.chosen is not None


def test_the_assignment_is_created_only_once_the_attempt_is_recorded() -> None:
    job = after(a_job(), decide(a_job()))

    (create,) = decide(job).actions

    assert isinstance(create, Create)
    assert create.assignment.metadata.name == f"cj-{UID.replace('-', '')}-1"
    assert create.assignment.spec.desired is Desired.RUN


def test_the_variant_that_the_pool_takes_is_recorded_and_runs() -> None:
    dcu = Variant(name="dcu", card_models=("k100",), modules=("dtk",), command=("run", "dcu"))
    new = a_job()
    template = msgspec.structs.replace(new.spec.template, variants=(dcu,))
    new = msgspec.structs.replace(new, spec=msgspec.structs.replace(new.spec, template=template))
    pool = a_pool(cards=8, card_model="k100")
    pool = msgspec.structs.replace(pool, spec=msgspec.structs.replace(pool.spec, modules=("dtk",)))

    job = after(new, decide(new, pools=(pool,)))
    (create,) = decide(job, pools=()).actions

    assert job.status.receipt is not None and job.status.receipt.chosen is not None  # noqa: PT018
    assert (job.status.attempts[0].variant, job.status.receipt.chosen.variant) == ("dcu", "dcu")
    assert isinstance(create, Create)
    work = create.assignment.spec.job
    assert work is not None
    assert (work.command, work.modules) == (("run", "dcu"), ("dtk",))


def test_a_second_look_at_the_same_things_writes_nothing() -> None:
    job = after(a_job(), decide(a_job()))

    assert decide(job, an_assignment(job)).status is None
    assert decide(job, an_assignment(job)).actions == ()


def test_a_second_look_at_a_job_that_waits_writes_nothing() -> None:
    big = a_job(resources=Resources(nodes=99))
    waiting = after(big, decide(big))

    later = decide_job(
        JobView(job=waiting, assignments={}, snapshot=Snapshot(pools=(a_pool(),))), NOON + seconds(60)
    )

    assert later.status is None


def test_held_is_not_booked_because_it_tells_the_user_nothing() -> None:
    job = after(a_job(), decide(a_job()))

    assert decide(job, an_assignment(job, state=State.HELD, native_id="11")).status is None


def test_running_is_booked_with_the_native_id() -> None:
    job = after(a_job(), decide(a_job()))

    status = decide(job, an_assignment(job, state=State.RUNNING, native_id="11", started_at=NOON)).status

    assert status is not None
    assert (status.phase, status.attempts[0].native_id) == (Phase.RUNNING, "11")


def test_an_end_is_booked_before_its_assignment_is_deleted() -> None:
    job = after(a_job(), decide(a_job()))
    end = an_assignment(
        job, state=State.SUCCEEDED, started=Started.YES, exit_code=0, run_seconds=36.0, core_seconds=36.0
    )

    first = decide(job, end)
    assert first.actions == ()
    booked = after(job, first)
    assert booked.status.phase is Phase.SUCCEEDED
    assert is_true(booked.status.conditions, "Complete")
    assert booked.status.receipt is not None
    assert booked.status.receipt.actual is not None
    assert booked.status.receipt.actual.cost == "0.001"

    second = decide(booked, end)
    assert [type(a) for a in second.actions] == [Delete]
    assert second.status is None


def test_the_members_own_words_reach_the_user() -> None:
    job = a_job(attempts=(an_attempt(),))
    refused = an_assignment(
        job, state=State.FAILED, fault=Fault.USER, reason="Invalid", message='env "A" is refused'
    )

    status = decide(job, refused).status

    assert status is not None
    assert 'env "A" is refused' in status.message
    assert status.reason == "Invalid"


def test_that_it_ran_is_never_taken_back() -> None:
    job = a_job(attempts=(an_attempt(state=AttemptState.RUNNING),))
    forgetful = an_assignment(job, state=State.LOST, fault=Fault.INFRA, started=Started.NO, reason="NoResult")

    status = decide(job, forgetful).status

    assert status is not None
    assert status.attempts[0].started == "Unknown"
    assert status.phase is Phase.FAILED


def test_an_end_that_was_not_reported_is_never_deleted() -> None:
    job = a_job(attempts=(an_attempt(state=AttemptState.CANCELLED),), phase=Phase.CANCELLED)

    assert [type(a) for a in decide(job, an_assignment(job)).actions] == [GiveUp]
    assert decide(job, an_assignment(job, desired=Desired.CANCEL)).actions == ()


def test_a_cancel_before_placement_ends_the_job_at_once() -> None:
    status = decide(a_job(cancel=True)).status

    assert status is not None
    assert status.phase is Phase.CANCELLED
    failed = find_condition(status.conditions, "Failed")
    assert failed is not None
    assert failed.reason == "Cancelled"


def test_a_cancel_of_a_recorded_attempt_creates_its_tombstone_if_it_is_missing() -> None:
    (create,) = decide(a_job(cancel=True, attempts=(an_attempt(),))).actions

    assert isinstance(create, Create)
    assert create.assignment.spec.desired is Desired.CANCEL


def test_a_cancelled_job_is_finishing_until_the_end_is_reported() -> None:
    job = a_job(cancel=True, attempts=(an_attempt(),))

    decision = decide(job, an_assignment(job))

    assert [type(a) for a in decision.actions] == [GiveUp]
    assert decision.status is not None
    assert decision.status.phase is Phase.FINISHING


def test_what_succeeded_wins_over_a_cancel() -> None:
    job = a_job(cancel=True, attempts=(an_attempt(),))

    status = decide(job, an_assignment(job, state=State.SUCCEEDED, started=Started.YES)).status

    assert status is not None
    assert status.phase is Phase.SUCCEEDED


def test_a_lagging_view_of_the_job_decides_nothing() -> None:
    decision = decide(a_job(), an_assignment(ordinal=1))

    assert decision.needs_live
    assert decision.actions == ()


def test_an_assignment_that_even_the_live_job_does_not_know_is_given_up() -> None:
    decision = decide(a_job(), an_assignment(ordinal=1), is_live=True)

    assert [type(a) for a in decision.actions] == [GiveUp]


def test_a_job_waits_for_an_earlier_one_of_the_same_name() -> None:
    status = decide(a_job(), namesake="cj-old-1").status

    assert status is not None
    placed = find_condition(status.conditions, "Placed")
    assert placed is not None
    assert placed.reason == "PredecessorEnding"


def test_a_silent_member_is_said_and_nothing_is_given_up() -> None:
    job = after(a_job(), decide(a_job()))

    decision = decide(job, an_assignment(job), silent={"alpha": NOON - seconds(700)})

    assert decision.actions == ()
    assert decision.status is not None
    assert not is_true(decision.status.conditions, "MemberReachable")


def unstarted(fault: Fault, ordinal: int = 1) -> dict[str, object]:
    return {"state": State.FAILED, "started": Started.NO, "fault": fault, "reason": "PartitionUnknown"}


def test_what_never_started_is_placed_again_elsewhere_after_a_pause() -> None:
    pools = (a_pool("alpha"), a_pool("bravo", core_hour="9"))
    job = a_job(attempts=(an_attempt(),))

    backing_off = decide(job, an_assignment(job, **unstarted(Fault.SITE)), pools=pools)
    assert backing_off.look_at == NOON + seconds(1)
    job = after(job, backing_off)
    view = JobView(job=job, assignments={}, snapshot=Snapshot(pools=pools))
    again = decide_job(view, NOON + seconds(1)).status

    assert again is not None
    assert [a.member for a in again.attempts] == ["alpha", "bravo"]


def test_what_never_started_fails_where_there_is_no_other_pool() -> None:
    job = a_job(attempts=(an_attempt(),))
    job = after(job, decide(job, an_assignment(job, **unstarted(Fault.SITE))))

    view = JobView(job=job, assignments={}, snapshot=Snapshot(pools=(a_pool(),)))
    status = decide_job(view, NOON + seconds(1)).status

    assert status is not None
    assert status.phase is Phase.FAILED
    failed = find_condition(status.conditions, "Failed")
    assert failed is not None
    assert failed.reason == "PartitionUnknown"


def test_bad_luck_may_be_tried_again_in_the_same_place() -> None:
    job = a_job(attempts=(an_attempt(),))
    job = after(job, decide(job, an_assignment(job, **unstarted(Fault.INFRA))))

    view = JobView(job=job, assignments={}, snapshot=Snapshot(pools=(a_pool(),)))
    status = decide_job(view, NOON + seconds(1)).status

    assert status is not None
    assert status.last_ordinal == 2


@pytest.mark.parametrize(
    "pool",
    [
        pytest.param(a_pool(silent=True), id="silent"),
        pytest.param(a_pool(limits=PoolLimits(max_queued=0)), id="busy"),
        pytest.param(a_pool(status=ALL_DOWN), id="its-nodes-are-down"),
    ],
)
def test_a_job_to_be_placed_again_waits_for_its_pool_without_being_written_again(pool: PoolFacts) -> None:
    job = a_job(attempts=(an_attempt(),))
    job = after(job, decide(job, an_assignment(job, **unstarted(Fault.INFRA)), pools=(pool,)))
    view = JobView(job=job, assignments={}, snapshot=Snapshot(pools=(pool,)))

    waiting = decide_job(view, NOON + seconds(1))
    job = after(job, waiting)
    view = JobView(job=job, assignments={}, snapshot=Snapshot(pools=(pool,)))

    assert job.status.phase is Phase.QUEUED
    assert decide_job(view, NOON + seconds(1)).status is None
    assert decide_job(view, NOON + seconds(99)).status is None


def test_nodes_that_are_down_are_not_waited_for_where_they_would_not_help() -> None:
    job = a_job(attempts=(an_attempt(),), resources=Resources(nodes=99))
    pool = a_pool(status=ALL_DOWN)
    job = after(job, decide(job, an_assignment(job, **unstarted(Fault.INFRA)), pools=(pool,)))
    view = JobView(job=job, assignments={}, snapshot=Snapshot(pools=(pool,)))

    status = decide_job(view, NOON + seconds(1)).status

    assert status is not None
    assert status.phase is Phase.FAILED


def test_an_attempt_at_a_member_that_was_removed_is_lost_and_not_placed_again() -> None:
    job = a_job(attempts=(an_attempt(),))

    status = decide(job, removed=frozenset({"uid-alpha"})).status

    assert status is not None
    assert (status.phase, status.attempts[0].reason) == (Phase.FAILED, "MemberRemoved")


def test_a_job_is_not_placed_again_for_ever() -> None:
    tried = tuple(
        an_attempt(n, AttemptState.LOST, started="No", fault="Infra", reason="WorkloadVanished")
        for n in (1, 2, 3, 4)
    )
    status = decide(a_job(attempts=tried)).status

    assert status is not None
    assert status.phase is Phase.FAILED
    failed = find_condition(status.conditions, "Failed")
    assert failed is not None
    assert failed.reason == "AttemptLimitReached"


@pytest.mark.parametrize("started", [Started.YES, Started.UNKNOWN])
def test_what_may_have_started_is_never_placed_again(started: Started) -> None:
    job = a_job(attempts=(an_attempt(),))
    lost = an_assignment(job, state=State.LOST, started=started, fault=Fault.INFRA, reason="NoResult")

    status = decide(job, lost).status

    assert status is not None
    assert status.phase is Phase.FAILED


def test_that_all_pools_are_busy_is_written_only_once_it_lasts() -> None:
    full = a_pool(limits=PoolLimits(max_queued=0))
    fresh = a_job()
    meta = msgspec.structs.replace(fresh.metadata, creation_timestamp=NOON - seconds(1))
    fresh = msgspec.structs.replace(fresh, metadata=meta)

    early = decide(fresh, pools=(full,))
    assert early.status is None
    assert early.look_at == NOON + seconds(1)

    late = decide(a_job(), pools=(full,)).status
    assert late is not None
    placed = find_condition(late.conditions, "Placed")
    assert placed is not None
    assert placed.reason == "PoolsBusy"


def test_an_orphan_is_ended_first_and_deleted_after_its_report() -> None:
    assert [type(a) for a in decide_orphan(an_assignment(), None)] == [GiveUp]
    assert decide_orphan(an_assignment(desired=Desired.CANCEL), None) == ()
    assert [type(a) for a in decide_orphan(an_assignment(state=State.CANCELLED), "other")] == [Delete]


def test_an_assignment_whose_job_a_lagging_watch_has_not_shown_is_no_orphan() -> None:
    assert decide_orphan(an_assignment(), UID) == ()


def test_the_assignment_says_by_when_the_job_has_to_start() -> None:
    deadline = NOON + seconds(3600)
    job = a_job()
    job = msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, deadline=deadline))
    (create,) = decide(after(job, decide(job))).actions

    assert isinstance(create, Create)
    assert create.assignment.spec.job is not None
    assert create.assignment.spec.job.start_by == deadline


def test_a_job_that_did_not_start_by_its_deadline_has_failed_and_cost_nothing() -> None:
    job = after(a_job(retries=2), decide(a_job(retries=2)))
    expired = an_assignment(
        job,
        state=State.FAILED,
        reason="DeadlinePassed",
        fault=Fault.USER,
        started=Started.NO,
        message="it had not started by the job's deadline, and was given up",
    )

    status = decide(job, expired).status

    assert status is not None
    assert (status.phase, status.reason) == (Phase.FAILED, "DeadlinePassed")
    assert "had not started" in status.message
    assert status.receipt is not None
    assert status.receipt.actual is not None
    assert status.receipt.actual.cost == "0"
