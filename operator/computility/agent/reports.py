"""Reports: the status of an Assignment, written only onto the object that was looked at."""

import asyncio
import logging
from collections.abc import Sequence

import msgspec

from computility.agent.assignments import Assignments
from computility.agent.gate import Gate
from computility.agent.log import brief
from computility.agent.steps import Outcome, Outcomes, Step
from computility.kube.client import Client
from computility.kube.errors import ApiError, Conflict, Invalid, NotFound
from computility.lifecycle.agent_actions import Record, Report
from computility.model.assignment import Assignment, AssignmentStatus, Started, State, Workload

_log = logging.getLogger(__name__)


class Reports:
    """Writes reports to the hub.

    Args:
        client: The hub.
        assignments: Takes in what the hub answers.
        gate: Says whether the hub is to be asked at all.
        holder: Identity of our journal, stamped on each report.
    """

    def __init__(self, client: Client, assignments: Assignments, gate: Gate, holder: str) -> None:
        self._client = client
        self._assignments = assignments
        self._gate = gate
        self._holder = holder

    async def report(self, steps: Sequence[Step]) -> Outcomes:
        """Write one status for each attempt, side by side."""
        if not self._gate.is_open:
            return {step.name: Outcome.RETRY for step in steps}
        outcomes = await asyncio.gather(*(self._report(step) for step in steps))
        return {step.name: outcome for step, outcome in zip(steps, outcomes, strict=True)}

    async def _report(self, step: Step) -> Outcome:
        seen = step.view.assignment
        match step.action:
            case Record(workload=workload) if seen is not None:
                return await self._write(seen, recorded(seen.status, workload))
            case Report(status=status) if seen is not None:
                return await self._write(seen, status)
        raise LookupError(f'"{step.name}" has no Assignment to report on')

    async def _write(self, seen: Assignment, status: AssignmentStatus) -> Outcome:
        """Write a status onto an Assignment as it was seen, by compare-and-swap."""
        try:
            self._assignments.take(await self._client.write_status(seen, self._stamp(seen, status)))
        except (Conflict, NotFound):
            return await self._look_again(seen.metadata.name)
        except ApiError as error:
            return self._fail("report on", seen.metadata.name, error)
        self._gate.open()
        return Outcome.DONE

    async def _look_again(self, name: str) -> Outcome:
        try:
            await self._assignments.refresh(name)
        except ApiError as error:
            return self._fail("read", name, error)
        return Outcome.AGAIN

    def _fail(self, verb: str, name: str, error: ApiError) -> Outcome:
        _log.warning("cannot %s %s, trying again: %s", verb, name, brief(error))
        # What is invalid is so for this one attempt; whatever else is wrong, is so for all of them.
        if not isinstance(error, Invalid):
            self._gate.shut()
        return Outcome.RETRY

    def _stamp(self, seen: Assignment, status: AssignmentStatus) -> AssignmentStatus:
        # One more than what is overwritten: compare-and-swap makes the numbers grow, whoever writes.
        return msgspec.structs.replace(status, agent_holder=self._holder, sequence=seen.status.sequence + 1)


def recorded(seen: AssignmentStatus, workload: Workload) -> AssignmentStatus:
    """Say that the attempt is held at the centre, as this workload; a state never goes down."""
    state = seen.state if seen.state.rank > State.HELD.rank else State.HELD
    return msgspec.structs.replace(seen, state=state, workloads=(workload,), started=Started.UNKNOWN)
