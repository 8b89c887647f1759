"""What a pool publishes of its machines beside their number: words of GLUE 2, each figure with its source."""

import enum
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from computility.model.base import Count, Seconds, Value, Word


class Precision(enum.Enum):
    """A number format that cards compute in."""

    FP64 = "fp64"
    FP32 = "fp32"
    TF32 = "tf32"
    FP16 = "fp16"
    BF16 = "bf16"
    FP8 = "fp8"
    INT8 = "int8"


class Source(enum.Enum):
    """Where a figure comes from; the wider the band around it, the further down."""

    MEASURED = "measured"
    NOMINAL = "nominal"
    ESTIMATED = "estimated"


class Bound(enum.Enum):
    """What a job's speed depends on: which of a pool's benchmarks its run time follows."""

    COMPUTE = "compute"
    MEMORY_BANDWIDTH = "memoryBandwidth"


class Measure(enum.Enum):
    """What a benchmark measured: a card in one precision, its memory bandwidth, or one core."""

    FP64 = "fp64"
    FP32 = "fp32"
    TF32 = "tf32"
    FP16 = "fp16"
    BF16 = "bf16"
    FP8 = "fp8"
    INT8 = "int8"
    MEMORY_BANDWIDTH = "memoryBandwidth"
    CORE = "core"


class Benchmark(Value, frozen=True, kw_only=True):
    """How fast the pool is beside the reference: one A100 card, or one core of it for `core`."""

    measure: Annotated[Measure, Meta(description="What was measured.")]
    relative: Annotated[
        float, Meta(gt=0, le=10_000, description="Speed relative to the reference; 2 is twice as fast.")
    ]
    source: Annotated[Source, Meta(description="Where the figure comes from.")] = Source.NOMINAL


class Toolkit(Value, frozen=True, kw_only=True):
    """Software that comes with the machine, such as CUDA, DTK or CANN."""

    name: Annotated[Word, Meta(description="Its name, such as `cuda`, `dtk` or `cann`.")]
    version: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=32,
            pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){0,3}\Z",
            description="Its version, numbers with dots, such as `12.4`.",
        ),
    ]


class QueueWait(Value, frozen=True, kw_only=True):
    """How long jobs of a size and requested time wait, as quantiles."""

    max_nodes: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None,
        Meta(description="For jobs of at most so many nodes; unset: of any size."),
    ] = None
    max_run_seconds: Annotated[
        Annotated[int, Meta(ge=1, le=31_536_000)] | None,
        Meta(description="For jobs that ask for at most this run time, in seconds; unset: for any."),
    ] = None
    min_start_seconds: Annotated[
        Annotated[int, Meta(ge=1, le=31_536_000)] | None,
        Meta(
            description=(
                "For jobs that the scheduler itself says will start in so many seconds or later "
                "(`status.forecast`); 1: for all that it does not start at once. "
                "Unset: whatever it says. Put larger ones first."
            )
        ),
    ] = None
    p50_seconds: Annotated[Seconds, Meta(description="Half of them wait no longer, in seconds.")]
    p95_seconds: Annotated[Seconds, Meta(description="19 of 20 wait no longer, in seconds.")]
    samples: Annotated[Count, Meta(description="From how many jobs it was reckoned; 0 if declared.")] = 0
    source: Annotated[Source, Meta(description="Where the figures come from.")] = Source.NOMINAL


class StartForecast(Value, frozen=True, kw_only=True):
    """When the scheduler says that a job on whole nodes would start if it were submitted now."""

    max_nodes: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Asked for so many nodes: smaller jobs start no later.")
    ]
    max_run_seconds: Annotated[
        int,
        Meta(ge=1, le=31_536_000, description="Asked for so long: shorter jobs start no later, in seconds."),
    ]
    starts_at: Annotated[
        datetime | None,
        Meta(description="The start that it names, which rests on requested times; unset: at once."),
    ] = None


class Energy(Value, frozen=True, kw_only=True):
    """What the pool draws, and how clean that is."""

    grid_kg_per_kwh: Annotated[
        float,
        Meta(ge=0, le=5, description="CO2 of the grid it stands in, location-based, in kg per kWh."),
    ]
    green_share: Annotated[
        float, Meta(ge=0, le=1, description="Share of contracted green power; market-based CO2 falls by it.")
    ] = 0.0
    pue: Annotated[
        float, Meta(ge=1, le=5, description="Power usage effectiveness: kWh drawn for one of the machines.")
    ] = 1.0
    watts_per_card: Annotated[
        float,
        Meta(
            ge=0,
            le=100_000,
            description="Power of one busy card with its part of the node, in W; 0: unknown.",
        ),
    ] = 0.0
    watts_per_core: Annotated[
        float,
        Meta(
            ge=0, le=10_000, description="Power of one busy core where no card is counted, in W; 0: unknown."
        ),
    ] = 0.0
    source: Annotated[Source, Meta(description="Where the figures come from.")] = Source.NOMINAL


class AllocationUnit(enum.Enum):
    """What is allocated, and charged, at least."""

    CORE = "core"
    NODE = "node"


class TaintEffect(enum.Enum):
    """What a taint does to jobs that do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"


class Taint(Value, frozen=True, kw_only=True):
    """A mark that keeps jobs away that do not tolerate it, as on a Kubernetes node."""

    key: Annotated[Word, Meta(description="Its key, such as `experimental`.")]
    value: Annotated[str, Meta(max_length=63, pattern=r"^[-A-Za-z0-9_.]*\Z", description="Its value.")] = ""
    effect: Annotated[TaintEffect, Meta(description="What it does.")] = TaintEffect.NO_SCHEDULE


class Toleration(Value, frozen=True, kw_only=True):
    """A taint that a job does not mind."""

    key: Annotated[Word, Meta(description="The taint's key.")]
    value: Annotated[
        Annotated[str, Meta(max_length=63, pattern=r"^[-A-Za-z0-9_.]*\Z")] | None,
        Meta(description="The taint's value; unset tolerates any."),
    ] = None

    def covers(self, taint: Taint) -> bool:
        """Say whether it tolerates this taint."""
        return self.key == taint.key and self.value in (None, taint.value)
