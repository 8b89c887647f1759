"""What each policy prefers, and which pools it compares."""

import msgspec
import pytest

from computility.model.compute_job import Measured, PlacementSpec, Policy, Work
from computility.model.job_placement import Weights
from computility.model.pool_facts import Energy, QueueWait
from computility.placement.facts import PoolFacts
from support.placing import CARDS, HOUR, a_pool_with, a_request, bf16, evaluate

DAY = 86_400


@pytest.mark.parametrize(
    ("policy", "weights", "winner"),
    [
        (Policy.CHEAPEST, {}, "cheap"),
        (Policy.FASTEST, {}, "fast"),
        (Policy.GREENEST, {}, "green"),
        (Policy.BALANCED, {}, "even"),
        (Policy.CUSTOM, {"cost": 1}, "cheap"),
        (Policy.CUSTOM, {"done": 2}, "fast"),
        (Policy.CUSTOM, {"carbon": 0.1}, "green"),
        (Policy.CUSTOM, {"done": 1e-9}, "fast"),
        (Policy.CUSTOM, {"cost": 1, "done": 1, "carbon": 1}, "even"),
    ],
)
def test_what_each_policy_goes_by(policy: Policy, weights: dict[str, float], winner: str) -> None:
    pools = {"cheap": (1, 100, 1.0), "fast": (10, 0, 1.0), "green": (10, 100, 0.0), "even": (4, 20, 0.3)}
    facts = [
        a_pool_with(
            name,
            core_hour=str(price),
            queue_wait=(QueueWait(p50_seconds=wait, p95_seconds=wait),),
            energy=Energy(grid_kg_per_kwh=grid, pue=1.2, watts_per_core=10),
        )
        for name, (price, wait, grid) in pools.items()
    ]
    wish = PlacementSpec(policy=policy)
    wish = msgspec.structs.replace(wish, weights=msgspec.structs.replace(wish.weights, **weights))
    evaluation = evaluate(a_request(placement=wish, max_run_seconds=HOUR), *facts)

    assert evaluation.pool(evaluation.order[0]).member == winner


def test_ties_go_to_the_first_by_member_and_pool() -> None:
    pools = [a_pool_with("b", pool="x"), a_pool_with("a", pool="z"), a_pool_with("a", pool="y")]
    evaluation = evaluate(a_request(), *pools)

    assert [evaluation.pool(row).key for row in evaluation.order] == [("a", "y"), ("a", "z"), ("b", "x")]


def test_a_difference_below_what_amounts_are_rounded_to_is_a_tie() -> None:
    pools = [a_pool_with("a", core_hour="0.1000001"), a_pool_with("b", core_hour="0.1")]

    assert evaluate(a_request(), *pools).order == [0, 1]


@pytest.mark.parametrize(
    ("policy", "weights"),
    [
        pytest.param(Policy.CHEAPEST, Weights(), id="cheapest"),
        pytest.param(Policy.FASTEST, Weights(), id="fastest"),
        pytest.param(Policy.CUSTOM, Weights(cost=1), id="weights-without-carbon"),
    ],
)
def test_a_policy_that_does_not_look_at_energy_takes_pools_that_do_not_tell(
    policy: Policy, weights: Weights
) -> None:
    pool = a_pool_with()
    evaluation = evaluate(a_request(placement=PlacementSpec(policy=policy, weights=weights)), pool)

    assert evaluation.order == [0]
    assert evaluation.is_compared.tolist() == [True]


def models(*named: str) -> list[PoolFacts]:
    """Pools of eight cards each, the first the cheapest."""
    return [
        a_pool_with(f"m{n}", cards=8, card_model=model, card_hour=str(n + 1), benchmark=bf16(1.0))
        for n, model in enumerate(named)
    ]


@pytest.mark.parametrize(
    ("work", "compared"),
    [
        pytest.param(None, [True, False, True], id="nothing-declared"),
        pytest.param(
            Work(measured=Measured(card_model="tpu-9", cards=8, seconds=60)),
            [True, False, True],
            id="on-a-card-that-nobody-knows",
        ),
        pytest.param(
            Work(measured=Measured(card_model="nvidia-a100", cards=8, seconds=60)),
            [True, True, True],
            id="on-a-card-of-the-table",
        ),
    ],
)
def test_card_models_are_compared_only_if_the_work_is_known(work: Work | None, compared: list[bool]) -> None:
    request = a_request(resources=CARDS, work=work, max_run_seconds=DAY)

    assert evaluate(request, *models("a", "b", "a")).is_compared.tolist() == compared


def test_the_measured_run_counts_by_the_nominal_speed_of_its_card() -> None:
    """5 h on 8 H100, which are 2.4 A100 each, are 96 A100-hours: 12 h on 8 of them."""
    work = Work(measured=Measured(card_model="nvidia-h100", cards=8, seconds=5 * 3600))

    assert a_request(resources=CARDS, work=work).reference_seconds == pytest.approx(12 * 3600)
