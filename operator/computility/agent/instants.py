"""Between the hub's time and the centre's, which the agent goes by; only a simulated centre has its own.

Instants in reports are translated. Durations stay as they are at the centre: what ran an hour there is
charged for an hour, if only a minute has passed on the hub. What the hub has ordered stays in its own time:
whoever waits for one of its leases multiplies by the clock factor, and a deadline is translated at each look.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from computility.kube.client import Client
from computility.model.assignment import Assignment, AssignmentStatus

Convert = Callable[[datetime], datetime]


class StatusWriter(Protocol):
    """Writes reports."""

    async def write_status(self, seen: Assignment, status: AssignmentStatus) -> Assignment:
        """Bring an Assignment, as last seen, to a new status."""
        ...


class Instants:
    """Turns an Assignment from one time into the other.

    Args:
        to_hub: From the centre's time to the hub's.
        from_hub: Back, exactly.
    """

    def __init__(self, to_hub: Convert, from_hub: Convert) -> None:
        self._to_hub = to_hub
        self._from_hub = from_hub

    def to_hub(self, assignment: Assignment) -> Assignment:
        """Turn the instants of its status; the rest is not ours to write."""
        return _with_status(assignment, convert_status(assignment.status, self._to_hub))

    def from_hub(self, assignment: Assignment) -> Assignment:
        """Turn the instants of its status; the rest is the hub's own."""
        return _with_status(assignment, convert_status(assignment.status, self._from_hub))


def unchanged(instant: datetime) -> datetime:
    """Leave an instant as it is: both go by one time."""
    return instant


class HubTime(NamedTuple):
    """The hub's time, seen from a centre.

    Attributes:
        now: Says what time it is on the hub.
        clock_factor: How many seconds pass at the centre in one of the hub's.
        instants: Between the two; None where they are the same.
        before: Turns an instant of the hub's into one of the centre's that is surely no later.
        to_centre: Turns an instant of the hub's into the centre's.
    """

    now: Callable[[], datetime]
    clock_factor: float = 1.0
    instants: Instants | None = None
    before: Convert = unchanged
    to_centre: Convert = unchanged


class TranslatingWriter:
    """Writes reports in the hub's time.

    Args:
        client: The hub.
        instants: Between the two times.
    """

    def __init__(self, client: Client, instants: Instants) -> None:
        self._client = client
        self._instants = instants

    async def write_status(self, seen: Assignment, status: AssignmentStatus) -> Assignment:
        """Bring an Assignment, as last seen, to a new status; the answer is as the hub has it."""
        told = self._instants.to_hub(_with_status(seen, status))
        return await self._client.write_status(self._instants.to_hub(seen), told.status)


def _with_status(assignment: Assignment, status: AssignmentStatus) -> Assignment:
    return msgspec.structs.replace(assignment, status=status)


def convert_status(status: AssignmentStatus, convert: Convert) -> AssignmentStatus:
    """Convert every instant of a status."""

    def at(instant: datetime | None) -> datetime | None:
        return None if instant is None else convert(instant)

    return msgspec.structs.replace(
        status,
        started_at=at(status.started_at),
        ended_at=at(status.ended_at),
        reported_at=at(status.reported_at),
        workloads=tuple(
            msgspec.structs.replace(workload, submitted_at=at(workload.submitted_at))
            for workload in status.workloads
        ),
    )
