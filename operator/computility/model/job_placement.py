"""What a job asks of the machine that it runs on, and how to choose among those that will do."""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from computility.model.base import Architecture, MemberName, Price, Quantity, Value, Word, keyed_by
from computility.model.data_link import Place
from computility.model.pool_facts import Precision, Toleration, Toolkit
from computility.model.region import Region


class Requirements(Value, frozen=True, kw_only=True):
    """What the machine has to be."""

    architectures: Annotated[
        tuple[Architecture, ...],
        Meta(max_length=8, description="Instruction sets that the payload is made for; empty: any."),
    ] = ()
    card_models: Annotated[
        tuple[Word, ...], Meta(max_length=32, description="Card models that will do; empty: any.")
    ] = ()
    precisions: Annotated[
        tuple[Precision, ...],
        Meta(
            max_length=7,
            description="Number formats that the cards have to compute in, all of them; the first is the one "
            "that the run time follows.",
        ),
    ] = ()
    toolkits: Annotated[
        tuple[Toolkit, ...],
        Meta(
            max_length=16,
            extra_json_schema=keyed_by("name"),
            description="Software that the pool has to have, in this version or a later one.",
        ),
    ] = ()
    min_card_memory: Annotated[
        Quantity | None, Meta(description="Memory that each card has to have, such as `40Gi`.")
    ] = None


class Policy(enum.Enum):
    """What placement looks at first among the pools that fit."""

    CHEAPEST = "cheapest"
    FASTEST = "fastest"
    GREENEST = "greenest"
    BALANCED = "balanced"
    CUSTOM = "custom"


Weight = Annotated[float, Meta(ge=0, le=1000)]


class Weights(Value, frozen=True, kw_only=True):
    """How much each figure counts; each is first brought to 0 for the best and 1 for the worst that fits."""

    cost: Annotated[Weight, Meta(description="Weight of the cost.")] = 0.0
    done: Annotated[Weight, Meta(description="Weight of the time until it is done.")] = 0.0
    carbon: Annotated[Weight, Meta(description="Weight of the market-based CO2.")] = 0.0


class Mode(enum.Enum):
    """Whether a placement is carried out."""

    RUN = "Run"
    QUOTE = "Quote"


class LatencyClass(enum.Enum):
    """How far away a pool may be, as the national latency classes have it: round trips in ms."""

    METRO = "metro"
    REGION = "region"
    NATIONAL = "national"

    @property
    def millis(self) -> float:
        """The longest round trip of the class, in ms."""
        return {"metro": 1.0, "region": 5.0, "national": 20.0}[self.value]


class PoolSelector(Value, frozen=True, kw_only=True):
    """Which pools come into question."""

    match_labels: Annotated[
        dict[
            Annotated[str, Meta(max_length=317)],
            Annotated[str, Meta(max_length=63, pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?\Z")],
        ],
        Meta(max_length=32, description="Labels that the ResourcePool has to carry."),
    ] = msgspec.field(default_factory=dict)
    regions: Annotated[
        tuple[Region, ...],
        Meta(max_length=64, description="Regions that the member has to stand in; empty: any."),
    ] = ()
    exclude: Annotated[
        tuple[MemberName, ...], Meta(max_length=64, description="Members that do not come into question.")
    ] = ()


class PlacementSpec(Value, frozen=True, kw_only=True):
    """How to choose among the pools."""

    policy: Annotated[Policy, Meta(description="What comes first among the pools that fit.")] = (
        Policy.CHEAPEST
    )
    weights: Annotated[
        Weights, Meta(description="For the policy `custom`: how much cost, time and carbon count.")
    ] = Weights()
    mode: Annotated[
        Mode,
        Meta(
            description=(
                "`Quote` fills the receipt and runs nothing (phase `Quoted`); change it to `Run` to go on."
            )
        ),
    ] = Mode.RUN
    pool_selector: Annotated[PoolSelector, Meta(description="Which pools come into question.")] = (
        PoolSelector()
    )
    tolerations: Annotated[
        tuple[Toleration, ...], Meta(max_length=16, description="Taints of pools that the job does not mind.")
    ] = ()
    near: Annotated[
        Place | None,
        Meta(description="The place that `latencyClass` counts from: a region, or `member/<name>`."),
    ] = None
    latency_class: Annotated[
        LatencyClass | None,
        Meta(description="Round trip from `near`: `metro` 1 ms, `region` 5 ms, `national` 20 ms at most."),
    ] = None
    max_price_per_core_hour: Annotated[
        Price | None,
        Meta(
            description=(
                "Dearest core-hour that is acceptable, at the mean over the run; of a job without cards with "
                "the price of the cards in it that whole nodes bring along."
            )
        ),
    ] = None
    max_price_per_card_hour: Annotated[
        Price | None,
        Meta(description="Dearest card-hour that is acceptable, at the mean over the run."),
    ] = None
