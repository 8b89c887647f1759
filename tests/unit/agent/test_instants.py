"""Reports in the hub's time, of a centre that has its own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from computility.agent.instants import Instants, TranslatingWriter
from computility.backends.simulated.clock import VirtualClock, change_factor, start_anchor
from computility.model.assignment import Assignment, AssignmentStatus, AttemptLease, State, Workload
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
    instants, hub = Instants(clock.to_wall, clock.from_wall, clock.factor), OneAssignment()
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


def test_a_lease_is_as_long_at_the_centre_as_on_the_hub_but_no_longer_than_a_lease_may_be() -> None:
    for factor, seconds in ((60.0, 600 * 60), (10_000.0, 86_400)):
        clock = a_clock(factor)
        instants = Instants(clock.to_wall, clock.from_wall, clock.factor)
        spec = msgspec.structs.replace(an_assignment().spec, lease=AttemptLease(seconds=600))

        read = instants.from_hub(msgspec.structs.replace(an_assignment(), spec=spec))

        assert read.spec.lease.seconds == seconds
        assert msgspec.convert(msgspec.to_builtins(read.spec), type(spec)) == read.spec
