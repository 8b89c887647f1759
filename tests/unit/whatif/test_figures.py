"""What replays come to in figures."""

import msgspec
import numpy as np
import pytest

from computility.model.job_placement import Policy
from computility.placement.snapshot import PoolFacts
from computility.whatif.figures import Figures, Use, in_use, reckon_figures, wait_quantiles
from computility.whatif.replay import replay
from support.replays import HOUR, Job, a_network, a_site, a_trace, run


def figures(jobs: list[Job], *pools: PoolFacts) -> Figures:
    trace, network = a_trace(jobs), a_network(*pools)
    return reckon_figures(trace, network, Policy.CHEAPEST, replay(trace, network, Policy.CHEAPEST))


CARDS = a_site("a", nodes=2, cores=4, cards=2, region="CN-GS")
OTHER = a_site("b", nodes=1, cores=8, price="9", region="CN-NX")
JOBS = [Job(0, HOUR, cards=2), Job(0, HOUR, cards=2), Job(HOUR / 2, HOUR, cards=2), Job(2 * HOUR, HOUR, 1)]


def test_waits_cost_energy_and_duration_are_those_of_all_jobs() -> None:
    found = figures(JOBS, CARDS, OTHER)

    assert found.jobs == 4
    assert found.cost == pytest.approx(3 * (2 + 2) + 1)  # cards and cores at 1 an hour
    assert found.wait is not None
    assert (found.wait.mean_seconds, found.wait.p50_seconds, found.wait.longest_seconds) == (450, 0, 1800)
    assert found.wait.p95_seconds == pytest.approx(1800 * 0.85, abs=0.1)
    assert found.kwh == pytest.approx(3 * 0.2 + 0.1, abs=0.05)
    assert found.duration_seconds == 3 * HOUR


def test_use_is_the_share_of_what_there_is_while_jobs_are_submitted() -> None:
    """In the two hours until the last submission three jobs hold 2 of 4 cards for an hour each."""
    found = figures(JOBS, CARDS, OTHER)

    assert found.use == Use(cards=0.75, cores=round(3 * 2 / (16 * 2), 4))
    assert found.use_by_region == {"CN-GS": Use(cards=0.75, cores=0.375), "CN-NX": Use(cards=None, cores=0.0)}


def test_jobs_that_come_at_once_are_counted_until_the_last_ends() -> None:
    assert figures([Job(5, HOUR, cards=2)], CARDS).use.cards == 0.5


def test_jobs_without_a_place_are_counted_by_reason_and_wait_for_nothing() -> None:
    found = figures([Job(0, HOUR, cards=3)], CARDS)

    assert found.without_place == 1
    assert found.reasons == {"TooFewCards": 1}
    assert found.wait is None
    assert (found.cost, found.duration_seconds) == (0, 0)


def test_energy_is_unknown_if_it_is_of_one_pool() -> None:
    silent = msgspec.structs.replace(CARDS, spec=msgspec.structs.replace(CARDS.spec, energy=None))
    found = figures(JOBS, silent)

    assert (found.kwh, found.kg_co2_market, found.kg_co2_location) == (None, None, None)


def test_cards_in_use_are_those_of_jobs_that_have_started_and_not_ended() -> None:
    schedule = run([*JOBS, Job(0, HOUR, cards=3)], CARDS, OTHER).schedule

    moments = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.5]) * HOUR
    assert in_use(schedule, schedule.cards, moments).tolist() == [4, 4, 2, 2, 0, 0, 0]


def test_quantiles_of_waits_go_from_the_shortest_to_the_longest() -> None:
    found = wait_quantiles(a_trace(JOBS), run(JOBS, CARDS, OTHER))

    assert len(found) == 101
    assert (found[0], found[100]) == (0, 1800)
