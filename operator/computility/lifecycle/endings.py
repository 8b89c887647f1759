"""How evidence reads as a report: each way in which an attempt can go on or end, in one place."""

import msgspec

from computility.lifecycle.entry import Entry, Refusal
from computility.lifecycle.evidence import Look, Result, SeenWorkload
from computility.model.assignment import Assignment, AssignmentStatus, Fault, Started, State, Workload
from computility.model.reasons import Reason


def report_running(assignment: Assignment, look: Look) -> AssignmentStatus:
    """Say that the payload runs."""
    return msgspec.structs.replace(
        assignment.status,
        state=State.RUNNING,
        reason="",
        message="",
        started=Started.YES,
        started_at=look.started_at,
    )


def report_refused(refusal: Refusal, *, has_workload: bool) -> AssignmentStatus:
    """Say that this centre will not run it; no start is proved unless an earlier journal submitted it."""
    return AssignmentStatus(
        state=State.FAILED,
        reason=refusal.reason.value,
        message=refusal.message,
        fault=refusal.fault,
        started=Started.UNKNOWN if has_workload else Started.NO,
    )


def report_unstarted(entry: Entry, look: Look) -> AssignmentStatus:
    """Say how an attempt ended whose claim the agent holds: its payload never started and never will."""
    base = AssignmentStatus(started=Started.NO, workloads=_workloads(look))
    answer, ended = entry.answer, _explained(look)
    if entry.tombstone_at is not None:
        return _ended(base, State.CANCELLED, Reason.CANCELLED, None, "cancelled before it started")
    if entry.withdrawn_at is not None:
        message = "its Assignment was missing for longer than one lease"
        return _ended(base, State.CANCELLED, Reason.ASSIGNMENT_MISSING, Fault.INFRA, message)
    if answer is not None and answer.refused is not None:
        return _ended(base, State.FAILED, answer.refused, answer.fault, answer.message)
    if ended is not None and ended.ending is not None:
        message = f'workload {ended.native_id} ended as "{ended.word}" before its payload started'
        return _ended(base, State.FAILED, ended.ending, ended.fault, message)
    if entry.submits and answer is None and not look.workloads:
        message = f"{entry.submits} submits were not answered, and none of them arrived"
        return _ended(base, State.FAILED, Reason.SUBMIT_FAILED, Fault.INFRA, message)
    message = "its workload is gone from the scheduler, and its payload never started"
    return _ended(base, State.LOST, Reason.WORKLOAD_VANISHED, Fault.INFRA, message)


def report_result(entry: Entry, look: Look, result: Result) -> AssignmentStatus:
    """Say how the payload ended, by its own result."""
    resources = entry.spec.job.resources if entry.spec.job else None
    base = AssignmentStatus(
        started=Started.YES,
        workloads=_workloads(look),
        exit_code=result.exit_code,
        signal=result.signal,
        started_at=result.started_at,
        ended_at=result.ended_at,
        run_seconds=result.run_seconds,
        core_seconds=result.run_seconds * (resources.cores if resources else 0),
        card_seconds=result.run_seconds * (resources.cards if resources else 0),
        stdout_tail=look.stdout_tail,
        stderr_tail=look.stderr_tail,
    )
    if result.exit_code == 0:
        return _ended(base, State.SUCCEEDED, Reason.SUCCEEDED, None, "")
    if entry.tombstone_at is not None:
        return _ended(base, State.CANCELLED, Reason.CANCELLED, None, "cancelled while it ran")
    if result.limit:
        return _ended(base, State.FAILED, Reason.TIME_LIMIT, Fault.USER, "ended when maxRunSeconds were over")
    if result.signal is None:
        return _ended(base, State.FAILED, Reason.EXIT_CODE, Fault.USER, f"exit code {result.exit_code}")
    ended = _explained(look)
    if ended is not None and ended.ending is not None:
        message = f'signal {result.signal}; the scheduler calls it "{ended.word}"'
        return _ended(base, State.FAILED, ended.ending, ended.fault, message)
    return _ended(base, State.FAILED, Reason.SIGNAL, Fault.USER, f"signal {result.signal}")


def report_unexplained(entry: Entry, look: Look) -> AssignmentStatus:
    """Say how an attempt ended whose payload had the claim and left no result."""
    base = AssignmentStatus(
        started=Started.YES if look.started_at else Started.UNKNOWN,
        workloads=_workloads(look),
        started_at=look.started_at,
        ended_at=entry.ended_at,
        stdout_tail=look.stdout_tail,
        stderr_tail=look.stderr_tail,
    )
    if entry.tombstone_at is not None:
        return _ended(base, State.CANCELLED, Reason.CANCELLED, None, "cancelled, and left no result")
    ended = _explained(look)
    if ended is not None and ended.ending is not None:
        message = f'workload {ended.native_id} ended as "{ended.word}" and left no result'
        return _ended(base, State.FAILED, ended.ending, ended.fault, message)
    message = "its payload may have run: it took the claim, left no result, and no workload stands for it"
    return _ended(base, State.LOST, Reason.NO_RESULT, Fault.INFRA, message)


def _ended(
    base: AssignmentStatus, state: State, reason: Reason, fault: Fault | None, message: str
) -> AssignmentStatus:
    return msgspec.structs.replace(
        base, state=state, reason=reason.value, fault=fault, message=message[:1024]
    )


def _explained(look: Look) -> SeenWorkload | None:
    """Return the workload whose end the scheduler explains: the claim's own before any other."""
    ended = [w for w in look.workloads if w.is_ended and w.ending is not None]
    return next((w for w in ended if w.native_id == look.claim.native_id), ended[0] if ended else None)


def _workloads(look: Look) -> tuple[Workload, ...]:
    seen = sorted(look.workloads, key=lambda w: w.native_id != look.claim.native_id)
    return tuple(
        Workload(native_id=w.native_id, cluster=w.cluster, submitted_at=w.submitted_at) for w in seen[:1]
    )
