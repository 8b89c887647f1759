"""What a pool's status says, from what the backend reports. Pure."""

from datetime import datetime, timedelta

import msgspec

from computility.backends.protocol import PoolReport
from computility.lifecycle.conditions import READY
from computility.model.base import cut_message
from computility.model.meta import Condition, ConditionStatus, with_condition
from computility.model.pool_facts import StartForecast
from computility.model.reasons import Reason
from computility.model.resource_pool import BackendInfo, ResourcePool, ResourcePoolStatus


def build_pool_status(
    pool: ResourcePool,
    report: PoolReport,
    backend: BackendInfo,
    now: datetime,
    *,
    forecast: tuple[StartForecast, ...] = (),
    clock_factor: float = 1.0,
) -> ResourcePoolStatus:
    """Say what the pool has and how much of it others use.

    A report without any node (the scheduler did not answer, or does not know the partition) leaves the last
    figures standing, and says so: capacity that is not seen has not gone away. When jobs would
    start is not known then.
    """
    seen = pool.status
    generation = pool.metadata.generation
    conditions = with_condition(seen.conditions, _ready(report, generation, now))
    if not report.total.nodes:
        return msgspec.structs.replace(
            seen, observed_generation=generation, complete=False, forecast=(), conditions=conditions
        )
    return ResourcePoolStatus(
        observed_generation=generation,
        observed_at=report.observed_at,
        complete=report.complete,
        total=report.total,
        used_by_others=report.used_by_others,
        unavailable=report.unavailable,
        forecast=forecast,
        clock_factor=clock_factor,
        backend=backend,
        conditions=conditions,
    )


def with_troubles(report: PoolReport, troubles: str) -> PoolReport:
    """Say in a report what cannot be seen of our own attempts: what others use is not quite known then."""
    if not troubles:
        return report
    problem = f"{report.problem}; {troubles}" if report.problem else troubles
    return msgspec.structs.replace(report, complete=False, problem=problem)


def is_worth_writing(old: ResourcePoolStatus, new: ResourcePoolStatus, refresh: timedelta) -> bool:
    """Whether a status says something new: another figure, or an old one confirmed after `refresh`."""
    if msgspec.structs.replace(new, observed_at=old.observed_at) != old:
        return True
    if old.observed_at is None or new.observed_at is None:
        return old.observed_at is not new.observed_at
    return new.observed_at >= old.observed_at + refresh


def _ready(report: PoolReport, generation: int, now: datetime) -> Condition:
    is_seen = report.total.nodes > 0
    read = f'partition "{report.partition}" was read'
    message = report.problem if not is_seen else f"{read}, but {report.problem}" if report.problem else read
    return Condition(
        type=READY,
        status=ConditionStatus.TRUE if is_seen else ConditionStatus.FALSE,
        observed_generation=generation,
        last_transition_time=now.replace(microsecond=0),
        reason=(Reason.RECONCILED if is_seen else Reason.CAPACITY_UNKNOWN).value,
        message=cut_message(message),
    )
