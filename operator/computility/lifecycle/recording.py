"""A new ordinal for each part of what found a place, with all that Assignment and bill follow from."""

import msgspec

from computility.lifecycle.conditions import MEMBER_REACHABLE, PLACED, Stamp, set_conditions, under_way
from computility.lifecycle.job_view import JobView
from computility.lifecycle.work_unknown import say_whether_compared
from computility.model.compute_job import Attempt, ComputeJobStatus, Phase
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason
from computility.model.tariff import factor_for
from computility.placement.allocation import allocated_beyond
from computility.placement.place import Outcome
from computility.placement.request import Request
from computility.placement.runs import find_benchmark
from computility.placement.shares import Part


def record(
    status: ComputeJobStatus, outcome: Outcome, indices: IndexSet, view: JobView, stamp: Stamp
) -> ComputeJobStatus:
    """Take a new ordinal for each part, with everything that its Assignment follows from."""
    attempts, left, array = [], indices, view.job.spec.array
    request = Request.of(view.job, user_class=view.user_class)
    for number, part in enumerate(outcome.parts, start=1):
        mine = left.take(part.count)
        left -= mine
        ordinal, text = status.last_ordinal + number, str(mine) if array else ""
        attempts.append(_attempt(part, ordinal, text, request, stamp))
    conditions = set_conditions(
        status.conditions,
        stamp.condition(PLACED, True, Reason.PLACED, outcome.message),
        stamp.condition(MEMBER_REACHABLE, True, Reason.RENEWED),
        *under_way(stamp),
    )
    return msgspec.structs.replace(
        status,
        phase=Phase.PLACED,
        reason=Reason.PLACED.value,
        message=outcome.message,
        last_ordinal=attempts[-1].ordinal,
        attempts=(*status.attempts, *attempts),
        receipt=outcome.receipt,
        conditions=say_whether_compared(conditions, outcome.receipt, view.declared.problem, stamp),
    )


def _attempt(part: Part, ordinal: int, indices: str, request: Request, stamp: Stamp) -> Attempt:
    pool, tariff, form = part.pool, part.pool.spec.tariff, request.form_at(part.pool.spec)
    return Attempt(
        ordinal=ordinal,
        member=pool.member,
        member_uid=pool.member_uid,
        pool=pool.pool,
        lease_seconds=pool.lease_seconds,
        indices=indices,
        max_concurrent=part.max_concurrent,
        variant=form.name if form else "",
        placed_at=stamp.now,
        tariff=msgspec.structs.replace(tariff, factors=()) if tariff.factors else tariff,
        price_factor=factor_for(request.user_class, tariff.factors),
        energy=pool.spec.energy,
        clock_factor=pool.status.clock_factor,
        speed=benchmark.relative if (benchmark := find_benchmark(pool, request.measure)) else None,
        allocated=allocated_beyond(request, pool.spec),
    )
