"""ResourcePool: one slice of its machines that a member offers."""

from datetime import datetime
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from computility.model.base import (
    Architecture,
    Count,
    DnsLabel,
    Generation,
    ModuleAlias,
    Quantity,
    Value,
    Word,
    keyed_by,
)
from computility.model.cpid import Aliases, Cpid
from computility.model.meta import Column, Conditions, Kind, ObjectMeta
from computility.model.pool_facts import (
    AllocationUnit,
    Benchmark,
    Energy,
    Precision,
    QueueWait,
    StartForecast,
    Taint,
    Toolkit,
)
from computility.model.rules import Rule
from computility.model.tariff import WINDOW_RULE, Tariff


class Shape(Value, frozen=True, kw_only=True):
    """What the pool has in all, as the centre declares it."""

    nodes: Annotated[int, Meta(ge=1, le=1_000_000, description="How many nodes the pool has.")]
    cores_per_node: Annotated[int, Meta(ge=1, le=4096, description="CPU cores of one node.")]
    memory_per_node: Annotated[
        Quantity, Meta(description="Memory of one node that jobs may ask for, such as `256Gi`.")
    ]
    cards_per_node: Annotated[
        int, Meta(ge=0, le=1024, description="Accelerator cards of one node; 0 for a pool without cards.")
    ] = 0


class PoolLimits(Value, frozen=True, kw_only=True):
    """What the centre lets one job take."""

    max_nodes: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None,
        Meta(description="Most nodes for one job; unset means all of `shape.nodes`."),
    ] = None
    max_cards: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None,
        Meta(description="Most cards for one job; unset means as many as its nodes have."),
    ] = None
    max_scratch: Annotated[
        Quantity | None,
        Meta(
            description=(
                "Most room that the files of one run may fill at the centre, such as `2Ti`. Unset: unknown, "
                "and jobs that ask for room do not come."
            )
        ),
    ] = None
    max_run_seconds: Annotated[
        int, Meta(ge=60, le=31_536_000, description="Longest `maxRunSeconds` a job may ask for, in seconds.")
    ] = 86_400
    max_queued: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description=(
                "How many of the network's attempts may be at this pool at once, waiting ones included. "
                "Past it further jobs wait at the hub (`PoolsBusy`), where they can still go elsewhere. "
                "Lower keeps the centre's queue short; higher keeps its nodes busier over a slow link."
            ),
        ),
    ] = 1000


class Access(Value, frozen=True, kw_only=True):
    """Who may use the pool: the tenants that the centre's own table maps to an account."""

    namespaces: Annotated[
        tuple[DnsLabel, ...],
        Meta(
            max_length=1000,
            description=(
                "Tenant namespaces that the centre has an account for; jobs of others are not placed here "
                "(`NamespaceNotMapped`). Empty means nobody. The agent fills it from its accounts table."
            ),
        ),
    ] = ()


class ResourcePoolSpec(Value, frozen=True, kw_only=True):
    """What a centre offers, declared by its administrator."""

    architecture: Annotated[Architecture, Meta(description="Instruction set of the nodes.")]
    shape: Annotated[Shape, Meta(description="Nodes, and what each of them has.")]
    card_model: Annotated[
        Word | None, Meta(description="Model of the cards, such as `ascend-910b`; set where there are cards.")
    ] = None
    card_memory: Annotated[
        Quantity | None, Meta(description="Memory of each card, such as `64Gi`; unset: unknown.")
    ] = None
    precisions: Annotated[
        tuple[Precision, ...],
        Meta(max_length=7, description="Number formats that the cards compute in; others are refused."),
    ] = ()
    toolkits: Annotated[
        tuple[Toolkit, ...],
        Meta(max_length=64, extra_json_schema=keyed_by("name"), description="Software that comes with it."),
    ] = ()
    modules: Annotated[
        tuple[ModuleAlias, ...],
        Meta(
            max_length=256,
            description=(
                "Aliases of the environment modules that jobs may load; the centre's own table has their "
                "real names. The agent fills it from there: with all of them, or those that stand here."
            ),
        ),
    ] = ()
    mpi: Annotated[
        tuple[Word, ...],
        Meta(
            max_length=16,
            description=(
                "Names of the MPIs that the launcher `mpi` can start, such as `openmpi`. The agent fills it "
                "from its table, likewise."
            ),
        ),
    ] = ()
    benchmark: Annotated[
        tuple[Benchmark, ...],
        Meta(
            max_length=16,
            extra_json_schema=keyed_by("measure"),
            description="How fast it is beside the reference; jobs that declare their work need it.",
        ),
    ] = ()
    queue_wait: Annotated[
        tuple[QueueWait, ...],
        Meta(
            max_length=32,
            description="How long jobs wait here, narrower classes first: the first to cover a job counts.",
        ),
    ] = ()
    hold_accrues_age: Annotated[
        bool,
        Meta(
            description=(
                "Whether a job that is held for its data gains its place in the queue meanwhile: then "
                "waiting and transfer overlap instead of adding up."
            )
        ),
    ] = False
    energy: Annotated[Energy | None, Meta(description="What it draws, and how clean that is.")] = None
    allocation_unit: Annotated[
        AllocationUnit,
        Meta(description="What is allocated at least: whole nodes, or the cores and cards asked for."),
    ] = AllocationUnit.CORE
    taints: Annotated[
        tuple[Taint, ...],
        Meta(max_length=16, description="Marks that keep jobs away that do not tolerate them."),
    ] = ()
    valid_seconds: Annotated[
        int,
        Meta(
            ge=10,
            le=31_536_000,
            description="How old its status may be, in seconds, before it comes into question no more.",
        ),
    ] = 86_400
    limits: Annotated[PoolLimits, Meta(description="What one job may take.")] = PoolLimits()
    tariff: Annotated[
        Tariff, Meta(description="Prices that the receipt and the charge are reckoned with.")
    ] = Tariff()
    access: Annotated[Access, Meta(description="Which tenants may use the pool.")] = Access()
    cpid: Annotated[
        Cpid | None,
        Meta(
            description=(
                "The cpid that it had before a rename or a restore; unset has the hub mint one. What it has "
                "stands in the member's `status.pools`; while another holds it nothing is placed here."
            )
        ),
    ] = None
    aliases: Annotated[
        Aliases, Meta(description="Official codes of others for it; unique in the network, as its cpid is.")
    ] = ()


