"""Reports: the status of an Assignment, written only onto the object that was looked at."""

import asyncio
import logging
from collections.abc import Sequence

import msgspec

from computility.agent.assignments import Assignments
from computility.agent.gate import Gate
from computility.agent.instants import StatusWriter
from computility.agent.log import brief
from computility.agent.steps import Outcome, Outcomes, Step
from computility.kube.errors import ApiError, Conflict, Invalid, NotFound
from computility.lifecycle.agent_actions import Record, Report
from computility.lifecycle.endings import report_held
from computility.model.assignment import Assignment, AssignmentStatus

_log = logging.getLogger(__name__)


class Reports:
    """Writes reports to the hub.

    Args:
        client: The hub.
        assignments: Takes in what the hub answers.
        gate: Lets all reports through, or one at a time while the hub is away.
        holder: Identity of our journal, stamped on each report.
    """

    def __init__(self, client: StatusWriter, assignments: Assignments, gate: Gate, holder: str) -> None:
        self._client = client
        self._assignments = assignments
        self._gate = gate
        self._holder = holder

    async def report(self, steps: Sequence[Step]) -> Outcomes:
        """Write one status for each attempt, side by side, as far as the gate lets them through."""
        outcomes = await asyncio.gather(*(self._pass(step) for step in steps))
        return {step.name: outcome for step, outcome in zip(steps, outcomes, strict=True)}

    async def _pass(self, step: Step) -> Outcome:
        with self._gate.passage() as may_pass:
            return await self._report(step) if may_pass else Outcome.RETRY

    async def _report(self, step: Step) -> Outcome:
        seen = step.view.assignment
        match step.action:
            case Record(workloads=workloads) if seen is not None:
                return await self._write(seen, report_held(seen.status, workloads))
            case Report(status=status) if seen is not None:
                return await self._write(seen, status)
        raise LookupError(f'"{step.name}" has no Assignment to report on')

    async def _write(self, seen: Assignment, status: AssignmentStatus) -> Outcome:
        """Write a status onto an Assignment as it was seen, by compare-and-swap."""
        try:
            self._assignments.take(await self._client.write_status(seen, self._stamp(seen, status)))
        except (Conflict, NotFound):
            return await self._look_again(seen)
        except ApiError as error:
            return self._fail("report on", seen, error)
        self._gate.open()
        return Outcome.DONE

    async def _look_again(self, seen: Assignment) -> Outcome:
        """Read what has become of an Assignment that was not as it was seen."""
        try:
            await self._assignments.refresh(seen.metadata.name)
        except ApiError as error:
            return self._fail("read", seen, error)
        self._gate.open()
        known = self._assignments.get(seen.metadata.name)
        is_same = known is not None and known.metadata.resource_version == seen.metadata.resource_version
        return Outcome.RETRY if is_same else Outcome.AGAIN

    def _fail(self, verb: str, seen: Assignment, error: ApiError) -> Outcome:
        _log.warning("cannot %s %s, trying again: %s", verb, seen.metadata.name, brief(error))
        # What is invalid is so for this one attempt; whatever else is wrong, is so for all of them.
        if isinstance(error, Invalid):
            self._gate.open()
        else:
            self._gate.shut()
        return Outcome.RETRY

    def _stamp(self, seen: Assignment, status: AssignmentStatus) -> AssignmentStatus:
        # One more than what is overwritten: compare-and-swap makes the numbers grow, whoever writes.
        return msgspec.structs.replace(status, agent_holder=self._holder, sequence=seen.status.sequence + 1)
