"""Each hard filter: whom it refuses, with which words, and whom it lets pass."""

from itertools import chain
from typing import Any

import msgspec
import pytest

from computility.lab.fleets.jobs import training_job
from computility.model.base import Architecture
from computility.model.compute_job import Form, Measured, PlacementSpec, Policy, Requirements, Resources, Work
from computility.model.data_link import DataLinkSpec
from computility.model.job_placement import LatencyClass, PoolSelector, Weights
from computility.model.job_work import DataInput, JobData
from computility.model.pool_facts import (
    Benchmark,
    Energy,
    Measure,
    Precision,
    QueueWait,
    Source,
    Taint,
    Toleration,
    Toolkit,
)
from computility.model.reasons import Reason
from computility.model.resource_pool import Capacity, PoolLimits, ResourcePoolStatus
from computility.model.tariff import PriceFactor, Tariff, TariffWindow
from computility.placement.facts import PoolFacts
from computility.placement.place import place
from computility.placement.snapshot import Snapshot
from computility.placement.verdict import Refusal
from support.builders import NOON, seconds
from support.committed_fleet import committed_fleet
from support.placing import a_pool_with, a_request, evaluate, refusals

CARDS = Resources(cards=8)
DAY = 86_400
NIGHT_RATE = TariffWindow(start=NOON - seconds(60), end=NOON + seconds(60), per_core_hour="9")

LATER_RATE = TariffWindow(start=NOON + seconds(3600), end=NOON + seconds(9000), per_core_hour="10")

FROM_NOW_ON = TariffWindow(start=NOON, end=NOON + seconds(60), per_card_hour="9")
UNTIL_NOW = TariffWindow(start=NOON - seconds(60), end=NOON, per_card_hour="9")


def up_to(nodes: int, away: int) -> ResourcePoolStatus:
    """What an agent says that has seen all nodes of eight cores, of which some are down."""
    return ResourcePoolStatus(
        observed_at=NOON,
        complete=True,
        total=Capacity(nodes=nodes, cores=nodes * 8),
        unavailable=Capacity(nodes=away, cores=away * 8),
    )


def link(start: str, end: str, **fields: Any) -> DataLinkSpec:
    return msgspec.structs.replace(DataLinkSpec(from_=start, to=end, gbps=10.0), **fields)


def data_at(*places: str) -> JobData:
    inputs = (DataInput(name=f"d{n}", size="7T", at=place) for n, place in enumerate(places))
    return JobData(inputs=tuple(inputs))


def wants(**fields: Any) -> dict[str, Any]:
    """What is required of a machine with eight cards."""
    return {"resources": CARDS, "requirements": Requirements(**fields)}


def placed(**fields: Any) -> dict[str, Any]:
    return {"placement": PlacementSpec(**fields)}


def bf16(relative: float, source: Source = Source.MEASURED) -> tuple[Benchmark, ...]:
    return (Benchmark(measure=Measure.BF16, relative=relative, source=source),)


