"""How much work a job is, by its own word or by that of an earlier one."""

from typing import Any

import msgspec
import pytest

from computility.lifecycle.declared_work import declared_work
from computility.lifecycle.job import JobView, decide_job
from computility.model.compute_job import (
    ArraySpec,
    AttemptState,
    ComputeJob,
    Measured,
    Phase,
    Requirements,
    Resources,
    Work,
)
from computility.model.meta import find_condition, is_true
from computility.model.pool_facts import Benchmark, Bound, Measure, Precision
from computility.placement.facts import PoolFacts
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from support.builders import NOON, a_job, a_pool, an_attempt

HOUR = 3600.0
LIKE = Work(similar_to="earlier")


def with_work(work: Work | None, **fields: Any) -> ComputeJob:
    job = a_job(name="again", **fields)
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, work=work))


def succeeded(*, run_seconds: float = HOUR, speed: float | None = 2.0, **fields: Any) -> ComputeJob:
    attempt = an_attempt(state=AttemptState.SUCCEEDED, run_seconds=run_seconds, speed=speed)
    return a_job(name="earlier", attempts=(attempt,), phase=Phase.SUCCEEDED, **fields)


def test_work_is_what_an_earlier_job_ran_times_its_cores_and_the_speed_of_its_pool() -> None:
    found = declared_work(with_work(LIKE), succeeded(resources=Resources(nodes=2, cpus_per_task=4)))

    assert found == (Work(reference_core_hours=2.0 * 8), "")


def test_on_cards_it_is_said_of_cards_and_keeps_what_the_job_says_of_its_own() -> None:
    cards = Resources(cards=8)
    like = msgspec.structs.replace(LIKE, parallel_efficiency=0.5)

    found = declared_work(with_work(like, resources=cards), succeeded(speed=0.5, resources=cards))

    assert found.work == Work(reference_card_hours=4.0, parallel_efficiency=0.5)


def test_a_job_of_the_same_shape_and_efficiency_is_taken_to_run_as_long() -> None:
    like = Work(similar_to="earlier", parallel_efficiency=0.8)
    earlier = succeeded(speed=1.0)
    declared = Work(reference_core_hours=1, parallel_efficiency=0.8)
    earlier = msgspec.structs.replace(earlier, spec=msgspec.structs.replace(earlier.spec, work=declared))

    found = declared_work(with_work(like), earlier)

    assert Request.of(with_work(like), work=found.work).reference_seconds == pytest.approx(HOUR)


def test_of_an_array_it_is_the_mean_of_what_succeeded() -> None:
    ended = AttemptState.SUCCEEDED
    parts = (
        an_attempt(1, ended, indices="0-2", run_seconds=3 * HOUR, speed=1.0),
        an_attempt(2, AttemptState.FAILED, indices="3", run_seconds=99 * HOUR, speed=1.0),
        an_attempt(3, ended, indices="3", run_seconds=HOUR, speed=5.0),
    )
    earlier = a_job(name="earlier", attempts=parts, phase=Phase.SUCCEEDED, array=ArraySpec(size=4))

    assert declared_work(with_work(LIKE), earlier).work == Work(reference_core_hours=2.0)


@pytest.mark.parametrize(
    ("job", "earlier", "told"),
    [
        pytest.param(with_work(LIKE), None, "there is no such job", id="missing"),
        pytest.param(with_work(LIKE), a_job(name="earlier"), "not looked at yet", id="new"),
        pytest.param(
            with_work(LIKE), a_job(name="earlier", phase=Phase.RUNNING), "that job is Running", id="running"
        ),
        pytest.param(
            with_work(LIKE),
            succeeded(resources=Resources(cards=1)),
            "followed bf16, this job's",
            id="of-cards",
        ),
        pytest.param(with_work(LIKE), succeeded(speed=None), "do not say", id="at-no-known-speed"),
        pytest.param(with_work(LIKE), succeeded(run_seconds=0), "do not say", id="that-took-no-time"),
        pytest.param(
            with_work(
                msgspec.structs.replace(LIKE, bound=Bound.MEMORY_BANDWIDTH), resources=Resources(cards=1)
            ),
            succeeded(resources=Resources(cards=1)),
            "this job's follows memoryBandwidth",
            id="bound-by-something-else",
        ),
        pytest.param(
            with_work(
                Work(measured=Measured(card_model="mine", cards=1, seconds=1)), resources=Resources(cards=1)
            ),
            None,
            'spec.work.measured.cardModel: the speed of "mine" is not known in bf16: known are nvidia-a100',
            id="measured-on-a-card-that-nobody-knows",
        ),
    ],
)
def test_what_does_not_help_is_named(job: ComputeJob, earlier: ComputeJob | None, told: str) -> None:
    found = declared_work(job, earlier)

    assert found.work is None
    assert told in found.problem


def benchmarked(speed: float, measure: Measure = Measure.CORE, **fields: Any) -> PoolFacts:
    pool = a_pool(**fields)
    benchmark = (Benchmark(measure=measure, relative=speed),)
    return msgspec.structs.replace(pool, spec=msgspec.structs.replace(pool.spec, benchmark=benchmark))


def test_the_hub_places_by_the_work_of_the_earlier_job() -> None:
    job = with_work(LIKE, max_run_seconds=36_000)
    pools = (benchmarked(2.0, pool="dear", core_hour="1.5"), benchmarked(0.5, pool="slow", core_hour="1"))
    view = JobView(job=job, assignments={}, snapshot=Snapshot(pools=pools), earlier=succeeded(speed=1.0))

    status = decide_job(view, NOON).status

    assert status is not None
    assert status.receipt is not None
    assert status.receipt.chosen is not None
    assert (status.receipt.chosen.pool, status.receipt.chosen.cost) == ("dear", "0.75")
    assert status.attempts[0].speed == 2.0
    assert find_condition(status.conditions, "WorkUnknown") is None


@pytest.mark.parametrize("work", [LIKE, Work(measured=Measured(card_model="mine", cards=1, seconds=1))])
def test_what_does_not_help_stands_in_the_condition_also_where_all_pools_are_alike(work: Work) -> None:
    job = with_work(
        work, resources=Resources(cards=1), requirements=Requirements(precisions=(Precision.BF16,))
    )
    pool = a_pool(cards=8)
    pool = msgspec.structs.replace(
        pool, spec=msgspec.structs.replace(pool.spec, precisions=(Precision.BF16,))
    )
    view = JobView(job=job, assignments={}, snapshot=Snapshot(pools=(pool,)))

    status = decide_job(view, NOON).status

    assert status is not None
    assert is_true(status.conditions, "WorkUnknown")
    said = find_condition(status.conditions, "WorkUnknown")
    assert said is not None
    assert said.message.startswith("spec.work.")
    assert "measured: {cardModel: nvidia-a100" in said.message
