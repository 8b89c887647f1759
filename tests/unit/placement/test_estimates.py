"""What an array takes at a pool, and what a job emits there."""

import pytest

from computility.model.compute_job import Resources
from computility.model.pool_facts import Energy
from computility.placement.answer import Answer
from support.placing import HOUR, a_pool_with, a_request, estimates, evaluate


@pytest.mark.parametrize(
    ("count", "at_once", "cores", "rounds"),
    [
        pytest.param(1, None, 1, 1, id="one"),
        pytest.param(32, None, 1, 1, id="all-at-once"),
        pytest.param(33, None, 1, 2, id="one-is-left-over"),
        pytest.param(100, None, 1, 4, id="many"),
        pytest.param(9, 2, 1, 5, id="two-at-once-by-its-own-wish"),
        pytest.param(100, 1000, 1, 4, id="no-more-at-once-than-there-are"),
        pytest.param(19, None, 5, 5, id="one-on-each-node-and-three-cores-are-left-over-there"),
    ],
)
def test_an_array_runs_in_rounds(count: int, at_once: int | None, cores: int, rounds: int) -> None:
    """On 32 cores."""
    request = a_request(count=count, max_concurrent=at_once, resources=Resources(cpus_per_task=cores))
    found = estimates(request, a_pool_with(nodes=4, cores=8))

    assert found.done.expected[0] == rounds * 60


def test_cards_of_one_run_are_on_one_node() -> None:
    """Ten nodes of eight cards take ten runs of five, not sixteen."""
    request = a_request(count=100, resources=Resources(cards=5))

    assert estimates(request, a_pool_with(nodes=10, cards=8)).at_once[0] == 10


PROFILE = Energy(grid_kg_per_kwh=0.5, green_share=0.75, pue=1.2, watts_per_card=500, watts_per_core=10)


@pytest.mark.parametrize(
    ("resources", "watts"),
    [
        pytest.param(Resources(cards=8, cpus_per_task=4), 8 * 500, id="a-cards-figure-has-its-node-in-it"),
        pytest.param(Resources(nodes=2, cpus_per_task=4), 2 * 4 * 10, id="cores"),
    ],
)
def test_what_it_emits_by_both_methods(resources: Resources, watts: float) -> None:
    request = a_request(resources=resources, max_run_seconds=2 * HOUR, count=3)

    found = estimates(request, a_pool_with(cards=8, energy=PROFILE)).emissions
    assert found.kwh[0] == pytest.approx(3 * 2 * watts / 1000 * 1.2)
    assert found.kg_location[0] == pytest.approx(found.kwh[0] * 0.5)
    assert found.kg_market[0] == pytest.approx(found.kwh[0] * 0.5 * 0.25)


@pytest.mark.parametrize("energy", [None, Energy(grid_kg_per_kwh=0.5, watts_per_card=450)])
def test_a_pool_that_does_not_tell_what_a_core_draws_has_no_co2_on_the_receipt(energy: Energy | None) -> None:
    candidate = Answer(evaluate(a_request(), a_pool_with(energy=energy))).candidate(0)

    assert (candidate.kg_co2_market, candidate.kg_co2_location) == (None, None)
