"""What single records of a look say: the engine's workloads and tasks in the words of evidence."""

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from computility.backends.protocol import Target
from computility.backends.simulated.records import Ending, Task, Workload
from computility.lifecycle.chunks import split_into_chunks
from computility.lifecycle.evidence import (
    Claim,
    ClaimHolder,
    IndexLook,
    Result,
    SeenWorkload,
    WorkloadState,
)
from computility.model.assignment import Fault
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason

Instants = Callable[[float], datetime]
"""Turns the engine's seconds into instants."""

FAILED = "FAILED(NonZeroExitCode)"
BURNED = IndexLook(claim=Claim(holder=ClaimHolder.AGENT))

_ENDINGS = {
    Ending.CANCELLED: ("CANCELLED", Reason.CANCELLED_AT_CENTRE, Fault.SITE),  # if it was us, the agent knows
    Ending.NODE_FAILED: ("NODE_FAIL", Reason.NODE_FAILED, Fault.INFRA),
    Ending.CLAIM_TAKEN: (FAILED, None, None),
}


def see_workloads(
    target: Target, workload: Workload, at: Instants, now: float, cluster: str
) -> Iterator[SeenWorkload]:
    """Say what one workload looks like: what waits as one record, and every other index as its own."""
    base = SeenWorkload(
        native_id=str(workload.id),
        state=WorkloadState.QUEUED,
        chunk=number_chunk(target, workload.request.index_set),
        cluster=cluster,
        submitted_at=at(workload.submitted_at),
        elapsed_seconds=0.0,
    )
    if workload.pending:
        yield _see_waiting(base, workload)
    for index in workload.withdrawn:
        word, ending, fault = _ENDINGS[Ending.CANCELLED]
        yield _see(base, index, WorkloadState.ENDED, word=word, ending=ending, fault=fault)
    for task in workload.tasks.values():
        yield _see_task(base, task, now)


def _see_waiting(base: SeenWorkload, workload: Workload) -> SeenWorkload:
    if not workload.is_held:
        return msgspec.structs.replace(base, indices=workload.pending, word="PENDING")
    word = "PENDING(JobHeldUser)"
    return msgspec.structs.replace(base, indices=workload.pending, word=word, state=WorkloadState.HELD)


def _see_task(base: SeenWorkload, task: Task, now: float) -> SeenWorkload:
    if task.ended_at is None:
        elapsed = now - task.started_at
        return _see(base, task.index, WorkloadState.ACTIVE, word="RUNNING", elapsed_seconds=elapsed)
    word, ending, fault = explain_ending(task)
    elapsed = task.ended_at - task.started_at
    return _see(
        base, task.index, WorkloadState.ENDED,
        word=word, ending=ending, fault=fault, elapsed_seconds=elapsed,
    )  # fmt: skip


def _see(base: SeenWorkload, index: int, state: WorkloadState, **more: object) -> SeenWorkload:
    return msgspec.structs.replace(base, state=state, indices=IndexSet.only(index), **more)


def number_chunk(target: Target, indices: IndexSet) -> int:
    """Say which chunk of the attempt these indices are; 0 without an array."""
    chunks = split_into_chunks(target.array) if target.array is not None else ()
    return next((number for number, chunk in enumerate(chunks) if chunk & indices), 0)


def explain_ending(task: Task) -> tuple[str, Reason | None, Fault | None]:
    """Say how a task ended, in Slurm's word, and if it was not its own doing, whose."""
    if task.ending is Ending.TIME_LIMIT and not task.has_result:
        return "TIMEOUT", Reason.TIME_LIMIT, Fault.USER
    if task.ending in _ENDINGS:
        return _ENDINGS[task.ending]
    return ("COMPLETED" if task.exit_code == 0 else FAILED), None, None


def see_claim(workload: Workload, task: Task, at: Instants) -> IndexLook:
    """Say what is found of an index whose claim a task has."""
    return IndexLook(
        claim=Claim(holder=ClaimHolder.PAYLOAD, native_id=str(workload.id), claimed_at=at(task.started_at)),
        traces=task.began_at is not None,
        started_at=None if task.began_at is None else at(task.began_at),
        result=build_result(task, at),
    )


def build_result(task: Task, at: Instants) -> Result | None:
    """Build what the wrapper wrote when the payload ended; None if it did not live to write it."""
    if not task.has_result or task.began_at is None or task.ended_at is None:
        return None
    return Result(
        started_at=at(task.began_at),
        ended_at=at(task.ended_at),
        run_seconds=round(task.ended_at - task.began_at, 6),  # no dust of floats on the bill
        exit_code=None if task.signal else task.exit_code,
        signal=task.signal,
        limit=task.ending is Ending.TIME_LIMIT,
        told=task.ending is Ending.CANCELLED and task.told_at is not None,
    )
