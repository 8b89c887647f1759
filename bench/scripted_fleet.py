"""For the bench only: stands in for agents, and reports each Assignment as done the moment it sees it.

It keeps no journal, simulates no centre and knows no faults: what it costs is a lower bound, one write for
each Assignment. `python -m bench.scripted_fleet KUBECONFIG`
"""

import asyncio
import sys
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

from computility.kube.client import Client
from computility.kube.deltas import Added
from computility.kube.informer import Informer
from computility.kube.kubeconfig import load_kubeconfig
from computility.model.assignment import Assignment, AssignmentStatus, Started, State

AT_ONCE = 32


def an_end() -> AssignmentStatus:
    """Build the report of a payload that did nothing, with success."""
    now = datetime.now(UTC).replace(microsecond=0)
    return AssignmentStatus(
        state=State.SUCCEEDED,
        started=Started.YES,
        exit_code=0,
        started_at=now,
        ended_at=now,
        run_seconds=1.0,
        core_seconds=1.0,
        sequence=1,
    )


async def report(client: Client, slots: asyncio.Semaphore, assignment: Assignment) -> None:
    """Report one Assignment."""
    async with slots:
        await client.write_status(assignment, an_end())


async def run(kubeconfig: Path) -> None:
    """Report whatever comes, for ever."""
    slots = asyncio.Semaphore(AT_ONCE)
    async with (
        Client(load_kubeconfig(kubeconfig), manager="bench-fleet") as client,
        asyncio.TaskGroup() as group,
        aclosing(Informer(client, Assignment).deltas()) as deltas,
    ):
        async for delta in deltas:
            if isinstance(delta, Added) and not delta.new.status.state.is_terminal:
                group.create_task(report(client, slots, delta.new))


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1])))
