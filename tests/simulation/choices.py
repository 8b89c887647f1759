"""What a simulated world is made of: its pools, and the jobs of its users."""

import random
from datetime import UTC, datetime, timedelta

import msgspec

from computility.model.compute_job import ArraySpec, ComputeJobSpec, Failover, OnMemberLost, Retry, Template
from computility.model.resource_pool import PoolLimits
from computility.placement.snapshot import PoolFacts
from support.builders import a_pool

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TENANT = "team-a"
MAX_RUN_SECONDS = 60
SHORT_RUN_SECONDS = 5
"""Of jobs with a deadline: no pool comes into question where the whole of it would be over too late."""


def make_pool(member: str, price: str, room: int) -> PoolFacts:
    limits = PoolLimits(max_queued=room)
    return a_pool(
        member, core_hour=price, memory="8Gi", limits=limits, namespaces=(TENANT,), lease_seconds=10
    )


def choose_spec(rng: random.Random) -> ComputeJobSpec:
    """Half of the jobs are arrays; some may be retried, some placed again after a loss."""
    size, most = rng.choice((1, 3, 5)), rng.choice((None, None, 1, 2))
    array = ArraySpec(size=size, max_concurrent=most) if rng.random() < 0.5 else None
    lost = rng.choice((OnMemberLost.WAIT, OnMemberLost.WAIT, OnMemberLost.REQUEUE))
    return ComputeJobSpec(
        template=Template(command=("true",), grace_seconds=5),
        max_run_seconds=MAX_RUN_SECONDS,
        array=array,
        retry=Retry(max_per_index=rng.choice((0, 0, 1))),
        failover=Failover(on_member_lost=lost, max_attempts=2),
    )


def with_deadline(spec: ComputeJobSpec, uid: str, now: datetime) -> ComputeJobSpec:
    """Give a quarter of the jobs so near a deadline that some have not started by then.

    Drawn from the job's uid, so that seeds which are kept walk on with the draws that they had.
    """
    rng = random.Random(uid)
    if rng.random() > 0.25:
        return spec
    soon = timedelta(seconds=SHORT_RUN_SECONDS + rng.randrange(1, 20))
    return msgspec.structs.replace(spec, max_run_seconds=SHORT_RUN_SECONDS, deadline=now + soon)
