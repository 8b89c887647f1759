"""Ends of some of an array's indices."""

from computility.model.assignment import Fault, IndexOutcome, Started, State
from computility.model.reasons import Reason


def outcome(indices: str, state: State, reason: Reason, **fields: object) -> IndexOutcome:
    """Build an end of what has started, unless `started` says otherwise."""
    return IndexOutcome(
        indices=indices, state=state, reason=reason.value, **{"started": Started.YES, **fields}
    )


def succeeded(indices: str) -> IndexOutcome:
    return outcome(indices, State.SUCCEEDED, Reason.SUCCEEDED)


def failed(indices: str, reason: Reason = Reason.EXIT_CODE, fault: Fault = Fault.USER) -> IndexOutcome:
    exit_code = 3 if reason is Reason.EXIT_CODE else None
    return outcome(indices, State.FAILED, reason, fault=fault, exit_code=exit_code)


def preempted(indices: str) -> IndexOutcome:
    return failed(indices, Reason.PREEMPTED, Fault.INFRA)


def unstarted(indices: str, fault: Fault = Fault.INFRA, state: State = State.FAILED) -> IndexOutcome:
    return outcome(indices, state, Reason.WORKLOAD_VANISHED, fault=fault, started=Started.NO)


def cancelled(indices: str) -> IndexOutcome:
    return outcome(indices, State.CANCELLED, Reason.CANCELLED, started=Started.NO)


def given_back(indices: str) -> IndexOutcome:
    """Build the end of what a member that drains had not started."""
    return outcome(indices, State.CANCELLED, Reason.MEMBER_DRAINING, fault=Fault.INFRA, started=Started.NO)