class Capacity(Value, frozen=True, kw_only=True, omit_defaults=False):
    """An amount of machine."""

    nodes: Annotated[Count, Meta(description="Nodes.")] = 0
    cores: Annotated[Count, Meta(description="CPU cores.")] = 0
    cards: Annotated[Count, Meta(description="Accelerator cards.")] = 0


class BackendInfo(Value, frozen=True, kw_only=True):
    """Which scheduler stands behind the pool."""

    version: Annotated[str, Meta(max_length=64, description="The scheduler and its version.")] = ""
    cluster: Annotated[str, Meta(max_length=64, description="The scheduler's own name of its cluster.")] = ""
    booted_at: Annotated[datetime | None, Meta(description="When its controller started last.")] = None


class ResourcePoolStatus(Value, frozen=True, kw_only=True):
    """What the agent sees at the centre; the agent alone writes it, at most every 10 s and when changed."""

    observed_generation: Annotated[
        Generation, Meta(description="Spec generation the agent last looked at.")
    ] = -1
    observed_at: Annotated[datetime | None, Meta(description="When the figures were read.")] = None
    complete: Annotated[
        bool,
        Meta(description="Whether the scheduler's answer was whole; false makes the figures a lower bound."),
    ] = False
    total: Annotated[Capacity, Meta(description="What the pool has and could give, once all is free.")] = (
        Capacity()
    )
    used_by_others: Annotated[
        Capacity,
        Meta(description="What the centre's own users hold; the hub adds the network's jobs itself."),
    ] = Capacity()
    unavailable: Annotated[Capacity, Meta(description="What is down or drained.")] = Capacity()
    forecast: Annotated[
        tuple[StartForecast, ...],
        Meta(
            max_length=16,
            description=(
                "When jobs would start, by the scheduler's own word, narrower classes first; asked at most "
                "a minute before `observedAt`. Empty where it does not tell."
            ),
        ),
    ] = ()
    clock_factor: Annotated[
        float,
        Meta(
            ge=1,
            le=10_000,
            description=(
                "How many seconds pass at the centre in one of ours. Above 1 it is a simulated one: "
                "durations and charges are in its own time, and jobs end so much sooner than they say."
            ),
        ),
    ] = 1.0
    backend: Annotated[BackendInfo, Meta(description="The scheduler behind the pool.")] = BackendInfo()
    conditions: Annotated[Conditions, Meta(description="Ready.")] = ()


class ResourcePool(Value, frozen=True, kw_only=True):
    """One slice of its machines that a member offers, in the member's namespace."""

    KIND: ClassVar = Kind(
        kind="ResourcePool",
        plural="resourcepools",
        short_name="rpool",
        namespaced=True,
        description="A slice of its machines that a member offers to the network, with its price.",
        columns=(
            Column("Arch", "string", ".spec.architecture"),
            Column("Cards", "string", ".spec.cardModel"),
            Column("Nodes", "integer", ".status.total.nodes"),
            Column("Cores", "integer", ".status.total.cores"),
            Column("Used-By-Others", "integer", ".status.usedByOthers.cores"),
            Column("Core-Hour", "string", ".spec.tariff.perCoreHour"),
            Column("Card-Hour", "string", ".spec.tariff.perCardHour"),
            Column("Ready", "string", '.status.conditions[?(@.type=="Ready")].status'),
            Column("Currency", "string", ".spec.tariff.currency", wide=True),
            Column("Scheduler", "string", ".status.backend.version", wide=True),
        ),
        rules=(
            Rule(
                "(has(self.spec.shape.cardsPerNode) && self.spec.shape.cardsPerNode > 0)"
                " == has(self.spec.cardModel)",
                "spec.cardModel goes with spec.shape.cardsPerNode above 0: set both, or neither",
                ".spec.cardModel",
            ),
            WINDOW_RULE,
        ),
    )

    metadata: ObjectMeta = ObjectMeta()
    spec: ResourcePoolSpec = msgspec.field()
    status: ResourcePoolStatus = ResourcePoolStatus()
