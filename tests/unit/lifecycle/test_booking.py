"""What an ended attempt is charged for."""

from datetime import UTC, datetime

import msgspec
import pytest

from computility.lifecycle.booking import book
from computility.lifecycle.conditions import Stamp
from computility.lifecycle.job import decide_job
from computility.lifecycle.job_view import JobView
from computility.lifecycle.recording import record
from computility.model.assignment import State
from computility.model.compute_job import Allocated, Attempt, Resources
from computility.model.pool_facts import AllocationUnit
from computility.model.tariff import PriceFactor, Tariff, TariffWindow
from computility.placement.place import place
from computility.placement.snapshot import Request, Snapshot
from support.builders import NOON, a_job, a_pool, an_assignment, an_attempt, seconds

HALF_AN_HOUR = 1800.0


def booked(attempt: Attempt, cores: int = 1, cards: int = 0) -> Attempt:
    job = a_job(resources=Resources(cpus_per_task=cores, cards=cards))
    used = {"core_seconds": cores * HALF_AN_HOUR, "card_seconds": cards * HALF_AN_HOUR}
    report = an_assignment(job, state=State.SUCCEEDED, started_at=NOON, run_seconds=HALF_AN_HOUR, **used)
    return book(attempt, report, NOON + seconds(HALF_AN_HOUR))


def with_tariff(tariff: Tariff, **fields: object) -> Attempt:
    return msgspec.structs.replace(an_attempt(), tariff=tariff, **fields)


def test_the_charge_is_for_what_was_asked() -> None:
    ended = booked(with_tariff(Tariff(per_core_hour="2")), cores=3)

    assert (ended.core_seconds, ended.cost) == (3 * HALF_AN_HOUR, "3")


def test_where_whole_nodes_are_allocated_they_are_charged() -> None:
    attempt = with_tariff(
        Tariff(per_core_hour="1", per_card_hour="10"), allocated=Allocated(cores=64, cards=8)
    )

    ended = booked(attempt, cores=3, cards=2)

    assert (ended.core_seconds, ended.card_seconds) == (64 * HALF_AN_HOUR, 8 * HALF_AN_HOUR)
    assert ended.cost == "72"


@pytest.mark.parametrize(
    ("unit", "allocated"),
    [(AllocationUnit.CORE, None), (AllocationUnit.NODE, Allocated(cores=16, cards=0))],
)
def test_an_attempt_keeps_what_was_allocated_beyond_its_wish(
    unit: AllocationUnit, allocated: Allocated | None
) -> None:
    pool = a_pool(cores=8)
    pool = msgspec.structs.replace(pool, spec=msgspec.structs.replace(pool.spec, allocation_unit=unit))
    job = a_job(resources=Resources(nodes=2))
    outcome = place(Request.of(job), Snapshot(pools=(pool,)), NOON)

    view = JobView(job=job, assignments={}, snapshot=Snapshot())
    placed = record(job.status, outcome, job.spec.indices, view, Stamp(generation=1, now=NOON))

    assert [attempt.allocated for attempt in placed.attempts] == [allocated]


def test_a_sale_halves_the_price_of_the_part_that_falls_into_it() -> None:
    sale = TariffWindow(start=NOON + seconds(900), end=NOON + seconds(9000), per_core_hour="1")

    ended = booked(with_tariff(Tariff(per_core_hour="2", windows=(sale,))))

    assert ended.cost == "0.75"


def test_a_report_from_beyond_the_calendar_is_booked_all_the_same() -> None:
    sale = TariffWindow(start=NOON, end=NOON + seconds(9000), per_core_hour="1")
    report = an_assignment(
        state=State.SUCCEEDED,
        started_at=datetime.max.replace(tzinfo=UTC),
        run_seconds=1e15,
        core_seconds=3600.0,
        card_seconds=0.0,
    )

    ended = book(with_tariff(Tariff(per_core_hour="2", windows=(sale,))), report, NOON)

    assert ended.cost == "2"


def test_an_attempt_is_charged_by_the_factor_that_it_was_placed_under() -> None:
    academic = PriceFactor(user_class="academic", factor=0.5)
    pool = a_pool()
    tariff = Tariff(per_core_hour="2", factors=(academic,))
    pool = msgspec.structs.replace(pool, spec=msgspec.structs.replace(pool.spec, tariff=tariff))
    view = JobView(job=a_job(), assignments={}, snapshot=Snapshot(pools=(pool,)), user_class="academic")

    status = decide_job(view, NOON).status

    assert status is not None
    assert status.receipt is not None
    assert status.receipt.chosen is not None
    assert status.receipt.chosen.cost == "0.016667"  # a minute
    (attempt,) = status.attempts
    assert (attempt.price_factor, attempt.tariff) == (0.5, Tariff(per_core_hour="2"))
    assert booked(attempt).cost == "0.5"
