"""MemberCluster: a centre that joined the network."""

import enum
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from computility.model.base import Generation, MemberName, Value, keyed_by
from computility.model.cpid import Aliases, Cpid, KnownCpid, PoolIdentity
from computility.model.meta import Column, Conditions, Kind, ObjectMeta
from computility.model.region import Region
from computility.model.rules import Rule, unchanged

MOST_POOLS = 512
"""How many pools of a member are shown in its status."""


class BackendType(enum.Enum):
    """Which kind of scheduler runs the member's workloads."""

    SLURM = "slurm"
    SIMULATED = "simulated"


class Location(Value, frozen=True, kw_only=True):
    """Where the centre stands."""

    region: Annotated[
        Region,
        Meta(
            description=(
                "ISO 3166-2 code of the province or region, such as `CN-GS`: jobs select by it, and "
                "DataLinks tell the ways between regions."
            ),
        ),
    ]


class LeaseTerms(Value, frozen=True, kw_only=True):
    """How long silence is tolerated."""

    seconds: Annotated[
        int,
        Meta(
            ge=10,
            le=86_400,
            description=(
                "How long the member may go without renewing its lease before it counts as silent, in "
                "seconds. No new work goes to a silent member; what runs there goes on, and is reported when "
                "it returns. Shorter reacts sooner, but also to short network cuts; keep it above three "
                "heartbeats of the agent. A change applies from the next renewal."
            ),
        ),
    ] = 600


class MemberClusterSpec(Value, frozen=True, kw_only=True):
    """What the platform team decides about a member."""

    backend: Annotated[BackendType, Meta(description="Kind of scheduler at the centre.")]
    location: Annotated[Location, Meta(description="Where the centre stands.")]
    accepted: Annotated[
        bool,
        Meta(
            description=(
                "The second opt-in, after the centre's own: only then may its agent read Assignments and "
                "offer pools, and only then is work placed there."
            )
        ),
    ] = False
    lease: Annotated[LeaseTerms, Meta(description="How long silence is tolerated.")] = LeaseTerms()
    cordon: Annotated[
        bool,
        Meta(
            description=(
                "True takes no new work (`Cordoned` in receipts); what was placed there stays and runs. "
                "For work on the centre that may need its queue empty in the end."
            )
        ),
    ] = False
    drain: Annotated[
        bool,
        Meta(
            description=(
                "True cordons, and withdraws the attempts that have not started, to be placed elsewhere; "
                "those that run come to their end. Condition `Drained` says when nothing is left."
            )
        ),
    ] = False
    cpid: Annotated[
        Cpid | None,
        Meta(
            description=(
                "The cpid that it had before a rename or a restore; unset has the hub mint one. It is fixed "
                "once `status.cpid` shows it. One that another holds is refused (`CpidConflict`)."
            )
        ),
    ] = None
    aliases: Annotated[
        Aliases, Meta(description="Official codes of others for it; unique in the network, as its cpid is.")
    ] = ()


class AgentInfo(Value, frozen=True, kw_only=True):
    """What the member's agent says of itself."""

    version: Annotated[str, Meta(max_length=64, description="Version of the agent.")] = ""
    holder: Annotated[
        str, Meta(max_length=64, description="Identity of the journal that holds the member's Lease.")
    ] = ""


class MemberClusterStatus(Value, frozen=True, kw_only=True):
    """What the hub sees of the member."""

    observed_generation: Annotated[
        Generation, Meta(description="Spec generation the hub last acted on.")
    ] = -1
    namespace: Annotated[
        str, Meta(max_length=63, description="The member's namespace on the hub, where its agent may look.")
    ] = ""
    agent: Annotated[AgentInfo, Meta(description="The member's agent.")] = AgentInfo()
    cpid: Annotated[
        KnownCpid, Meta(description="Its cpid, claimed or minted; empty while another holds what it claims.")
    ] = ""
    aliases: Annotated[Aliases, Meta(description="Those of its aliases that it holds.")] = ()
    pools: Annotated[
        tuple[PoolIdentity, ...],
        Meta(max_length=MOST_POOLS, extra_json_schema=keyed_by("name"), description="Its pools' names."),
    ] = ()
    conditions: Annotated[
        Conditions,
        Meta(description="Accepted, Ready, Cordoned, Drained, Leaving, Reconciling and Stalled."),
    ] = ()


class MemberCluster(Value, frozen=True, kw_only=True):
    """A centre that joined, or may join, the network."""

    KIND: ClassVar = Kind(
        kind="MemberCluster",
        plural="memberclusters",
        short_name="member",
        namespaced=False,
        description="A centre that joined, or may join, the network.",
        columns=(
            Column("Backend", "string", ".spec.backend"),
            Column("Region", "string", ".spec.location.region"),
            Column("Accepted", "boolean", ".spec.accepted"),
            Column("Ready", "string", '.status.conditions[?(@.type=="Ready")].status'),
            Column("Reason", "string", '.status.conditions[?(@.type=="Ready")].reason'),
            Column("Cordon", "boolean", ".spec.cordon", wide=True),
            Column("Drain", "boolean", ".spec.drain", wide=True),
            Column("Agent", "string", ".status.agent.version", wide=True),
            Column("CPID", "string", ".status.cpid", wide=True),
        ),
        name_type=MemberName,
        rules=(
            Rule(
                unchanged("backend", of="spec."),
                "spec.backend cannot change: make a new MemberCluster",
                ".spec.backend",
            ),
            Rule(
                "!has(oldSelf.status) || !has(oldSelf.status.cpid) || oldSelf.status.cpid == ''"
                f" || ({unchanged('cpid', of='spec.')})",
                "spec.cpid cannot change once status.cpid is set: a member keeps the one it has",
                ".spec.cpid",
            ),
        ),
    )

    metadata: ObjectMeta = ObjectMeta()
    spec: MemberClusterSpec = msgspec.field()
    status: MemberClusterStatus = MemberClusterStatus()
