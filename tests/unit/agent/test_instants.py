"""Reports in the hub's time, of a centre that has its own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from computility.agent.fleet_member import hub_time_of
from computility.agent.instants import Instants, TranslatingWriter
from computility.backends.simulated.clock import VirtualClock, change_factor, start_anchor
from computility.model.assignment import Assignment, AssignmentStatus, State, Workload
from support.builders import an_assignment

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def a_clock(factor: float) -> VirtualClock:
    """A clock that went at another speed for an hour before."""
    anchor = change_factor(start_anchor(NOON - timedelta(hours=1), 7), NOON, factor)
    return VirtualClock(anchor, lambda: NOON)


def test_an_instant_of_the_hub_comes_back_from_the_centre_as_it_was() -> None:
    for factor in (1.0, 1.5, 60.0, 9999.0):
        clock = a_clock(factor)
        for microseconds in (0, 1, 333_333, 86_399_999_999):
            instant = NOON + timedelta(microseconds=microseconds)
            assert clock.to_wall(clock.from_wall(instant)) == instant


class OneAssignment:
    """A hub that keeps what was written last."""

    def __init__(self) -> None:
        self.seen: Any = None
        self.status = AssignmentStatus()

    async def write_status(self, seen: Assignment, status: AssignmentStatus) -> Assignment:
        self.seen, self.status = seen, status
        return msgspec.structs.replace(seen, status=status)


async def test_every_instant_of_a_report_is_written_in_the_hubs_time_and_read_back_in_the_centres() -> None:
    clock = a_clock(60)
    instants, hub = Instants(clock.to_wall, clock.from_wall), OneAssignment()
    at = clock.from_wall(NOON + timedelta(seconds=3))
    client: Any = hub
    told = AssignmentStatus(
        state=State.RUNNING,
        started_at=at,
        ended_at=at,
        reported_at=at,
        run_seconds=120.0,
        workloads=(Workload(native_id="1", submitted_at=at),),
    )

    answer = await TranslatingWriter(client, instants).write_status(an_assignment(), told)

    written = msgspec.to_builtins(hub.status)
    assert written["startedAt"] == written["endedAt"] == written["reportedAt"] == "2026-01-01T12:00:03Z"
    assert written["workloads"][0]["submittedAt"] == "2026-01-01T12:00:03Z"
    assert hub.status.run_seconds == 120.0
    assert instants.from_hub(answer).status == told


def test_what_the_hub_orders_stays_in_the_hubs_time() -> None:
    clock = a_clock(10_000)

    read = Instants(clock.to_wall, clock.from_wall).from_hub(an_assignment())

    assert read.spec == an_assignment().spec


@pytest.mark.parametrize("factor", [1.0, 60.0, 10_000.0])
def test_what_ended_a_month_ago_on_the_hub_is_before_that_instant_at_the_centre(factor: float) -> None:
    now = NOON + timedelta(days=31)
    clock = VirtualClock(start_anchor(NOON, factor), lambda: now)

    before = hub_time_of(clock).before(now - timedelta(days=30))

    assert before == clock.from_wall(NOON + timedelta(days=1))


def test_what_ended_before_the_clock_changed_its_speed_counts_from_the_change() -> None:
    clock = a_clock(60)

    before = hub_time_of(clock).before

    assert before(NOON - timedelta(seconds=1)) == NOON - timedelta(hours=1)  # where the centre's time began
    assert before(NOON) == clock.from_wall(NOON)
