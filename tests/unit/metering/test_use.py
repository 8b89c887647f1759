"""How many card-hours a job's attempts count for between namespaces."""

from datetime import timedelta

import pytest

from computility.metering.use import Use, uses_of
from computility.model.compute_job import Allocated, ArraySpec, Attempt, AttemptState, Resources
from support.builders import NOON, a_job, an_attempt

HOUR = 3600
CARDS = Resources(nodes=2, cards=16, cards_per_node=8, cpus_per_task=4)


def hours_of(attempt: Attempt, resources: Resources = CARDS, **job: object) -> float:
    made = a_job(resources=resources, max_run_seconds=2 * HOUR, **job)  # type: ignore[arg-type]
    return sum(use.hours for use in uses_of(made, [attempt]))


def ended(**fields: object) -> Attempt:
    return an_attempt(state=AttemptState.SUCCEEDED, placed_at=NOON, booked_at=NOON, **fields)


def test_a_live_attempt_counts_as_what_was_expected_from_when_it_was_placed() -> None:
    job = a_job(resources=CARDS, max_run_seconds=2 * HOUR)

    assert list(uses_of(job, [an_attempt(placed_at=NOON)])) == [Use(32, NOON)]


def test_a_part_of_an_array_counts_its_own_indices() -> None:
    assert hours_of(an_attempt(placed_at=NOON, indices="0-4"), array=ArraySpec(size=10)) == 160


@pytest.mark.parametrize(
    ("attempt", "resources", "hours"),
    [
        pytest.param(ended(card_seconds=8 * HOUR, core_seconds=9e9), CARDS, 8, id="cards-by-cards"),
        pytest.param(ended(core_seconds=8 * HOUR), Resources(cpus_per_task=64), 0.5, id="cores-by-16"),
        pytest.param(ended(), CARDS, 0, id="what-never-started-by-nothing"),
        pytest.param(ended(card_seconds=1e15), CARDS, 32, id="never-more-than-it-may"),
        pytest.param(
            ended(core_seconds=256 * HOUR, allocated=Allocated(cores=128)),
            Resources(cpus_per_task=64),
            16,
            id="whole-nodes-where-these-are-allocated",
        ),
    ],
)
def test_an_ended_attempt_counts_by_what_was_booked(
    attempt: Attempt, resources: Resources, hours: float
) -> None:
    assert hours_of(attempt, resources) == hours


def test_what_was_live_when_its_job_went_counts_until_then() -> None:
    running = an_attempt(
        state=AttemptState.RUNNING, placed_at=NOON - timedelta(hours=9), started_at=NOON - timedelta(hours=1)
    )
    job = a_job(resources=CARDS, max_run_seconds=9 * HOUR)
    uses = uses_of(job, [running, an_attempt(placed_at=NOON)], until=NOON)

    assert [use.hours for use in uses] == [16, 0]
