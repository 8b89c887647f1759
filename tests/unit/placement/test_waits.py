"""How long a job waits at a pool, and when it is done."""

import pytest

from computility.model.compute_job import Resources, Work
from computility.model.pool_facts import QueueWait, Source, StartForecast
from computility.model.reasons import Reason
from computility.model.resource_pool import Capacity, ResourcePoolStatus
from computility.placement.verdict import Refusal
from computility.placement.waits import wait_basis
from support.builders import NOON, seconds
from support.placing import (
    CARDS,
    HOUR,
    a_pool_with,
    a_request,
    bf16,
    data_from,
    ends,
    estimates,
    evaluate,
    link_between,
    refusals,
)

EIGHT_HOURS_OF_A_CARD = Work(reference_card_hours=8.0)


CLASSES = (
    QueueWait(max_nodes=1, max_run_seconds=HOUR, p50_seconds=1, p95_seconds=10),
    QueueWait(max_nodes=4, p50_seconds=2, p95_seconds=20, source=Source.MEASURED),
    QueueWait(max_run_seconds=2 * HOUR, p50_seconds=3, p95_seconds=30, source=Source.ESTIMATED),
)


@pytest.mark.parametrize(
    ("nodes", "run_seconds", "waits", "basis"),
    [
        pytest.param(1, HOUR, (1, 10), "nominal", id="small-and-short"),
        pytest.param(1, HOUR + 1, (2, 20), "measured", id="small-and-long"),
        pytest.param(2, HOUR, (2, 20), "measured", id="larger"),
        pytest.param(5, 2 * HOUR, (3, 30), "estimated", id="large-and-short"),
        pytest.param(5, 2 * HOUR + 1, (0, 0), "free", id="of-no-class"),
    ],
)
def test_a_wait_is_that_of_the_first_class_that_covers_the_job(
    nodes: int, run_seconds: int, waits: tuple[float, float], basis: str
) -> None:
    request = a_request(resources=Resources(nodes=nodes), max_run_seconds=run_seconds)
    pool = a_pool_with(nodes=9, queue_wait=CLASSES)

    found = estimates(request, pool).wait
    assert (found.expected[0], found.high[0]) == waits
    assert wait_basis(pool, request, NOON, float(found.expected[0])) == basis


def test_pools_with_more_and_fewer_classes_stand_side_by_side() -> None:
    pools = (
        a_pool_with("a"),
        a_pool_with("b", queue_wait=CLASSES),
        a_pool_with("c", queue_wait=CLASSES[1:2]),
    )

    assert evaluate(a_request(), *pools).estimates.wait.expected.tolist() == [0, 1, 2]


def test_where_no_class_is_known_a_full_pool_is_worse_than_a_free_one() -> None:
    full = ResourcePoolStatus(
        observed_at=NOON, complete=True, total=Capacity(nodes=4, cores=32), used_by_others=Capacity(cores=32)
    )
    pool, request = a_pool_with(status=full), a_request(max_run_seconds=HOUR)

    found = estimates(request, pool).wait
    assert (found.expected[0], found.high[0]) == (HOUR, 2 * HOUR)
    assert wait_basis(pool, request, NOON, HOUR) == "unknown"


LATER = 4 * HOUR
OF_LATER = (QueueWait(min_start_seconds=HOUR, p50_seconds=7, p95_seconds=70), *CLASSES)


def told(*forecast: StartForecast, age: float = 0, nodes: int = 4) -> ResourcePoolStatus:
    total = Capacity(nodes=nodes, cores=8 * nodes)
    return ResourcePoolStatus(
        observed_at=NOON - seconds(age), complete=True, total=total, used_by_others=total, forecast=forecast
    )


def says(late: float | None, nodes: int = 4, run_seconds: int = HOUR) -> StartForecast:
    starts_at = None if late is None else NOON + seconds(late)
    return StartForecast(max_nodes=nodes, max_run_seconds=run_seconds, starts_at=starts_at)