GRID = Energy(grid_kg_per_kwh=0.5, watts_per_core=5.0)
HOUR_ON_8 = {"resources": CARDS, "work": Work(reference_card_hours=8.0)}
WHO_MAY = [
    ("acceptance", {}, {"accepted": False}, {}, Reason.NOT_ACCEPTED, "", ""),
    ("access", {}, {"namespaces": ("team-b",)}, {}, Reason.ACCESS, "team-a", ""),
    (
        "another-label",
        placed(pool_selector=PoolSelector(match_labels={"tier": "gold"})),
        {"labels": {"tier": "tin"}},
        {"labels": {"tier": "gold", "age": "new"}},
        Reason.SELECTOR,
        "tier=gold",
        "tier=tin",
    ),
    (
        "no-label",
        placed(pool_selector=PoolSelector(match_labels={"tier": "gold"})),
        {"labels": {"age": "new"}},
        {"labels": {"tier": "gold"}},
        Reason.SELECTOR,
        "tier=gold",
        "no tier",
    ),
    (
        "region",
        placed(pool_selector=PoolSelector(regions=("CN-SH", "CN-JS"))),
        {"region": "CN-GS"},
        {"region": "CN-JS"},
        Reason.REGION,
        "CN-SH,CN-JS",
        "CN-GS",
    ),
    (
        "region-unknown",
        placed(pool_selector=PoolSelector(regions=("CN-SH",))),
        {"region": ""},
        {},
        Reason.REGION,
        "CN-SH",
        "unknown",
    ),
    (
        "exclusion",
        placed(pool_selector=PoolSelector(exclude=("alpha",))),
        {"member": "alpha"},
        {"member": "beta"},
        Reason.EXCLUDED,
        "",
        "",
    ),
    (
        "taint",
        placed(tolerations=(Toleration(key="new"), Toleration(key="old", value="very"))),
        {"taints": (Taint(key="new"), Taint(key="old", value="rather"))},
        {"taints": (Taint(key="new", value="any"), Taint(key="old", value="very"))},
        Reason.TAINTED,
        "no taint but tolerated ones",
        "old",
    ),
]
WHICH_MACHINE = [
    (
        "architecture",
        {"requirements": Requirements(architectures=(Architecture.AMD64, Architecture.ARM64))},
        {"architecture": Architecture.SW64},
        {"architecture": Architecture.ARM64},
        Reason.ARCHITECTURE,
        "amd64,arm64",
        "sw64",
    ),
    (
        "card-model",
        wants(card_models=("k100", "z100")),
        {"cards": 8, "card_model": "a100"},
        {"cards": 8, "card_model": "z100"},
        Reason.CARD_MODEL,
        "k100,z100",
        "a100",
    ),
    (
        "cards-on-a-node",
        {"resources": Resources(cards=16, cards_per_node=8)},
        {"cards": 4, "nodes": 9},
        {"cards": 8, "nodes": 2},
        Reason.TOO_FEW_CARDS,
        "8 per node",
        "4 per node",
    ),
    (
        "cards-for-one-job",
        {"resources": Resources(cards=16, cards_per_node=8)},
        {"cards": 8, "limits": PoolLimits(max_cards=15)},
        {"cards": 8, "limits": PoolLimits(max_cards=16)},
        Reason.CARD_LIMIT,
        "16 in all",
        "15 in all",
    ),
    (
        "precision",
        wants(precisions=(Precision.BF16, Precision.FP64)),
        {"cards": 8, "precisions": (Precision.BF16, Precision.FP8)},
        {"cards": 8, "precisions": (Precision.FP64, Precision.FP32, Precision.BF16)},
        Reason.PRECISION,
        "bf16,fp64",
        "bf16,fp8",
    ),
    (
        "no-precision-declared",
        wants(precisions=(Precision.BF16,)),
        {"cards": 8},
        {"cards": 8, "precisions": (Precision.BF16,)},
        Reason.PRECISION,
        "bf16",
        "none declared",
    ),
    (
        "card-memory",
        wants(min_card_memory="40Gi"),
        {"cards": 8, "card_memory": "40G"},
        {"cards": 8, "card_memory": "40Gi"},
        Reason.TOO_LITTLE_CARD_MEMORY,
        "40Gi",
        "40G",
    ),
    (
        "card-memory-unknown",
        wants(min_card_memory="40Gi"),
        {"cards": 8},
        {"cards": 8, "card_memory": "64Gi"},
        Reason.TOO_LITTLE_CARD_MEMORY,
        "40Gi",
        "unknown",
    ),
    (
        "toolkit-too-old",
        {"requirements": Requirements(toolkits=(Toolkit(name="cuda", version="12.10"),))},
        {"toolkits": (Toolkit(name="cuda", version="12.9.1"), Toolkit(name="dtk", version="25"))},
        {"toolkits": (Toolkit(name="cuda", version="12.10.0"),)},
        Reason.TOOLKIT,
        "cuda 12.10",
        "cuda 12.9.1",
    ),
    (
        "no-toolkit",
        {"requirements": Requirements(toolkits=(Toolkit(name="cuda", version="12"),))},
        {"toolkits": (Toolkit(name="dtk", version="25"),)},
        {"toolkits": (Toolkit(name="cuda", version="12"),)},
        Reason.TOOLKIT,
        "cuda 12",
        "none",
    ),
    (
        "scratch",
        {"resources": Resources(scratch="2T")},
        {"limits": PoolLimits(max_scratch="1.8Ti")},
        {"limits": PoolLimits(max_scratch="2Ti")},
        Reason.TOO_LITTLE_SCRATCH,
        "2T",
        "1.8Ti",
    ),
    (
        "scratch-unknown",
        {"resources": Resources(scratch="2T")},
        {},
        {"limits": PoolLimits(max_scratch="2T")},
        Reason.TOO_LITTLE_SCRATCH,
        "2T",
        "unknown",
    ),
    ("nodes", {"resources": Resources(nodes=5)}, {"nodes": 4}, {"nodes": 5}, Reason.TOO_FEW_NODES, "5", "4"),
    (
        "nodes-that-are-up",
        {"resources": Resources(nodes=5)},
        {"nodes": 9, "status": up_to(nodes=8, away=4)},
        {"nodes": 9, "status": up_to(nodes=8, away=3)},
        Reason.TOO_FEW_NODES,
        "5",
        "4 of 9 nodes up",
    ),
    (
        "nodes-for-one-job",
        {"resources": Resources(nodes=5)},
        {"nodes": 9, "limits": PoolLimits(max_nodes=4)},
        {"nodes": 9, "limits": PoolLimits(max_nodes=5)},
        Reason.TOO_FEW_NODES,
        "5",
        "4",
    ),
    (
        "cores",
        {"resources": Resources(tasks_per_node=3, cpus_per_task=3)},
        {"cores": 8},
        {"cores": 9},
        Reason.TOO_FEW_CORES,
        "9",
        "8",
    ),
    (
        "memory",
        {"resources": Resources(memory_per_node="17G")},
        {"memory": "15Gi"},
        {"memory": "16Gi"},
        Reason.TOO_LITTLE_MEMORY,
        "17G",
        "15Gi",
    ),
    (
        "run-time",
        {"max_run_seconds": 61},
        {"limits": PoolLimits(max_run_seconds=60)},
        {"limits": PoolLimits(max_run_seconds=61)},
        Reason.RUN_TOO_LONG,
        "61 s",
        "60 s",
    ),
]
DCU, ASCEND = (
    Form(name="dcu", card_models=("k100", "z100")),
    Form(name="ascend", architecture=Architecture.ARM64),
)
WHICH_SOFTWARE = [
    (
        "variant",
        {"forms": (DCU, ASCEND)},
        {"cards": 8, "card_model": "a100"},
        {"cards": 8, "card_model": "z100"},
        Reason.VARIANT,
        "k100,z100|arm64",
        "amd64 a100",
    ),
    (
        "variant-for-an-architecture",
        {"forms": (DCU, ASCEND)},
        {"architecture": Architecture.SW64},
        {"architecture": Architecture.ARM64},
        Reason.VARIANT,
        "k100,z100|arm64",
        "sw64",
    ),
    (
        "modules",
        {"forms": (Form(modules=("gcc", "openmpi")),)},
        {"modules": ("cmake", "gcc")},
        {"modules": ("cmake", "gcc", "openmpi")},
        Reason.MODULE,
        "gcc,openmpi",
        "gcc",
    ),
    (
        "modules-of-the-variant-that-is-taken",
        {"forms": (Form(name="dcu", card_models=("k100",), modules=("dtk",)), Form(modules=("cuda",)))},
        {"cards": 8, "card_model": "k100", "modules": ("cuda",)},
        {"cards": 8, "card_model": "k100", "modules": ("dtk",)},
        Reason.MODULE,
        "dtk|cuda",
        "none",
    ),
    ("mpi", {"mpi": "openmpi"}, {"mpi": ("mpich",)}, {"mpi": ("openmpi",)}, Reason.MPI, "openmpi", "mpich"),
    ("any-mpi", {"mpi": ""}, {}, {"mpi": ("mpich",)}, Reason.MPI, "any", "none"),
]
AT_WHAT_PRICE = [
    ("currency", {}, {"currency": "USD"}, {}, Reason.CURRENCY, "CNY", "USD"),
    (
        "core-hour",
        placed(max_price_per_core_hour="0.1"),
        {"core_hour": "0.11"},
        {"core_hour": "0.10"},
        Reason.PRICE_TOO_HIGH,
        "0.1 per core-hour",
        "0.11 CNY per core-hour",
    ),
    (
        "core-hour-in-a-window",
        placed(max_price_per_core_hour="8"),
        {"tariff": Tariff(per_core_hour="7", windows=(NIGHT_RATE,))},
        {"tariff": Tariff(per_core_hour="7")},
        Reason.PRICE_TOO_HIGH,
        "8 per core-hour",
        "9 CNY per core-hour",
    ),
    (
        "core-hour-over-the-run",
        {"max_run_seconds": 7200, **placed(max_price_per_core_hour="8")},
        {"tariff": Tariff(per_core_hour="7", windows=(LATER_RATE,))},
        {"tariff": Tariff(per_core_hour="6", windows=(LATER_RATE,))},
        Reason.PRICE_TOO_HIGH,
        "8 per core-hour",
        "8.5 CNY per core-hour",
    ),
    (
        "core-hour-of-a-class",
        {"user_class": "academic", **placed(max_price_per_core_hour="0.3")},
        {"tariff": Tariff(per_core_hour="0.5", factors=(PriceFactor(user_class="academic", factor=0.7),))},
        {"tariff": Tariff(per_core_hour="3", factors=(PriceFactor(user_class="academic", factor=0.1),))},
        Reason.PRICE_TOO_HIGH,
        "0.3 per core-hour",
        "0.35 CNY per core-hour",
    ),
    (
        "card-hour-from-now-on",
        {"resources": CARDS, **placed(max_price_per_card_hour="8")},
        {"cards": 8, "tariff": Tariff(per_card_hour="7", windows=(FROM_NOW_ON,))},
        {"cards": 8, "tariff": Tariff(per_card_hour="7", windows=(UNTIL_NOW,))},
        Reason.PRICE_TOO_HIGH,
        "8 per card-hour",
        "9 CNY per card-hour",
    ),
    (
        "card-hour",
        {"resources": CARDS, **placed(max_price_per_card_hour="4")},
        {"cards": 8, "card_hour": "4.01"},
        {"cards": 8, "card_hour": "4"},
        Reason.PRICE_TOO_HIGH,
        "4 per card-hour",
        "4.01 CNY per card-hour",
    ),
]
WHAT_COMES_OF_IT = [
    (
        "benchmark",
        HOUR_ON_8 | {"max_run_seconds": DAY},
        {"cards": 8},
        {"cards": 8, "benchmark": bf16(1.0)},
        Reason.NO_BENCHMARK,
        "bf16",
        "",
    ),
    (
        "time-out",
        HOUR_ON_8 | {"max_run_seconds": 3600},
        {"cards": 8, "benchmark": bf16(1.0)},
        {"cards": 8, "benchmark": bf16(1.2)},
        Reason.WOULD_TIME_OUT,
        "3600 s",
        "up to 4223 s",
    ),
    (
        "deadline",
        HOUR_ON_8 | {"max_run_seconds": DAY, "deadline": NOON + seconds(3600)},
        {"cards": 8, "benchmark": bf16(0.5)},
        {"cards": 8, "benchmark": bf16(1.0)},
        Reason.DEADLINE_MISSED,
        "done in 3600 s",
        "7200 s",
    ),
    (
        "energy-of-the-greenest",
        placed(policy=Policy.GREENEST),
        {},
        {"energy": GRID},
        Reason.ENERGY_UNKNOWN,
        "spec.energy of the pool",
        "",
    ),
    (
        "energy-of-the-balanced",
        placed(policy=Policy.BALANCED),
        {},
        {"energy": GRID},
        Reason.ENERGY_UNKNOWN,
        "spec.energy of the pool",
        "",
    ),
    (
        "energy-that-weighs",
        placed(policy=Policy.CUSTOM, weights=Weights(cost=1, carbon=0.1)),
        {},
        {"energy": GRID},
        Reason.ENERGY_UNKNOWN,
        "spec.energy of the pool",
        "",
    ),
    ("link", {"data": data_at("CN-GS")}, {}, {"region": "CN-GS"}, Reason.NO_LINK, "a link from CN-GS", ""),
]
WHETHER_NOW = [
    ("cpid", {}, {"closed": Reason.CPID_CONFLICT}, {}, Reason.CPID_CONFLICT, "", ""),
    ("leaving", {}, {"closed": Reason.MEMBER_LEAVING}, {}, Reason.MEMBER_LEAVING, "", ""),
    ("cordon", {}, {"closed": Reason.CORDONED}, {}, Reason.CORDONED, "", ""),
    ("never-seen", {}, {"status": ResourcePoolStatus()}, {}, Reason.NO_STATUS, "", ""),
    (
        "stale",
        {},
        {"valid_seconds": 600, "status": ResourcePoolStatus(observed_at=NOON - seconds(601))},
        {"valid_seconds": 600, "status": ResourcePoolStatus(observed_at=NOON - seconds(600))},
        Reason.STALE,
        "what is still valid",
        "601 s old, valid for 600 s",
    ),
    (
        "clock-that-is-ahead",
        {},
        {"valid_seconds": 600, "status": ResourcePoolStatus(observed_at=NOON + seconds(601))},
        {"valid_seconds": 600, "status": ResourcePoolStatus(observed_at=NOON + seconds(600))},
        Reason.STALE,
        "what is still valid",
        "601 s ahead, valid for 600 s",
    ),
    ("silence", {}, {"silent": True}, {}, Reason.MEMBER_SILENT, "", ""),
]
CASES: tuple[list[Any], ...] = (
    WHO_MAY, WHICH_MACHINE, WHICH_SOFTWARE, AT_WHAT_PRICE, WHAT_COMES_OF_IT, WHETHER_NOW,
)  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "refused", "taken", "reason", "wanted", "found"),
    [pytest.param(*case, id=name) for name, *case in chain(*CASES)],
)
def test_a_filter_refuses_one_pool_with_a_reason_and_takes_the_other(
    wish: dict[str, Any],
    refused: dict[str, Any],
    taken: dict[str, Any],
    reason: Reason,
    wanted: str,
    found: str,
) -> None:
    request = a_request(**wish)

    assert refusals(request, a_pool_with(**taken)) == []
    assert refusals(request, a_pool_with(**refused)) == [Refusal(reason=reason, wanted=wanted, found=found)]


