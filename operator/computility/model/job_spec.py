"""What a user asks for in a ComputeJob: what runs, on how much machine, placed how."""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from computility.model.base import TEXT, Instant, ModuleAlias, Quantity, Value, Word, keyed_by
from computility.model.index_set import IndexSet
from computility.model.job_form import Form
from computility.model.job_order import Dependency, Priority
from computility.model.job_payload import Command, EnvVar, Script
from computility.model.job_placement import PlacementSpec, Requirements
from computility.model.job_repeats import ArraySpec, Failover, Retry
from computility.model.job_variant import Variant
from computility.model.job_work import JobData, Work

MANAGED_BY_US = "computility.io/hub"
_CONTROLLER = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\Z"


class Launcher(enum.Enum):
    """How the command is started on the nodes that the job was given."""

    SINGLE = "single"
    PER_NODE = "perNode"
    PER_TASK = "perTask"
    MPI = "mpi"


class File(Value, frozen=True, kw_only=True):
    """A small text file that travels with the job."""

    path: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=255,
            pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*\Z",
            description="Where it is put, relative to the payload's working directory.",
        ),
    ]
    content: Annotated[str, Meta(max_length=262_144, pattern=rf"^{TEXT}\Z", description="Its text.")] = ""


class Template(Value, frozen=True, kw_only=True):
    """What runs; the same text wherever it runs."""

    launcher: Annotated[
        Launcher,
        Meta(
            description=(
                "`single` starts the command once, on the first node; `perNode` once on every node; "
                "`perTask` as many times as the job has tasks; `mpi` likewise, as ranks of an MPI program."
            )
        ),
    ] = Launcher.SINGLE
    mpi: Annotated[
        Word | None,
        Meta(
            description=(
                "With the launcher `mpi`: which MPI the program is built with, such as `openmpi`, as pools "
                "publish it in `spec.mpi`. Unset: whichever the pool names first."
            )
        ),
    ] = None
    command: Annotated[
        Command, Meta(description="The command and its arguments, 64 KiB in all; no shell reads them.")
    ] = ()
    script: Annotated[
        Script | None, Meta(description="Instead of `command`: a script, starting with its `#!` line.")
    ] = None
    modules: Annotated[
        tuple[ModuleAlias, ...],
        Meta(
            max_length=32,
            description=(
                "Environment modules to load before it starts, in this order, by the aliases that pools "
                "publish in `spec.modules`; each centre maps them to names of its own."
            ),
        ),
    ] = ()
    files: Annotated[
        tuple[File, ...],
        Meta(
            max_length=64,
            extra_json_schema=keyed_by("path"),
            description="Small files put into the working directory, 256 KiB in all.",
        ),
    ] = ()
    env: Annotated[
        tuple[EnvVar, ...],
        Meta(
            max_length=256,
            extra_json_schema=keyed_by("name"),
            description="Environment variables, 64 KiB of values in all.",
        ),
    ] = ()
    grace_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=3600,
            description=(
                "How long the payload has to clean up, in seconds: SIGTERM reaches it this long before a "
                "cancelled job is killed or `maxRunSeconds` are over, but never before half of these are."
            ),
        ),
    ] = 30
    variants: Annotated[
        tuple[Variant, ...],
        Meta(
            max_length=16,
            extra_json_schema=keyed_by("name"),
            description=(
                "What runs instead on machines of a kind: a pool takes the first that is meant for its "
                "machines, or else the template as it stands, if that has a command or a script."
            ),
        ),
    ] = ()

    @property
    def asked_mpi(self) -> str | None:
        """The MPI that a pool needs to have: "" for any, None for no need of one."""
        return (self.mpi or "") if self.launcher is Launcher.MPI else None

    @property
    def forms(self) -> tuple[Form, ...]:
        """The ways to run it, as placement asks pools for them; a pool takes the first that suits it."""
        has_default = bool(self.command) or self.script is not None
        own = (Form(modules=self.modules),) if has_default else ()
        return tuple(variant.form(self.modules) for variant in self.variants) + own

    def in_form(self, name: str) -> "Template":
        """Return what runs in the form of this name: the variant's fields, and for the rest our own."""
        variant = next((each for each in self.variants if each.name == name), None)
        if variant is None:
            return self
        has_payload = bool(variant.command) or variant.script is not None
        runs = variant if has_payload else self
        named = {each.name: each for each in (*self.env, *variant.env)}
        return msgspec.structs.replace(
            self,
            command=runs.command,
            script=runs.script,
            modules=self.modules if variant.modules is None else variant.modules,
            env=tuple(named.values()),
        )


