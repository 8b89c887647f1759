"""What a job that waits is looked at again for, beside room and other terms: a window, a shorter queue."""

from datetime import datetime

from computility.lifecycle.job_view import JobView
from computility.lifecycle.outcome import take_stock
from computility.lifecycle.placing import ask_of_view
from computility.model.compute_job import Attempt, ComputeJobStatus, Phase
from computility.model.reasons import Reason
from computility.placement.prospects import Prospect, Prospects

FOLLOWS_FROM_REQUEST = frozenset({Reason.POOLS_BUSY.value, Reason.NO_POOL_FITS.value, Reason.NO_POOLS.value})
"""Why a job waits that a place would help: it follows from what it asks for, and from the pools."""


def foresee(
    view: JobView, status: ComputeJobStatus, attempts: tuple[Attempt, ...], now: datetime
) -> Prospect | None:
    """Say what may change the answer to a job; None if it does not wait for a place, or nothing may.

    Args:
        view: What is known.
        status: What was decided, from the same view.
        attempts: As booked.
        now: When that was.
    """
    if status.phase is not Phase.QUEUED or status.reason not in FOLLOWS_FROM_REQUEST:
        return None
    ask = ask_of_view(view, take_stock(view.job, attempts))
    found = view.snapshot.answer(ask.request, now).prospects(ask.avoid)
    return Prospect(ask, found) if found != Prospects() else None
