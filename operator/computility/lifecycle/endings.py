"""How evidence reads as a report: each way in which an attempt can go on or end, in one place."""

import msgspec

from computility.lifecycle.entry import Entry, Refusal
from computility.lifecycle.evidence import Result
from computility.lifecycle.run_seconds import bounded_seconds, metered, seen_seconds
from computility.lifecycle.sight import Sight
from computility.model.assignment import AssignmentStatus, Fault, Started, State, Workload
from computility.model.base import cut_message
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason


def report_held(seen: AssignmentStatus, workloads: tuple[Workload, ...]) -> AssignmentStatus:
    """Say that the attempt is at the centre as these workloads too; a state never goes down."""
    return msgspec.structs.replace(
        seen,
        state=seen.state if seen.state.rank > State.HELD.rank else State.HELD,
        reason="",
        message="",
        workloads=(*seen.workloads, *workloads),
    )


def report_postponed(seen: AssignmentStatus, reason: Reason, message: str) -> AssignmentStatus:
    """Say why the centre does not take the attempt yet."""
    return msgspec.structs.replace(seen, reason=reason.value, message=cut_message(message))


def report_refused(refusal: Refusal, *, has_workload: bool) -> AssignmentStatus:
    """Say that this centre will not run it; no start is proved unless an earlier journal submitted it."""
    return AssignmentStatus(
        state=State.FAILED,
        reason=refusal.reason.value,
        message=refusal.message,
        fault=refusal.fault,
        started=Started.UNKNOWN if has_workload else Started.NO,
    )


def report_unstarted(entry: Entry, sight: Sight, index: int) -> AssignmentStatus:
    """Say how an index ended whose claim the agent holds: its payload never started and never will."""
    has_run = index in IndexSet.parse(entry.claim_lost)
    base = AssignmentStatus(
        started=Started.UNKNOWN if has_run else Started.NO,
        workloads=sight.workloads(index),
        run_seconds=bounded_seconds(entry, sight, index, 0.0) if has_run else None,
    )
    base = _complete(base, entry, sight, index)
    if entry.tombstone_at is not None:
        when = "while it may have run" if has_run else "before it could start"
        return _ended(base, State.CANCELLED, Reason.CANCELLED, None, f"cancelled {when}")
    if has_run:
        message = (
            "its claim is gone although it ran or may have run: who removed it, only its account can tell"
        )
        return _ended(base, State.LOST, Reason.NO_RESULT, Fault.USER, message)
    if entry.expired_at is not None:
        message = "it had not started by the job's deadline, and was given up"
        return _ended(base, State.FAILED, Reason.DEADLINE_PASSED, Fault.USER, message)
    if entry.withdrawn_at is not None:
        if entry.missing_at is None:
            message = "its member is being drained: what had not started was given back"
            return _ended(base, State.CANCELLED, Reason.MEMBER_DRAINING, Fault.INFRA, message)
        message = "its Assignment was missing for longer than one lease"
        return _ended(base, State.CANCELLED, Reason.ASSIGNMENT_MISSING, Fault.INFRA, message)
    return _explain_unstarted(base, entry, sight, index)


def _explain_unstarted(base: AssignmentStatus, entry: Entry, sight: Sight, index: int) -> AssignmentStatus:
    """Say what the centre did with it, since nobody had it cancelled."""
    chunk, ended = entry.chunk_of(index), sight.explained(index)
    answer = chunk.answer
    if answer is not None and answer.refused is not None:
        return _ended(base, State.FAILED, answer.refused, answer.fault, answer.message)
    if ended is not None and ended.ending is not None:
        message = f'workload {ended.native_id} ended as "{ended.word}" before its payload started'
        # A cancel that nobody asked for may be a controller's that lost its memory: bad luck, not bad set-up.
        fault = Fault.INFRA if ended.ending is Reason.CANCELLED_AT_CENTRE else ended.fault
        return _ended(base, State.FAILED, ended.ending, fault, message)
    if chunk.submits and answer is None and not sight.covering(index):
        message = f"{chunk.submits} submits were not answered, and none of them arrived"
        return _ended(base, State.FAILED, Reason.SUBMIT_FAILED, Fault.INFRA, message)
    message = "its workload is gone from the scheduler, and its payload never started"
    return _ended(base, State.LOST, Reason.WORKLOAD_VANISHED, Fault.INFRA, message)