@pytest.mark.parametrize(
    ("status", "waits", "waited", "basis"),
    [
        pytest.param(told(says(None)), CLASSES, (0, 60), "scheduler", id="at-once-whatever-others-waited"),
        pytest.param(told(says(LATER)), (), (LATER / 2, LATER), "scheduler", id="half-of-a-later-start"),
        pytest.param(told(says(-5)), (), (0.5, 1), "scheduler", id="what-is-over-is-not-yet-at-once"),
        pytest.param(told(says(LATER)), CLASSES, (10, 10), "scheduler", id="later-within-the-quantiles"),
        pytest.param(told(says(LATER)), OF_LATER, (7, 70), "scheduler", id="the-quantiles-of-such-a-start"),
        pytest.param(told(says(60)), OF_LATER, (10, 10), "scheduler", id="of-a-sooner-one-those-of-all"),
        pytest.param(told(says(LATER, 1), says(None)), (), (LATER / 2, LATER), "scheduler", id="the-first"),
        pytest.param(told(says(None, run_seconds=60)), CLASSES, (1, 10), "nominal", id="not-of-this-length"),
        pytest.param(told(says(None), age=601), CLASSES, (1, 10), "nominal", id="too-old"),
        pytest.param(told(says(None), age=600), CLASSES, (0, 60), "scheduler", id="just-not-too-old"),
        pytest.param(told(), OF_LATER, (1, 10), "nominal", id="nothing-is-said"),
    ],
)
def test_a_scheduler_that_says_when_a_job_would_start_goes_before_what_others_waited(
    status: ResourcePoolStatus,
    waits: tuple[QueueWait, ...],
    waited: tuple[float, float],
    basis: str,
) -> None:
    request = a_request(max_run_seconds=HOUR)
    pool = a_pool_with(status=status, queue_wait=waits)

    found = estimates(request, pool).wait
    assert (found.expected[0], found.high[0]) == waited
    assert wait_basis(pool, request, NOON, float(found.expected[0])) == basis


def test_a_scheduler_that_says_nothing_changes_nothing_for_the_pool_beside_it() -> None:
    silent, tells = a_pool_with("a", queue_wait=CLASSES), a_pool_with("b", status=told(says(None)))

    found = evaluate(a_request(max_run_seconds=HOUR), silent, tells).estimates.wait
    assert list(zip(found.expected.tolist(), found.high.tolist(), strict=True)) == [(1, 10), (0, 60)]


def test_a_high_end_that_is_declared_below_the_expected_wait_is_not_believed() -> None:
    pool = a_pool_with(queue_wait=(QueueWait(p50_seconds=5000, p95_seconds=10),))

    assert estimates(a_request(), pool).wait.high[0] == 5000


@pytest.mark.parametrize(("overlaps", "done"), [(False, 5 + 14 + 60), (True, 14 + 60)])
def test_waiting_and_transfer_add_up_unless_held_jobs_age(overlaps: bool, done: float) -> None:
    """7 GB over half of 8 Gbit/s take 14 s."""
    pool = a_pool_with(hold_accrues_age=overlaps, queue_wait=(QueueWait(p50_seconds=5, p95_seconds=5),))
    request = a_request(data=data_from(a="7G@CN-GS"))

    assert estimates(request, pool, link_between("CN-GS", "CN-SH", 8)).done.expected[0] == done


def test_with_data_done_reaches_from_the_transfer_alone_to_a_long_wait_beside_it() -> None:
    """7 GB take 14 s, a run 60 s; waits are of 5 s and 100 s."""
    pool = a_pool_with(queue_wait=(QueueWait(p50_seconds=5, p95_seconds=100),))

    found = estimates(a_request(data=data_from(a="7G@CN-GS")), pool, link_between("CN-GS", "CN-SH", 8)).done
    assert ends(found) == [14 + 60, 5 + 14 + 60, 100 + 14 + 60]


def test_done_reaches_from_no_wait_and_a_fast_run_to_a_long_wait_and_a_slow_one() -> None:
    pool = a_pool_with(
        cards=8,
        benchmark=bf16(1.0, Source.ESTIMATED),
        queue_wait=(QueueWait(p50_seconds=100, p95_seconds=1000),),
    )
    found = estimates(a_request(resources=CARDS, work=EIGHT_HOURS_OF_A_CARD), pool)

    factor = 2.0086  # of the benchmark and of the cards
    wanted = [HOUR / factor, 100 + HOUR, 1000 + factor * HOUR]
    assert ends(found.done) == pytest.approx(wanted, rel=1e-4)


def test_classes_of_a_queue_are_looked_at_in_their_order() -> None:
    """A wait decides whether a deadline is met."""
    waits = (
        QueueWait(max_nodes=1, max_run_seconds=60, p50_seconds=0, p95_seconds=0),
        QueueWait(p50_seconds=1000, p95_seconds=1000),
    )
    pool = a_pool_with(queue_wait=waits)
    wish = {"deadline": NOON + seconds(100), "max_run_seconds": 60}

    assert refusals(a_request(**wish), pool) == []
    assert refusals(a_request(resources=Resources(nodes=2), **wish), pool) == [
        Refusal(reason=Reason.DEADLINE_MISSED, wanted="done in 100 s", found="1060 s")
    ]