def test_every_reason_of_a_filter_is_tried_here() -> None:
    tried = {case[4] for case in chain(*CASES)} | {Reason.TOO_FAR}
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
        data=data_at("CN-GS"),
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
    ("links", "region", "found"),
    [
        pytest.param((), "CN-SH", None, id="where-it-is-itself"),
        pytest.param((link("CN-SH", "CN-GS", round_trip_millis=5.0),), "CN-GS", None, id="near-enough"),
        pytest.param((link("CN-SH", "CN-GS", round_trip_millis=5.5),), "CN-GS", "5.5 ms", id="too-far"),
        pytest.param((link("CN-SH", "CN-GS"),), "CN-GS", "no link known", id="nobody-measured-it"),
        pytest.param((), "CN-GS", "no link known", id="no-link"),
        pytest.param(
            (link("CN-GS", "CN-SH", round_trip_millis=1.0),), "CN-GS", "no link known", id="one-way-only"
        ),
        pytest.param(
            (link("CN-GS", "CN-SH", round_trip_millis=1.0, both_ways=True),), "CN-GS", None, id="both-ways"
        ),
        pytest.param(
            (
                link("CN-SH", "CN-GS", round_trip_millis=1.0),
                link("CN-SH", "member/alpha", round_trip_millis=30.0),
            ),
            "CN-GS",
            "30 ms",
            id="a-members-own-link-goes-before-its-regions",
        ),
    ],
)
def test_the_latency_class_counts_from_the_place(
    links: tuple[DataLinkSpec, ...], region: str, found: str | None
) -> None:
    request = a_request(placement=PlacementSpec(near="CN-SH", latency_class=LatencyClass.REGION))

    expected = (
        [] if found is None else [Refusal(reason=Reason.TOO_FAR, wanted="5 ms from CN-SH", found=found)]
    )
    assert refusals(request, a_pool_with(region=region), links) == expected


def test_a_link_over_which_nothing_ever_arrives_is_none() -> None:
    trickle = link("CN-GS", "CN-SH", gbps=5e-324, usable_share=5e-324)

    (refusal,) = refusals(a_request(data=data_at("CN-GS")), a_pool_with(), (trickle,))
    assert refusal.reason is Reason.NO_LINK


def test_a_member_is_near_to_itself_whatever_its_region_is() -> None:
    request = a_request(placement=PlacementSpec(near="member/alpha", latency_class=LatencyClass.METRO))
    within = link("CN-SH", "CN-SH", round_trip_millis=3.0)

    assert not refusals(request, a_pool_with(), (within,))


def test_near_without_a_class_asks_nothing() -> None:
    assert refusals(a_request(placement=PlacementSpec(near="CN-GS")), a_pool_with()) == []


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


def test_classes_of_a_queue_are_looked_at_in_their_order() -> None:
    """Kept here beside the filters because a wait decides whether a deadline is met."""
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
