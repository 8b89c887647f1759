"""How much work a job is, and what data it reads: what its run time and transfer are reckoned from."""

from typing import Annotated

from msgspec import Meta

from computility.model.base import ObjectName, Quantity, Value, Word
from computility.model.data_link import Place
from computility.model.pool_facts import Bound

Hours = Annotated[float, Meta(gt=0, le=1e9)]


class Measured(Value, frozen=True, kw_only=True):
    """A run of it that somebody measured: "5 h on 8 A800"."""

    card_model: Annotated[
        Word | None, Meta(description="The card that it ran on; unset for a job without cards.")
    ] = None
    cards: Annotated[int, Meta(ge=0, le=1_000_000, description="How many of them.")] = 0
    cores: Annotated[
        int, Meta(ge=0, le=100_000_000, description="How many cores, for a job without cards.")
    ] = 0
    seconds: Annotated[float, Meta(gt=0, le=31_536_000, description="How long it ran, in seconds.")]


class Work(Value, frozen=True, kw_only=True):
    """How much work one run is, said in one of four ways. Without it speeds are not compared."""

    reference_card_hours: Annotated[
        Hours | None,
        Meta(description="Hours on one reference card (A100, BF16) times how many cards it took."),
    ] = None
    reference_core_hours: Annotated[
        Hours | None, Meta(description="Core-hours on the reference core, for a job without cards.")
    ] = None
    measured: Annotated[
        Measured | None, Meta(description="A run that was measured on some machine of the network.")
    ] = None
    similar_to: Annotated[
        ObjectName | None,
        Meta(
            description=(
                "An earlier job of this namespace that has succeeded and is still there: it is as much "
                "work as one run of that came to, by its time and the speed of its pool."
            )
        ),
    ] = None
    bound: Annotated[
        Bound, Meta(description="What its speed depends on: the benchmark that run times follow.")
    ] = Bound.COMPUTE
    parallel_efficiency: Annotated[
        float,
        Meta(gt=0, le=1, description="Share of the speed that is left on as many cards as it asks for."),
    ] = 1.0


class DataInput(Value, frozen=True, kw_only=True):
    """Data that has to be where the job runs, declared by its size until datasets know their own."""

    name: Annotated[Word, Meta(description="Its name within the job.")]
    size: Annotated[Quantity, Meta(description="How many bytes, such as `3T`.")]
    at: Annotated[Place, Meta(description="Where it is: a region, or `member/<name>`.")]


class JobData(Value, frozen=True, kw_only=True):
    """The data that a job reads."""

    inputs: Annotated[
        tuple[DataInput, ...],
        Meta(
            max_length=32,
            extra_json_schema={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
            description="What it reads. Each costs transfer time and the links' price wherever it is not.",
        ),
    ] = ()
