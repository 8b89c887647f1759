"""Each hard filter: whom it refuses, with which words, and whom it lets pass."""

from typing import Any

import msgspec
import pytest

from computility.lab.fleets.jobs import training_job
from computility.model.base import Architecture
from computility.model.compute_job import Form, PlacementSpec, Policy, Requirements, Resources, Work
from computility.model.job_placement import LatencyClass, PoolSelector
from computility.model.pool_facts import Precision, Toolkit
from computility.model.reasons import Reason
from computility.model.resource_pool import Capacity, ResourcePoolStatus
from computility.placement.place import place
from computility.placement.snapshot import Snapshot
from computility.placement.verdict import Refusal
from support.builders import NOON
from support.committed_fleet import committed_fleet
from support.filter_cases.access import WHETHER_NOW, WHO_MAY
from support.filter_cases.case import Case
from support.filter_cases.machines import WHICH_MACHINE, WHICH_SOFTWARE
from support.filter_cases.outcomes import AT_WHAT_PRICE, WHAT_COMES_OF_IT
from support.placing import a_pool_with, a_request, data_from, evaluate, refusals

CASES = (*WHO_MAY, *WHICH_MACHINE, *WHICH_SOFTWARE, *AT_WHAT_PRICE, *WHAT_COMES_OF_IT, *WHETHER_NOW)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_filter_refuses_one_pool_with_a_reason_and_takes_the_other(case: Case) -> None:
    request = a_request(**case.wish)
    refusal = Refusal(reason=case.reason, wanted=case.wanted, found=case.found)

    assert refusals(request, a_pool_with(**case.taken)) == []
    assert refusals(request, a_pool_with(**case.refused)) == [refusal]


def test_every_reason_of_a_filter_is_tried() -> None:
    tried = {case.reason for case in CASES} | {Reason.TOO_FAR}  # which has a test of its own: test_latency
    pool = a_pool_with(cards=8, namespaces=())
    wish = a_request(
        resources=Resources(cards=8, memory_per_node="1Gi", scratch="1Gi"),
        forms=(Form(name="dcu", card_models=("k100",), modules=("dtk",)),),
        mpi="",
        requirements=Requirements(
            architectures=(Architecture.AMD64,),
            card_models=("a100",),
            precisions=(Precision.BF16,),
            toolkits=(Toolkit(name="cuda", version="12"),),
            min_card_memory="1Gi",
        ),
        work=Work(reference_card_hours=1.0),
        data=data_from(corpus="7T@CN-GS"),
        deadline=NOON,
        placement=PlacementSpec(
            policy=Policy.GREENEST,
            near="CN-SH",
            latency_class=LatencyClass.METRO,
            max_price_per_core_hour="1",
            max_price_per_card_hour="1",
            pool_selector=PoolSelector(match_labels={"a": "b"}, regions=("CN-SH",), exclude=("beta",)),
        ),
    )

    assert {verdict.reason for verdict in evaluate(wish, pool).verdicts} == tried


def test_a_pool_is_counted_under_the_first_reason_and_why_not_tells_them_all() -> None:
    pool = a_pool_with(accepted=False, nodes=1, closed=Reason.CORDONED, currency="USD")
    request = a_request(resources=Resources(nodes=2))

    assert [each.reason for each in refusals(request, pool)] == [
        Reason.NOT_ACCEPTED,
        Reason.CURRENCY,
        Reason.TOO_FEW_NODES,
        Reason.CORDONED,
    ]
    assert evaluate(request, pool).first.tolist() == [0]


@pytest.mark.parametrize("policy", [p for p in Policy if p is not Policy.CUSTOM])
def test_a_job_that_computes_in_fp8_never_reaches_a_bw1000(policy: Policy) -> None:
    job = training_job(3, policy)
    wish = msgspec.structs.replace(
        job.spec, requirements=Requirements(precisions=(Precision.BF16, Precision.FP8))
    )
    request = a_request(
        resources=wish.resources,
        requirements=wish.requirements,
        placement=wish.placement,
        max_run_seconds=wish.max_run_seconds,
    )
    fleet = committed_fleet(NOON)
    evaluation = fleet.answer(request, NOON).evaluation

    chosen_models = {evaluation.pool(row).spec.card_model for row in evaluation.order}
    bw1000 = [row for row, pool in enumerate(fleet.pools) if pool.spec.card_model == "hygon-bw1000"]
    assert chosen_models == {"nvidia-h100"}
    assert len(bw1000) == 2
    for row in bw1000:
        assert [each.reason for each in evaluation.refusals(row)] == [Reason.PRECISION]


@pytest.mark.parametrize(
    ("wanted", "there"), [("12.0", "12"), ("12", "12.0"), ("0", "0.0"), ("12.0", "12.0.1")]
)
def test_zeros_at_the_end_of_a_version_say_nothing(wanted: str, there: str) -> None:
    request = a_request(requirements=Requirements(toolkits=(Toolkit(name="cuda", version=wanted),)))

    assert not refusals(request, a_pool_with(toolkits=(Toolkit(name="cuda", version=there),)))


DOWN = ResourcePoolStatus(
    observed_at=NOON,
    complete=True,
    total=Capacity(nodes=6, cores=48, cards=24),
    unavailable=Capacity(nodes=4, cores=32, cards=16),
)
"""Six nodes of which two are up."""


@pytest.mark.parametrize(
    ("wish", "small", "found"),
    [
        pytest.param({"resources": Resources(nodes=4)}, {"nodes": 3}, "2 of 6 nodes up", id="by-nodes"),
        pytest.param(
            {"resources": Resources(cards=16, cards_per_node=4)},
            {"nodes": 3, "cards": 4},
            "8 in all, 2 of 6 nodes up",
            id="by-cards",
        ),
        pytest.param({"resources": Resources(nodes=7)}, {"nodes": 3}, "6", id="not-what-never-was-enough"),
    ],
)
def test_the_nearest_is_the_pool_that_is_too_small_only_while_nodes_are_down(
    wish: dict[str, Any], small: dict[str, Any], found: str
) -> None:
    pools = (a_pool_with("small", **small), a_pool_with("broken", nodes=6, cards=4, status=DOWN))
    (rejection,) = place(a_request(**wish), Snapshot(pools=pools), NOON).receipt.rejected

    assert (rejection.count, rejection.found) == (2, found)
