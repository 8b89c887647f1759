"""A job whose member's agent is away for an hour: what the hub decides, look after look."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from computility.lifecycle.job import JobView, decide_job
from computility.model.assignment import Assignment, Started, State
from computility.model.compute_job import (
    AttemptState,
    ComputeJob,
    Failover,
    OnMemberLost,
    Phase,
)
from computility.model.meta import find_condition
from computility.placement.snapshot import Snapshot
from support.builders import NOON, a_job, a_pool, an_assignment, an_attempt, seconds

POOLS = Snapshot(pools=(a_pool(silent=True), a_pool("beta")))
HEARD = NOON - seconds(60)


class Story:
    """A job with a running attempt, and what the hub writes about it as time passes."""

    def __init__(self, on_member_lost: OnMemberLost) -> None:
        job = a_job(attempts=(an_attempt(state=AttemptState.RUNNING, placed_at=NOON),), phase=Phase.RUNNING)
        failover = Failover(on_member_lost=on_member_lost)
        self.job: ComputeJob = msgspec.structs.replace(
            job, spec=msgspec.structs.replace(job.spec, failover=failover)
        )
        self.assignment: Assignment = an_assignment(self.job, state=State.RUNNING, native_id="11")
        self.writes = 0
        self.actions: list[Any] = []

    def look(self, at: datetime, *, is_silent: bool) -> None:
        view = JobView(
            job=self.job,
            assignments={self.assignment.metadata.name: self.assignment},
            snapshot=POOLS,
            silent={"alpha": HEARD} if is_silent else {},
        )
        decision = decide_job(view, at)
        self.actions += decision.actions
        if decision.status is not None:
            self.writes += 1
            self.job = msgspec.structs.replace(self.job, status=decision.status)

    def report(self, state: State) -> None:
        status = msgspec.structs.replace(
            self.assignment.status, state=state, started=Started.YES, exit_code=0
        )
        self.assignment = msgspec.structs.replace(self.assignment, status=status)


@pytest.mark.parametrize("on_member_lost", OnMemberLost)
def test_an_hour_of_silence_costs_one_write_and_no_second_attempt(on_member_lost: OnMemberLost) -> None:
    story = Story(on_member_lost)
    story.look(NOON, is_silent=False)
    before = story.writes
    for minute in range(60):
        story.look(NOON + seconds(60 * minute), is_silent=True)

    reachable = find_condition(story.job.status.conditions, "MemberReachable")
    assert reachable is not None
    assert reachable.reason == "MemberSilent"
    assert (story.writes - before, story.actions) == (1, [])
    assert (story.job.status.phase, story.job.status.last_ordinal) == (Phase.RUNNING, 1)


def test_the_job_ends_well_when_the_agent_is_back_with_its_report() -> None:
    story = Story(OnMemberLost.WAIT)
    story.look(NOON, is_silent=True)
    story.look(NOON + seconds(3600), is_silent=False)
    story.report(State.SUCCEEDED)
    story.look(NOON + seconds(3601), is_silent=False)

    assert story.job.status.phase is Phase.SUCCEEDED
    assert [(a.ordinal, a.state) for a in story.job.status.attempts] == [(1, AttemptState.SUCCEEDED)]
