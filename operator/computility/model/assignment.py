"""Assignment: one attempt at a job (or, later, one movement of data), given to one member."""

import enum
from datetime import datetime
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from computility.model.base import (
    AssignmentName,
    DnsLabel,
    Message,
    ModuleAlias,
    ObjectName,
    Quantity,
    Reason,
    Seconds,
    Tail,
    Uid,
    Value,
    Word,
)
from computility.model.compute_job import Command, EnvVar, File, Launcher, Script
from computility.model.index_set import MAX_ARRAY_SIZE, IndexSet, IndexText
from computility.model.meta import Column, Kind, ObjectMeta
from computility.model.outcome import Counts, Fault, IndexOutcome, Outcomes, Started, State
from computility.model.rules import Rule

__all__ = [
    "Assignment",
    "AssignmentSpec",
    "AssignmentStatus",
    "AttemptLease",
    "Counts",
    "Desired",
    "Fault",
    "IndexOutcome",
    "JobWork",
    "MovementWork",
    "Outcomes",
    "Started",
    "State",
    "WorkResources",
    "Workload",
]


class Desired(enum.Enum):
    """What the hub wants of the attempt; goes from Run to Cancel only."""

    RUN = "Run"
    CANCEL = "Cancel"


class AttemptLease(Value, frozen=True, kw_only=True):
    """The member's lease terms when the attempt was made."""

    seconds: Annotated[
        int,
        Meta(
            ge=10,
            le=86_400,
            description=(
                "How long the agent leaves the attempt alone when the Assignment is missing, in seconds."
            ),
        ),
    ]


class WorkResources(Value, frozen=True, kw_only=True):
    """What the attempt asks the scheduler for."""

    nodes: Annotated[int, Meta(ge=1, le=1_000_000, description="Nodes.")]
    tasks_per_node: Annotated[int, Meta(ge=1, le=4096, description="Tasks on each node.")]
    cpus_per_task: Annotated[int, Meta(ge=1, le=4096, description="Cores of each task.")]
    cards_per_node: Annotated[int, Meta(ge=0, le=1024, description="Cards on each node.")] = 0
    memory_per_node: Annotated[
        Quantity | None, Meta(description="Memory on each node; unset leaves it to the centre.")
    ] = None
    scratch: Annotated[
        Quantity | None,
        Meta(description="Room that its files need; it is not submitted while there is less."),
    ] = None

    @property
    def cores(self) -> int:
        return self.nodes * self.tasks_per_node * self.cpus_per_task

    @property
    def cards(self) -> int:
        return self.nodes * self.cards_per_node


class JobWork(Value, frozen=True, kw_only=True):
    """One attempt at a ComputeJob, rendered: a pure function of the job's spec and the attempt's entry."""

    namespace: Annotated[DnsLabel, Meta(description="The tenant namespace of the job.")]
    name: Annotated[ObjectName, Meta(description="The job's name, for people.")]
    uid: Annotated[Uid, Meta(description="The job's uid.")]
    pool: Annotated[ObjectName, Meta(description="The ResourcePool to run on.")]
    launcher: Annotated[Launcher, Meta(description="How the command is started on the allocated nodes.")]
    resources: Annotated[WorkResources, Meta(description="What to ask the scheduler for.")]
    max_run_seconds: Annotated[
        int, Meta(ge=1, le=31_536_000, description="When the payload is ended, in seconds.")
    ]
    grace_seconds: Annotated[
        int, Meta(ge=0, le=3600, description="How long before that it gets SIGTERM, in seconds.")
    ]
    start_by: Annotated[
        datetime | None,
        Meta(description="The job's `deadline`: what has not started by then is given up; what has runs on."),
    ] = None
    indices: Annotated[
        IndexText, Meta(description="The indices of the array that are attempted here; empty without one.")
    ] = ""
    array_size: Annotated[
        int, Meta(ge=0, le=MAX_ARRAY_SIZE, description="Size of the whole array; 0 without one.")
    ] = 0
    max_concurrent: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_ARRAY_SIZE)] | None,
        Meta(description="Most of them that run at the same time here; unset leaves it to the centre."),
    ] = None
    command: Annotated[Command, Meta(description="The command and its arguments; this or `script`.")] = ()
    script: Annotated[Script | None, Meta(description="A script with a shebang; this or `command`.")] = None
    mpi: Annotated[
        Word | None, Meta(description="Which MPI the launcher `mpi` starts; unset: the pool's first.")
    ] = None
    modules: Annotated[
        tuple[ModuleAlias, ...], Meta(max_length=32, description="Aliases of modules to load, in this order.")
    ] = ()
    files: Annotated[tuple[File, ...], Meta(max_length=64, description="Small files put beside it.")] = ()
    env: Annotated[tuple[EnvVar, ...], Meta(max_length=256, description="Environment variables.")] = ()

    @property
    def index_set(self) -> IndexSet:
        """What is attempted: without an array, the one index 0."""
        return IndexSet.parse(self.indices) if self.array_size else IndexSet.first(1)


class MovementWork(Value, frozen=True, kw_only=True):
    """One movement of data. Reserved: an agent without movements answers Failed, Unsupported."""

    source: Annotated[ObjectName, Meta(description="StorageLocation to copy from.")]
    destination: Annotated[ObjectName, Meta(description="StorageLocation to copy to.")]