def report_result(entry: Entry, sight: Sight, index: int, result: Result) -> AssignmentStatus:
    """Say how a payload ended, by its own result."""
    if result.unstarted:
        return report_unloaded(entry, sight, index, result)
    run_seconds = bounded_seconds(entry, sight, index, result.run_seconds)
    base = AssignmentStatus(
        started=Started.YES,
        workloads=sight.workloads(index),
        exit_code=result.exit_code,
        signal=result.signal,
        started_at=result.started_at,
        ended_at=result.ended_at,
        run_seconds=run_seconds,
    )
    return _explain_result(_complete(base, entry, sight, index), entry, sight, index, result)


def _explain_result(
    base: AssignmentStatus, entry: Entry, sight: Sight, index: int, result: Result
) -> AssignmentStatus:
    """Say whose doing the end was: of the limit, of a cancel, of the payload itself, or of the centre."""
    if result.limit:
        message = "ended for its time limit: SIGTERM comes graceSeconds before maxRunSeconds are over"
        return _ended(base, State.FAILED, Reason.TIME_LIMIT, Fault.USER, message)
    if entry.tombstone_at is not None and (result.told or result.exit_code != 0):
        return _ended(base, State.CANCELLED, Reason.CANCELLED, None, "cancelled while it ran")
    if result.exit_code == 0:
        return _ended(base, State.SUCCEEDED, Reason.SUCCEEDED, None, "")
    if result.signal is None:
        return _ended(base, State.FAILED, Reason.EXIT_CODE, Fault.USER, f"exit code {result.exit_code}")
    ended = sight.explained(index)
    if ended is not None and ended.ending is not None:
        message = f'signal {result.signal}; the scheduler calls it "{ended.word}"'
        return _ended(base, State.FAILED, ended.ending, ended.fault, message)
    return _ended(base, State.FAILED, Reason.SIGNAL, Fault.USER, f"signal {result.signal}")


def report_unloaded(entry: Entry, sight: Sight, index: int, result: Result) -> AssignmentStatus:
    """Say that the centre's modules could not be loaded: the payload that had the claim never started.

    It is the account's own word, as every result is. So it is charged what the scheduler counted, and one who
    runs all the same and says this gains nothing by it.
    """
    base = AssignmentStatus(
        started=Started.NO,
        workloads=sight.workloads(index),
        run_seconds=bounded_seconds(entry, sight, index, 0.0),
    )
    base = _complete(base, entry, sight, index)
    if entry.tombstone_at is not None:
        return _ended(base, State.CANCELLED, Reason.CANCELLED, None, "cancelled before it could start")
    if result.told:
        return _explain_unstarted(base, entry, sight, index)
    message = "modules of the job could not be loaded at the centre: stderrTail says which, and why"
    return _ended(base, State.FAILED, Reason.MODULE_FAILED, Fault.SITE, message)


def report_unexplained(entry: Entry, sight: Sight, index: int) -> AssignmentStatus:
    """Say how an index ended whose payload had the claim and left no result."""
    started_at = sight.of(index).started_at
    base = AssignmentStatus(
        started=Started.YES if started_at else Started.UNKNOWN,
        workloads=sight.workloads(index),
        started_at=started_at,
        ended_at=entry.ended_at.get(index),
        run_seconds=seen_seconds(entry, sight, index),
    )
    base = _complete(base, entry, sight, index)
    if entry.tombstone_at is not None:
        return _ended(base, State.CANCELLED, Reason.CANCELLED, None, "cancelled, and left no result")
    ended = sight.explained(index)
    if ended is not None and ended.ending is not None:
        message = f'workload {ended.native_id} ended as "{ended.word}" and left no result'
        return _ended(base, State.FAILED, ended.ending, ended.fault, message)
    message = "its payload may have run: it took the claim, left no result, and no workload stands for it"
    return _ended(base, State.LOST, Reason.NO_RESULT, Fault.INFRA, message)


def _complete(base: AssignmentStatus, entry: Entry, sight: Sight, index: int) -> AssignmentStatus:
    """Add what was allocated to it, and the ends of the output if they are this index's."""
    status, look = metered(base, entry), sight.look
    if look.tail_index != index:
        return status
    return msgspec.structs.replace(status, stdout_tail=look.stdout_tail, stderr_tail=look.stderr_tail)


def _ended(
    base: AssignmentStatus, state: State, reason: Reason, fault: Fault | None, message: str
) -> AssignmentStatus:
    return msgspec.structs.replace(
        base, state=state, reason=reason.value, fault=fault, message=cut_message(message)
    )
