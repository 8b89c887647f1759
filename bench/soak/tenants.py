"""What the soak's people submit, and what they do about it afterwards: drawn by chance, without I/O."""

import enum
import math
import random
from collections.abc import Iterator
from typing import NamedTuple

from bench.soak.plan import HOUR, Plan
from computility.model.compute_job import (
    ArraySpec,
    ComputeJob,
    ComputeJobSpec,
    EnvVar,
    Failover,
    OnMemberLost,
    PlacementSpec,
    PoolSelector,
    Requirements,
    Resources,
    Retry,
    Template,
)
from computility.model.meta import ObjectMeta

TENANTS = ("soak-a", "soak-b")
CARD_MODEL = "a100"
CIRCLE_LABEL = "example.com/circle"
CIRCLES = 11
"""The first tenant is known everywhere, so each circle has a member that takes its jobs."""
MINUTE = 60.0
LONGEST_RUN_SECONDS = 1.5 * HOUR
TTL_SECONDS = (15, 60)
"""By the wall clock, at least and at most: it bounds what the API server holds at any time."""


class Turn(enum.Enum):
    """What becomes of a job by its owner's hand."""

    CANCEL = "cancel"
    SUSPEND = "suspend"
    RESUME = "resume"
    DELETE = "delete"


class Planned(NamedTuple):
    """One job: when it is submitted, and its owner's later turns, each so many wall seconds after that."""

    at: float
    job: ComputeJob
    turns: tuple[tuple[float, Turn], ...]

    @property
    def starts_once(self) -> bool:
        """Whether no payload of it may ever start twice, at whichever member."""
        spec = self.job.spec
        is_resumed = any(turn is Turn.RESUME for _, turn in self.turns)
        waits = spec.failover.on_member_lost is OnMemberLost.WAIT
        return waits and not spec.retry.max_per_index and not is_resumed


def draw_jobs(plan: Plan) -> Iterator[Planned]:
    """Draw all jobs of a soak, in the order of their submission."""
    chance = random.Random(f"{plan.seed}/jobs")  # noqa: S311 - to be repeated, not to be secret
    circles = min(CIRCLES, plan.members)
    last = plan.seconds * plan.last_submit_share
    for number, at in enumerate(sorted(chance.uniform(0, last) for _ in range(plan.jobs))):
        job = _draw_job(chance, f"job-{number:05}", circles)
        turns = tuple((plan.wall_seconds(after), turn) for after, turn in _draw_turns(chance))
        yield Planned(at, job, turns)


def _draw_job(chance: random.Random, name: str, circles: int) -> ComputeJob:
    array = _draw_array(chance) if chance.random() < 0.08 else None
    run = _draw_run_seconds(chance) / (4 if array else 1)
    with_cards = chance.random() < 0.1
    tenant = chance.choice(TENANTS)
    in_circle = tenant == TENANTS[0] and not with_cards and chance.random() < 0.8
    spec = ComputeJobSpec(
        template=Template(command=("simulated",), env=_draw_habits(chance, run, array)),
        resources=_draw_resources(chance, with_cards=with_cards),
        requirements=Requirements(card_models=(CARD_MODEL,) if with_cards else ()),
        placement=_draw_placement(chance, circles) if in_circle else PlacementSpec(),
        max_run_seconds=math.ceil(run * (0.7 if chance.random() < 0.04 else chance.uniform(1.3, 4))),
        array=array,
        retry=Retry(max_per_index=chance.choice((1, 2)) if chance.random() < 0.2 else 0),
        failover=_draw_failover(chance),
        ttl_seconds_after_finished=chance.randint(*TTL_SECONDS),
    )
    return ComputeJob(metadata=ObjectMeta(name=name, namespace=tenant), spec=spec)


def _draw_placement(chance: random.Random, circles: int) -> PlacementSpec:
    """Let a job insist on one circle of members: else the cheapest of all would get most of the work."""
    labels = {CIRCLE_LABEL: str(chance.randrange(circles))}
    return PlacementSpec(pool_selector=PoolSelector(match_labels=labels))


def _draw_run_seconds(chance: random.Random) -> float:
    """Draw how long a payload runs: log-normal, as at real centres, with a median of 15 minutes."""
    return min(LONGEST_RUN_SECONDS, max(5.0, chance.lognormvariate(math.log(15 * MINUTE), 1.1)))


def _draw_array(chance: random.Random) -> ArraySpec:
    size = round(math.exp(chance.uniform(math.log(2), math.log(200))))
    limit = max(1, size // 4) if chance.random() < 0.3 else None
    return ArraySpec(size=size, max_concurrent=limit)


def _draw_habits(chance: random.Random, run: float, array: ArraySpec | None) -> tuple[EnvVar, ...]:
    seconds = f"{run / 2:.0f}-{run:.0f}" if array else f"{run:.0f}"
    fails = chance.random() < (0.3 if array else 0.06)
    codes = ("0," * 15 + "1" if array else "1") if fails else "0"
    return EnvVar(name="SIMULATED_RUN_SECONDS", value=seconds), EnvVar(
        name="SIMULATED_EXIT_CODE", value=codes
    )


def _draw_resources(chance: random.Random, *, with_cards: bool) -> Resources:
    if with_cards:
        return Resources(cards=chance.choice((1, 2, 4)), cpus_per_task=8)
    nodes = chance.choices((1, 2, 4), (85, 10, 5))[0]
    return Resources(nodes=nodes, cpus_per_task=chance.choices((1, 4, 8, 16, 32), (25, 25, 20, 20, 10))[0])


def _draw_failover(chance: random.Random) -> Failover:
    mode = OnMemberLost.REQUEUE if chance.random() < 0.3 else OnMemberLost.WAIT
    return Failover(on_member_lost=mode)


def _draw_turns(chance: random.Random) -> list[tuple[float, Turn]]:
    """Draw what the owner does, with the virtual seconds after the submission."""
    after = chance.expovariate(1 / (10 * MINUTE))
    what = chance.random()
    if what < 0.04:
        return [(after, Turn.CANCEL)]
    if what < 0.08:
        return [(after, Turn.SUSPEND), (after + chance.uniform(5, 60) * MINUTE, Turn.RESUME)]
    return [(after, Turn.DELETE)] if what < 0.11 else []