class AssignmentSpec(Value, frozen=True, kw_only=True):
    """What the hub gives to the member."""

    member_uid: Annotated[
        Uid, Meta(description="Uid of the MemberCluster meant; an agent of another one refuses.")
    ] = msgspec.field(name="memberUID")
    ordinal: Annotated[int, Meta(ge=1, le=999_999_999, description="The attempt's number within its job.")]
    lease: Annotated[AttemptLease, Meta(description="The member's lease terms.")]
    desired: Annotated[
        Desired,
        Meta(
            description="`Cancel` ends the attempt, or keeps a late one from starting; there is no way back."
        ),
    ] = Desired.RUN
    job: Annotated[
        JobWork | None, Meta(description="One attempt at a job; exactly one of `job` and `movement`.")
    ] = None
    movement: Annotated[MovementWork | None, Meta(description="One movement of data.")] = None


class Workload(Value, frozen=True, kw_only=True):
    """What the backend runs for the attempt."""

    native_id: Annotated[
        str,
        Meta(
            max_length=64, description="The scheduler's own id, a handle and no identity: it may be reused."
        ),
    ] = msgspec.field(name="nativeID")
    chunk: Annotated[
        int, Meta(ge=0, le=63, description="Which part of an array it is: a scheduler takes so many at once.")
    ] = 0
    cluster: Annotated[str, Meta(max_length=64, description="The scheduler's name of its cluster.")] = ""
    submitted_at: Annotated[datetime | None, Meta(description="When the scheduler took it.")] = None


class AssignmentStatus(Value, frozen=True, kw_only=True):
    """What the agent reports; it alone writes it, and it only goes up."""

    state: Annotated[State, Meta(description="How far the attempt has come.")] = State.PENDING
    reason: Annotated[Reason, Meta(description="Why it ended, or what is unusual.")] = ""
    message: Annotated[Message, Meta(description="The same for a person.")] = ""
    fault: Annotated[Fault | None, Meta(description="Whose doing a bad end is.")] = None
    started: Annotated[Started, Meta(description="Whether the payload was ever started.")] = Started.UNKNOWN
    workloads: Annotated[
        tuple[Workload, ...], Meta(max_length=64, description="The backend's workloads.")
    ] = ()
    exit_code: Annotated[
        Annotated[int, Meta(ge=0, le=255)] | None, Meta(description="Exit code of the payload.")
    ] = None
    signal: Annotated[
        Annotated[int, Meta(ge=1, le=64)] | None, Meta(description="Signal that ended the payload.")
    ] = None
    started_at: Annotated[datetime | None, Meta(description="When the payload started.")] = None
    ended_at: Annotated[datetime | None, Meta(description="When it ended.")] = None
    run_seconds: Annotated[Seconds | None, Meta(description="How long it ran, in seconds.")] = None
    core_seconds: Annotated[Seconds | None, Meta(description="Cores allocated times seconds run.")] = None
    card_seconds: Annotated[Seconds | None, Meta(description="Cards allocated times seconds run.")] = None
    counts: Annotated[
        Counts | None, Meta(description="Of an array: how many of its indices stand where.")
    ] = None
    outcomes: Outcomes = ()
    reported_at: Annotated[
        datetime | None, Meta(description="Of an array: when the agent last told how far it is.")
    ] = None
    stdout_tail: Annotated[
        Tail,
        Meta(description="The end of its standard output; of an array, that of the first index that failed."),
    ] = ""
    stderr_tail: Annotated[Tail, Meta(description="The end of its standard error, likewise.")] = ""
    agent_holder: Annotated[str, Meta(max_length=64, description="Journal of the agent that reported.")] = ""
    sequence: Annotated[
        int, Meta(ge=0, le=2**53, description="Number of this report; a lower one is older.")
    ] = 0


class Assignment(Value, frozen=True, kw_only=True):
    """One attempt at a job, or one movement of data, given to one member."""

    KIND: ClassVar = Kind(
        kind="Assignment",
        plural="assignments",
        short_name="asg",
        namespaced=True,
        description=(
            "One attempt at a job (or one movement of data) given to one member, with what its agent reports."
        ),
        columns=(
            Column("Job", "string", ".spec.job.name"),
            Column("Tenant", "string", ".spec.job.namespace"),
            Column("Pool", "string", ".spec.job.pool"),
            Column("Desired", "string", ".spec.desired"),
            Column("State", "string", ".status.state"),
            Column("Native-ID", "string", ".status.workloads[0].nativeID"),
            Column("Reason", "string", ".status.reason"),
        ),
        name_type=AssignmentName,
        rules=(
            Rule(
                "has(self.job) != has(self.movement)",
                "spec needs exactly one of job and movement",
                at=".spec",
            ),
            Rule(
                "oldSelf != 'Cancel' || self == 'Cancel'",
                "spec.desired goes from Run to Cancel and never back",
                at=".spec.desired",
            ),
            *(
                Rule(
                    "self == oldSelf",
                    f"spec.{field} cannot change: a new attempt is a new Assignment",
                    at=f".spec.{field}",
                )
                for field in ("memberUID", "ordinal", "lease")
            ),
            Rule(
                "has(self.job) == has(oldSelf.job)",
                "spec.job cannot become a movement, nor a movement a job: make a new Assignment",
                at=".spec",
            ),
            Rule(
                "self == oldSelf",
                "spec.job cannot change: a new attempt is a new Assignment",
                at=".spec.job",
            ),
            Rule(
                "self == oldSelf",
                "spec.movement cannot change: a new movement is a new Assignment",
                at=".spec.movement",
            ),
        ),
    )

    metadata: ObjectMeta = ObjectMeta()
    spec: AssignmentSpec = msgspec.field()
    status: AssignmentStatus = AssignmentStatus()
