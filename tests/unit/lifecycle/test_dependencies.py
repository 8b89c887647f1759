"""What a job does that others have to come before."""

from datetime import timedelta

import msgspec
import pytest

from computility.lifecycle.dependencies import MOST_FOLLOWED, Predecessors, find_cycle
from computility.lifecycle.job import JobDecision, JobView, decide_job
from computility.model.compute_job import (
    After,
    AttemptState,
    ComputeJob,
    Dependency,
    Mode,
    Phase,
    PlacementSpec,
)
from computility.model.meta import find_condition, is_true
from computility.placement.snapshot import Snapshot
from support.builders import NOON, a_job, a_pool, an_attempt

ENDED = Dependency(name="clean", until=After.ENDED)
SUCCEEDED = Dependency(name="prepare")


def a_dependent(*wanted: Dependency, **fields: object) -> ComputeJob:
    job = a_job(**fields)  # type: ignore[arg-type]
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, depends_on=wanted))


def decide(job: ComputeJob, cycle: tuple[str, ...] = (), **phases: Phase | None) -> JobDecision:
    view = JobView(
        job=job,
        assignments={},
        snapshot=Snapshot(pools=(a_pool(),)),
        predecessors=Predecessors(phases=phases, cycle=cycle),
    )
    return decide_job(view, NOON)


@pytest.mark.parametrize(
    ("wanted", "phase", "reason"),
    [
        pytest.param(SUCCEEDED, None, "DependencyPending", id="waits-for-one-nobody-has-looked-at"),
        pytest.param(SUCCEEDED, Phase.RUNNING, "DependencyPending", id="waits-for-one-that-runs"),
        pytest.param(SUCCEEDED, Phase.SUSPENDED, "DependencyPending", id="waits-for-one-that-is-suspended"),
        pytest.param(SUCCEEDED, Phase.QUOTED, "DependencyPending", id="waits-for-a-quote"),
        pytest.param(SUCCEEDED, Phase.SUCCEEDED, "Placed", id="follows-one-that-succeeded"),
        pytest.param(SUCCEEDED, Phase.FAILED, "DependencyFailed", id="fails-with-one-that-failed"),
        pytest.param(SUCCEEDED, Phase.CANCELLED, "DependencyFailed", id="fails-with-one-that-was-cancelled"),
        pytest.param(ENDED, Phase.FINISHING, "DependencyPending", id="waits-for-the-end"),
        pytest.param(ENDED, Phase.SUCCEEDED, "Placed", id="follows-a-good-end"),
        pytest.param(ENDED, Phase.FAILED, "Placed", id="follows-a-bad-end"),
        pytest.param(ENDED, Phase.CANCELLED, "Placed", id="follows-a-cancel"),
    ],
)
def test_a_job_and_the_one_that_comes_before_it(wanted: Dependency, phase: Phase | None, reason: str) -> None:
    status = decide(a_dependent(wanted), **{wanted.name: phase}).status

    assert status is not None
    assert status.reason == reason
    assert status.last_ordinal == (reason == "Placed")


def test_one_that_is_not_there_is_waited_for_by_name() -> None:
    status = decide(a_dependent(SUCCEEDED, ENDED), clean=Phase.SUCCEEDED).status

    assert status is not None
    assert (status.phase, status.reason) == (Phase.QUEUED, "DependencyMissing")
    assert '"prepare"' in status.message
    assert '"clean"' not in status.message


def test_the_message_names_those_that_have_not_ended_and_no_others() -> None:
    status = decide(a_dependent(SUCCEEDED, ENDED), prepare=Phase.SUCCEEDED, clean=Phase.RUNNING).status

    assert status is not None
    assert status.message == 'it waits for "clean" (Ended)'


def test_a_failure_is_told_although_another_is_still_awaited() -> None:
    status = decide(a_dependent(SUCCEEDED, ENDED), prepare=Phase.FAILED).status

    assert status is not None
    assert (status.phase, status.reason) == (Phase.FAILED, "DependencyFailed")
    assert is_true(status.conditions, "Failed")
    assert '"prepare"' in status.message


def test_a_cycle_is_a_condition_that_names_it() -> None:
    decision = decide(a_dependent(SUCCEEDED), cycle=("train", "prepare", "train"), prepare=Phase.QUEUED)
    assert decision.status is not None
    placed = find_condition(decision.status.conditions, "Placed")

    assert decision.status.phase is Phase.QUEUED
    assert placed is not None
    assert placed.reason == "DependencyCycle"
    assert "train -> prepare -> train" in placed.message


def test_a_second_look_at_a_job_that_is_held_back_writes_nothing() -> None:
    job = a_dependent(SUCCEEDED)
    held = msgspec.structs.replace(job, status=decide(job, prepare=Phase.PLACED).status)

    assert decide(held, prepare=Phase.RUNNING).status is None


def test_a_job_that_is_held_back_is_looked_at_by_its_deadline_and_fails_then() -> None:
    job = a_dependent(SUCCEEDED)
    deadline = NOON + timedelta(hours=1)
    due = msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, deadline=deadline))
    past = msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, deadline=NOON))
    late = decide(past, prepare=Phase.RUNNING).status

    assert decide(due, prepare=Phase.RUNNING).look_at == deadline
    assert late is not None
    assert late.reason == "DeadlinePassed"


def test_once_placed_a_job_asks_for_its_predecessors_no_more() -> None:
    failed = an_attempt(
        state=AttemptState.FAILED, started="No", fault="Infra", reason="SubmitFailed", booked_at=NOON
    )
    status = decide(a_dependent(SUCCEEDED, attempts=(failed,))).status

    assert status is not None
    assert status.reason == "BackingOff"


def test_a_quote_does_not_wait() -> None:
    status = decide(a_dependent(SUCCEEDED, placement=PlacementSpec(mode=Mode.QUOTE))).status

    assert status is not None
    assert status.phase is Phase.QUOTED


def test_a_job_that_is_held_back_can_be_cancelled_and_suspended() -> None:
    cancelled = decide(a_dependent(SUCCEEDED, cancel=True)).status
    suspended = decide(a_dependent(SUCCEEDED, suspend=True)).status

    assert cancelled is not None
    assert suspended is not None
    assert (cancelled.phase, suspended.phase) == (Phase.CANCELLED, Phase.SUSPENDED)


@pytest.mark.parametrize(
    ("waits", "cycle"),
    [
        pytest.param({}, (), id="waits-for-nobody"),
        pytest.param({"a": ["b", "c"], "b": ["d"], "c": ["d"]}, (), id="two-ways-to-one-are-no-cycle"),
        pytest.param({"a": ["a"]}, ("a", "a"), id="waits-for-itself"),
        pytest.param({"a": ["x", "b"], "b": ["y", "c"], "c": ["a"]}, ("a", "b", "c", "a"), id="in-a-round"),
        pytest.param({"a": ["b"], "b": ["c"], "c": ["b"]}, (), id="waits-for-a-cycle-that-it-is-not-on"),
    ],
)
def test_a_cycle_leads_from_a_job_back_to_itself(waits: dict[str, list[str]], cycle: tuple[str, ...]) -> None:
    assert find_cycle("a", lambda job: waits.get(job, [])) == cycle


def test_the_search_for_a_cycle_has_an_end() -> None:
    followed: list[str] = []

    def waits_for(job: str) -> list[str]:
        followed.append(job)
        return [str(int(job) + 1)]

    assert find_cycle("0", waits_for) == ()
    assert len(followed) == MOST_FOLLOWED
