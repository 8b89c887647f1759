"""Where what wants a place goes; else the reason why the job waits."""

from datetime import datetime, timedelta

import msgspec

from computility.lifecycle.conditions import PLACED, SUSPENDED, Stamp, set_conditions, under_way
from computility.lifecycle.dependencies import judge_predecessors
from computility.lifecycle.job_view import JobView
from computility.lifecycle.outcome import MOST_ATTEMPTS, Stock
from computility.lifecycle.work_unknown import say_whether_compared
from computility.model.base import cut_message
from computility.model.compute_job import Attempt, ComputeJob, ComputeJobStatus, Phase, Receipt, Work
from computility.model.reasons import Reason
from computility.placement.ask import Ask
from computility.placement.nodes_down import awaits_nodes
from computility.placement.place import Outcome, place
from computility.placement.request import Request

BUSY_DEBOUNCE = timedelta(seconds=2)
"""That all pools are busy is written only once it has lasted this long."""
FIGURES_REST = timedelta(seconds=30)
"""How long a waiting job's figures stand before others are written for the same reason."""
BACK_OFF = timedelta(seconds=1)
MOST_BACK_OFF = timedelta(minutes=5)


def suspend(status: ComputeJobStatus, stamp: Stamp) -> ComputeJobStatus:
    """Say that the job waits for its user."""
    conditions = set_conditions(
        status.conditions, stamp.condition(SUSPENDED, True, Reason.SUSPENDED), *under_way(stamp)
    )
    return msgspec.structs.replace(
        status, phase=Phase.SUSPENDED, reason=Reason.SUSPENDED.value, message="", conditions=conditions
    )


def hold_back(
    status: ComputeJobStatus, stock: Stock, view: JobView, stamp: Stamp
) -> tuple[ComputeJobStatus, datetime | None] | None:
    """Return how the job waits although there may be a place for it; None when nothing holds it back."""
    if view.namesake:
        message = f'"{view.namesake}" of an earlier job of this name has not ended yet'
        return wait(status, stamp, Reason.PREDECESSOR_ENDING, message), None
    judged = judge_predecessors(view.job, view.predecessors)
    if judged is not None:
        return wait(status, stamp, judged.reason, judged.message), view.job.spec.deadline
    last = stock.retried
    if last is not None and stamp.now < (not_before := _not_before(last, stock.setbacks, stamp.now)):
        what = "never started" if last.is_unstarted else "ended badly"
        message = f"attempt {last.ordinal} {what} ({last.reason}); it is placed again"
        return wait(status, stamp, Reason.BACKING_OFF, message), not_before
    return None


def _not_before(attempt: Attempt, setbacks: int, now: datetime) -> datetime:
    """Return when the next attempt may be made: a pause that doubles to a limit, by the hub's own clock."""
    return (attempt.booked_at or now) + min(BACK_OFF * float(2 ** (setbacks - 1)), MOST_BACK_OFF)


def choose(view: JobView, stock: Stock, now: datetime) -> Outcome:
    """Choose a pool, or several for an array; rather none in which an attempt had bad luck before."""
    ask = ask_of_view(view, stock)
    outcome = place(ask.request, view.snapshot, now, ask.avoid | ask.rather_not)
    if outcome.chosen is None and ask.rather_not:
        return place(ask.request, view.snapshot, now, ask.avoid)
    return outcome


def ask_of(job: ComputeJob, stock: Stock, user_class: str, work: Work | None = None) -> Ask:
    """Return what a job asks for, for those of its indices that want a place.

    Args:
        job: The job.
        stock: What of it wants a place.
        user_class: The class of user that its namespace is in.
        work: How much work it is, instead of what it declares.
    """
    # What is tried again goes to one pool, so that the entries last for all the retries that a user wants.
    request = Request.of(job, len(stock.open), work, user_class)
    parts = 1 if stock.retried is not None else request.most_parts
    parts = min(parts, MOST_ATTEMPTS - len(job.status.attempts))
    return Ask(
        msgspec.structs.replace(request, most_parts=parts),
        frozenset(stock.avoid),
        frozenset(stock.prefer_not),
    )


def ask_of_view(view: JobView, stock: Stock) -> Ask:
    """Return what a job asks for, as it is known."""
    return ask_of(view.job, stock, view.user_class, view.declared.work)


def may_wait(outcome: Outcome, view: JobView, stock: Stock, now: datetime) -> bool:
    """Say whether time alone may bring a place.

    A pool is only busy, its member only silent or cordoned, or so many nodes are down, be it those that the
    last attempt ended with, that it is too small for now.
    """
    passing = {Reason.MEMBER_SILENT.value, Reason.NO_STATUS.value, Reason.CORDONED.value}
    if outcome.reason is Reason.POOLS_BUSY or any(r.reason in passing for r in outcome.receipt.rejected):
        return True
    ask = ask_of_view(view, stock)
    return awaits_nodes(view.snapshot.answer(ask.request, now).evaluation, ask.avoid)


def wait_for_place(
    status: ComputeJobStatus, outcome: Outcome, view: JobView, stamp: Stamp
) -> tuple[ComputeJobStatus, datetime | None]:
    """Say why there is no place; that all are busy only once it has lasted."""
    created = view.job.metadata.creation_timestamp
    is_first = not status.attempts
    if outcome.reason is Reason.POOLS_BUSY and is_first and created and stamp.now < created + BUSY_DEBOUNCE:
        return view.job.status, created + BUSY_DEBOUNCE
    receipt, deadline = _same_receipt(status, outcome), view.job.spec.deadline
    is_known = is_first and view.job.status.observed_generation == stamp.generation
    if is_known and (fresh_until := _fresh_until(status, receipt, outcome)) and stamp.now < fresh_until:
        return view.job.status, fresh_until if deadline is None else min(fresh_until, deadline)
    conditions = say_whether_compared(status.conditions, receipt, view.declared.problem, stamp)
    waiting = msgspec.structs.replace(status, receipt=receipt, conditions=conditions)
    return wait(waiting, stamp, outcome.reason, outcome.message), deadline


def _fresh_until(status: ComputeJobStatus, receipt: Receipt, outcome: Outcome) -> datetime | None:
    """Return until when a job that waits for the same reason is not told other figures; None if it is now.

    A pool whose figures change all the time would have every waiting job written each time.
    """
    old = status.receipt
    is_same = status.phase is Phase.QUEUED and status.reason == outcome.reason.value
    return old.decided_at + FIGURES_REST if is_same and old is not None and old is not receipt else None


def _same_receipt(status: ComputeJobStatus, outcome: Outcome) -> Receipt:
    """Keep the receipt that says the same: the hour of another look is no news."""
    old = status.receipt
    if old is not None and msgspec.structs.replace(outcome.receipt, decided_at=old.decided_at) == old:
        return old
    return outcome.receipt


def wait(status: ComputeJobStatus, stamp: Stamp, reason: Reason, message: str) -> ComputeJobStatus:
    """Say why the job waits at the hub."""
    conditions = set_conditions(
        status.conditions, stamp.condition(PLACED, False, reason, message), *under_way(stamp)
    )
    return msgspec.structs.replace(
        status, phase=Phase.QUEUED, reason=reason.value, message=cut_message(message), conditions=conditions
    )
