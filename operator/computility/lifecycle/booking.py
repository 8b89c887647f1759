"""Booking: what an agent reported, written into the attempt's entry on the job."""

from datetime import datetime

import msgspec

from computility.lifecycle.admission import admit, complete
from computility.metering.charge import charge
from computility.model.assignment import Assignment, AssignmentStatus, IndexOutcome, Started, State
from computility.model.compute_job import Attempt, AttemptState
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason
from computility.placement.candidates import round_seconds

_BOOKED_AS = {
    State.RUNNING: AttemptState.RUNNING,
    State.SUCCEEDED: AttemptState.SUCCEEDED,
    State.FAILED: AttemptState.FAILED,
    State.CANCELLED: AttemptState.CANCELLED,
    State.LOST: AttemptState.LOST,
}


def book(attempt: Attempt, assignment: Assignment, now: datetime) -> Attempt:
    """Return the attempt with what its Assignment reports; an ended attempt never changes again.

    Held is not booked: it is the member's own affair, and would cost a write that tells the user nothing.
    """
    report = assignment.status
    state = _BOOKED_AS.get(report.state)
    if attempt.state.is_terminal or state is None:
        return attempt
    if state is attempt.state and report.counts == attempt.counts:
        return attempt
    booked = msgspec.structs.replace(
        attempt,
        state=state,
        native_id=report.workloads[0].native_id if report.workloads else attempt.native_id,
        started_at=report.started_at or attempt.started_at,
        counts=report.counts,
        outcomes=_outcomes(attempt, report),
    )
    if not state.is_terminal:
        return booked
    return _book_end(booked, assignment, _started(attempt, report.started), now)


def _book_end(attempt: Attempt, assignment: Assignment, started: Started, now: datetime) -> Attempt:
    report = assignment.status
    core_seconds, card_seconds = _used(attempt, assignment)
    return msgspec.structs.replace(
        attempt,
        booked_at=now,
        reason=report.reason,
        message=report.message,
        fault=report.fault.value if report.fault else "",
        started=started.value,
        exit_code=report.exit_code,
        signal=report.signal,
        ended_at=report.ended_at,
        run_seconds=report.run_seconds,
        core_seconds=core_seconds,
        card_seconds=card_seconds,
        done_seconds=_done_seconds(attempt, report),
        cost=charge(
            core_seconds or 0.0,
            card_seconds or 0.0,
            attempt.tariff,
            report.started_at,
            report.run_seconds or 0.0,
            factor=attempt.price_factor,
        ),
    )


def _done_seconds(attempt: Attempt, report: AssignmentStatus) -> float | None:
    """Return how long it took from its placement to its end, in seconds; None if it never came so far.

    Until the centre took it our own seconds count, from then on the centre's: at a simulated one, whose clock
    runs faster, the moment that we need to hand it over would else count as hours of its queue. Two clocks
    may disagree: what would be negative is 0.
    """
    if attempt.placed_at is None or report.ended_at is None:
        return None
    submits = (workload.submitted_at for workload in report.workloads)
    taken_at = min((at for at in submits if at is not None), default=report.started_at or attempt.placed_at)
    handing_over = max(0.0, (taken_at - attempt.placed_at).total_seconds())
    at_centre = max(0.0, (report.ended_at - taken_at).total_seconds()) * attempt.clock_factor
    return round_seconds(handing_over + at_centre)


def _used(attempt: Attempt, assignment: Assignment) -> tuple[float | None, float | None]:
    """Return core-seconds and card-seconds: as reported, or of whole nodes where these were allocated."""
    report, work = assignment.status, assignment.spec.job
    if attempt.allocated is None or work is None or report.core_seconds is None:
        return report.core_seconds, report.card_seconds
    run_seconds = report.core_seconds / work.resources.cores
    return run_seconds * attempt.allocated.cores, run_seconds * attempt.allocated.cards


def _outcomes(attempt: Attempt, report: AssignmentStatus) -> tuple[IndexOutcome, ...]:
    """Return what is told of an array's indices; one told only as a whole has ended as a whole."""
    if not attempt.indices:
        return ()
    mine = IndexSet.parse(attempt.indices)
    admitted = admit(report.outcomes, mine)
    is_told_singly = report.state.is_terminal and bool(report.outcomes)
    return complete(admitted, mine, Reason.NO_RESULT) if is_told_singly else admitted


def _started(attempt: Attempt, reported: Started) -> Started:
    """Keep that it was seen running: what was told once is not taken back."""
    if attempt.state is AttemptState.RUNNING and reported is Started.NO:
        return Started.UNKNOWN
    return reported


def book_removed(attempt: Attempt, now: datetime) -> Attempt:
    """Return a live attempt as lost with its member: nobody is left who could ever report on it."""
    outcomes = attempt.outcomes
    if attempt.indices:
        outcomes = complete(outcomes, IndexSet.parse(attempt.indices), Reason.MEMBER_REMOVED)
    return msgspec.structs.replace(
        attempt,
        state=AttemptState.LOST,
        outcomes=outcomes,
        booked_at=now,
        reason=Reason.MEMBER_REMOVED.value,
        started=Started.UNKNOWN.value,
        cost="0",
    )
