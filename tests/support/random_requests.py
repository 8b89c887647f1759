"""Requests of placement, as Hypothesis draws them."""

from typing import Any

from hypothesis import strategies as st

from computility.model.compute_job import Form, PlacementSpec, Policy, Requirements, Resources, Work
from computility.model.job_placement import PoolSelector
from computility.model.job_work import DataInput, JobData
from computility.model.pool_facts import Precision, Toleration
from computility.placement.request import Request
from support.builders import NOON, seconds
from support.placing import a_request
from support.random_fleets import REGIONS, TENTHS, some_of

POLICIES = (Policy.CHEAPEST, Policy.FASTEST, Policy.GREENEST, Policy.BALANCED)
WISHES: tuple[dict[str, Any], ...] = (
    {"pool_selector": PoolSelector(match_labels={"tier": "gold"})},
    {"pool_selector": PoolSelector(regions=("CN-SH", "CN-GS"))},
    {"pool_selector": PoolSelector(exclude=("m1",))},
    {"tolerations": (Toleration(key="new"),)},
    {"max_price_per_core_hour": "1.5"},
    {"max_price_per_card_hour": "1.5"},
)
ASKS: tuple[dict[str, Any], ...] = (
    {"deadline": NOON + seconds(1801)},
    {"max_concurrent": 2},
    {"max_run_seconds": 3600},
    {"max_run_seconds": 60},
    {"user_class": "academic"},
    {"user_class": "industry"},
    {"forms": (Form(modules=("gcc",)),)},
    {"forms": (Form(name="dcu", card_models=("k100",), modules=("dtk",)),)},
    {"forms": (Form(name="dcu", card_models=("k100",), modules=("dtk",)), Form(modules=("gcc", "openmpi")))},
    {"mpi": ""},
    {"mpi": "openmpi"},
)


def inputs() -> st.SearchStrategy[JobData]:
    drawn = st.lists(st.tuples(st.sampled_from(("1G", "25G")), st.sampled_from(REGIONS)), max_size=2)
    return drawn.map(
        lambda each: JobData(
            inputs=tuple(DataInput(name=f"d{n}", size=size, at=at) for n, (size, at) in enumerate(each))
        )
    )


@st.composite
def requests(draw: st.DrawFn, most: int = 1) -> Request:
    cards = draw(st.sampled_from((0, 4, 4, 8)))
    hours = draw(st.none() | TENTHS)
    named = {"reference_card_hours" if cards else "reference_core_hours": hours}
    precisions = some_of(Precision.BF16, Precision.FP64) if cards else st.just(())
    placement: dict[str, Any] = {"policy": draw(st.sampled_from(POLICIES))}
    for wish in draw(st.lists(st.sampled_from(WISHES), max_size=1)):
        placement |= wish
    fields: dict[str, Any] = {
        "max_run_seconds": 36_000,
        "data": draw(inputs()),
        "count": draw(st.integers(1, most)),
    }
    for ask in draw(st.lists(st.sampled_from(ASKS), max_size=1)):
        fields |= ask
    return a_request(
        resources=Resources(
            cards=cards,
            cards_per_node=4 if cards else None,
            nodes=None if cards else draw(st.integers(1, 3)),
            cpus_per_task=draw(st.sampled_from((1, 4))),
            memory_per_node=draw(st.sampled_from((None, "4Gi", "10Gi"))),
            scratch=draw(st.sampled_from((None, None, None, "1T", "1Ti"))),
        ),
        requirements=Requirements(precisions=draw(precisions)),
        work=None if hours is None else Work(parallel_efficiency=0.8, **named),
        placement=PlacementSpec(**placement),
        **fields,
    )