class Resources(Value, frozen=True, kw_only=True):
    """How much machine the job needs."""

    nodes: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)] | None,
        Meta(description="Nodes. Unset: what `cards` over `cardsPerNode` gives, else 1."),
    ] = None
    tasks_per_node: Annotated[int, Meta(ge=1, le=4096, description="Tasks on each node.")] = 1
    cpus_per_task: Annotated[int, Meta(ge=1, le=4096, description="Cores of each task.")] = 1
    cards: Annotated[int, Meta(ge=0, le=1_000_000, description="Accelerator cards in all.")] = 0
    cards_per_node: Annotated[
        Annotated[int, Meta(ge=1, le=1024)] | None,
        Meta(description="Cards on each node. Unset: all on one node, or evenly on `nodes`."),
    ] = None
    memory_per_node: Annotated[
        Quantity | None,
        Meta(description="Memory on each node, such as `4Gi`. Unset leaves it to the centre."),
    ] = None
    scratch: Annotated[
        Quantity | None,
        Meta(
            description=(
                "Room that the files of one run need at the centre, such as `200Gi`, in and below the "
                "working directory. Pools that do not let a job fill as much do not come into question, "
                "and nothing is submitted while there is less. Unset: little."
            )
        ),
    ] = None

    @property
    def node_count(self) -> int:
        """Nodes that the job takes."""
        if self.nodes is not None:
            return self.nodes
        if self.cards and self.cards_per_node:
            return max(1, self.cards // self.cards_per_node)
        return 1

    @property
    def cards_on_each_node(self) -> int:
        """Cards that each of them has to have."""
        return self.cards_per_node or self.cards // self.node_count if self.cards else 0

    @property
    def cores_on_each_node(self) -> int:
        return self.tasks_per_node * self.cpus_per_task

    @property
    def cores(self) -> int:
        """Cores in all."""
        return self.node_count * self.cores_on_each_node


class ComputeJobSpec(Value, frozen=True, kw_only=True):
    """What a user wants run."""

    template: Annotated[Template, Meta(description="What runs.")]
    resources: Annotated[Resources, Meta(description="How much machine it needs.")] = Resources()
    requirements: Annotated[Requirements, Meta(description="What the machine has to be.")] = Requirements()
    work: Annotated[
        Work | None,
        Meta(
            description=(
                "How much work one run of it is. With it run times, and so costs, of different machines are "
                "compared; without it the cost is an upper bound, from `maxRunSeconds`."
            )
        ),
    ] = None
    data: Annotated[JobData, Meta(description="What data it reads.")] = JobData()
    max_run_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=31_536_000,
            description=(
                "How long the payload may run, in seconds; it is ended then (`MaxRunSecondsExceeded`). It "
                "bounds the cost, and pools that do not allow so long a run are not considered."
            ),
        ),
    ] = 3600
    placement: Annotated[PlacementSpec, Meta(description="How to choose among the pools.")] = PlacementSpec()
    deadline: Annotated[
        Instant | None,
        Meta(
            description=(
                "When it has to be done. Pools where it would be done later do not come into question "
                "(`DeadlineMissed`). What has no place by then, or has not started at its centre, fails "
                "(`DeadlinePassed`); what runs goes on."
            )
        ),
    ] = None
    cancel: Annotated[
        bool,
        Meta(
            description=(
                "True ends the job at the member and keeps its receipt and cost; there is no way back. "
                "Deleting the job ends it too, and forgets them."
            )
        ),
    ] = False
    suspend: Annotated[
        bool,
        Meta(
            description=(
                "True keeps the job from being placed, and ends what runs of it; what had already succeeded "
                "stays so. False again starts what is left in a new attempt, from its beginning."
            )
        ),
    ] = False
    priority: Priority = 0
    depends_on: Annotated[
        tuple[Dependency, ...],
        Meta(
            max_length=32,
            extra_json_schema=keyed_by("name"),
            description=(
                "Jobs of the same namespace that have to come first: it is not placed before each has ended "
                "as asked. One that is not there is waited for, also one that has ended and was deleted."
            ),
        ),
    ] = ()
    array: Annotated[ArraySpec | None, Meta(description="Run it many times, as one object.")] = None
    retry: Annotated[Retry, Meta(description="What happens to payloads that failed.")] = Retry()
    failover: Annotated[Failover, Meta(description="What happens when a member is lost.")] = Failover()
    managed_by: Annotated[
        Annotated[str, Meta(min_length=1, max_length=63, pattern=_CONTROLLER)] | None,
        Meta(
            description=(
                "Which controller the job is for, as in batch/v1, a domain-prefixed path. The hub leaves "
                "alone, entirely, what is for any but `computility.io/hub`. Unset: for the hub."
            )
        ),
    ] = None
    ttl_seconds_after_finished: Annotated[
        Annotated[int, Meta(ge=0, le=31_536_000)] | None,
        Meta(
            description=(
                "How long after the hub has booked its end the job is deleted, in seconds, with its receipt "
                "and its cost, and once nothing of it is left at a member. Unset keeps it. It can be changed "
                "until then."
            )
        ),
    ] = None

    @property
    def indices(self) -> IndexSet:
        """What is to run: the array's indices; a job without an array has the one index 0."""
        return IndexSet.first(self.array.size if self.array else 1)
