"""What an ended job came to, beside its promise."""

from datetime import datetime

import msgspec
import pytest

from computility.lifecycle.actual import settle_receipt
from computility.lifecycle.booking import book
from computility.model.assignment import State, Workload
from computility.model.compute_job import (
    Attempt,
    ComputeJobStatus,
    Policy,
    Receipt,
    Resources,
)
from computility.model.pool_facts import Energy
from support.builders import NOON, a_job, an_assignment, an_attempt, seconds

HOUR = 3600.0
DIRTY = Energy(grid_kg_per_kwh=0.5, green_share=0.25, pue=2.0, watts_per_card=500, watts_per_core=10)


def ran(ordinal: int = 1, **fields: object) -> Attempt:
    return msgspec.structs.replace(an_attempt(), ordinal=ordinal, run_seconds=HOUR, cost="1", **fields)


def settled(*attempts: Attempt, resources: Resources | None = None) -> Receipt:
    receipt = Receipt(decided_at=NOON, policy=Policy.CHEAPEST, considered=1, fitting=1)
    status = ComputeJobStatus(attempts=attempts, receipt=receipt)
    found = settle_receipt(status, resources or Resources())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("resources", "kg_location"),
    [(Resources(cards=4), 0.5 * 4 * 0.5 * 2), (Resources(cpus_per_task=3), 0.01 * 3 * 0.5 * 2)],
    ids=["of-cards", "of-cores-without-cards"],
)
def test_what_it_emitted_follows_from_how_long_it_ran(resources: Resources, kg_location: float) -> None:
    actual = settled(ran(energy=DIRTY), resources=resources).actual

    assert actual is not None
    assert actual.kg_co2_location == pytest.approx(kg_location)
    assert actual.kg_co2_market == pytest.approx(kg_location * 0.75, abs=1e-3)


def test_all_attempts_that_ran_emitted() -> None:
    never = msgspec.structs.replace(an_attempt(), ordinal=2)

    actual = settled(ran(energy=DIRTY), never, ran(3, energy=DIRTY), resources=Resources(cards=1)).actual

    assert actual is not None
    assert actual.kg_co2_location == pytest.approx(1.0)


def test_nothing_is_said_of_what_it_emitted_where_one_pool_does_not_tell() -> None:
    actual = settled(ran(energy=DIRTY), ran(2), resources=Resources(cards=1)).actual

    assert actual is not None
    assert (actual.kg_co2_market, actual.kg_co2_location) == (None, None)


def test_it_is_done_when_the_last_of_what_was_decided_at_once_is() -> None:
    earlier = ran(placed_at=NOON - seconds(99), done_seconds=50_000.0)
    parts = [ran(n, placed_at=NOON, done_seconds=float(n)) for n in (2, 3)]

    actual = settled(earlier, *parts).actual

    assert actual is not None
    assert actual.done_seconds == 3.0


def booked(clock_factor: float, submitted_at: datetime, ended_at: datetime) -> float | None:
    attempt = msgspec.structs.replace(an_attempt(), placed_at=NOON, clock_factor=clock_factor)
    report = an_assignment(
        a_job(),
        state=State.SUCCEEDED,
        workloads=(Workload(native_id="1", submitted_at=submitted_at),),
        ended_at=ended_at,
    )
    return book(attempt, report, NOON).done_seconds


def test_it_counts_from_the_decision_to_the_end() -> None:
    assert booked(1, NOON + seconds(5), NOON + seconds(65)) == 65


def test_a_simulated_centres_time_counts_from_when_it_took_the_attempt() -> None:
    assert booked(100, NOON + seconds(5), NOON + seconds(65)) == 5 + 60 * 100


def test_a_centre_whose_clock_is_behind_does_not_end_before_the_decision() -> None:
    assert booked(1, NOON - seconds(50), NOON - seconds(40)) == 10


def test_what_never_ended_at_a_centre_was_never_done() -> None:
    report = an_assignment(a_job(), state=State.CANCELLED)

    assert book(msgspec.structs.replace(an_attempt(), placed_at=NOON), report, NOON).done_seconds is None
