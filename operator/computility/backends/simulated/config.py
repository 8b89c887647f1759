"""What a simulated centre is: its nodes, partitions, other users, faults and habits.

Times are seconds since the centre's epoch, in its own virtual time; durations are virtual seconds.
"""

from typing import Annotated

from msgspec import Meta

from computility.backends.simulated.faults_config import Faults, Range, Window
from computility.model.base import Value, Word

NodeCount = Annotated[int, Meta(ge=1, le=10_000)]
Cores = Annotated[int, Meta(ge=1, le=4096)]
Positive = Annotated[float, Meta(gt=0)]


class NodeGroup(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nodes that are all alike; one or several partitions stand over them."""

    name: Annotated[Word, Meta(description="Partitions name the group by it.")]
    nodes: Annotated[NodeCount, Meta(description="How many nodes.")]
    cores: Annotated[Cores, Meta(description="Cores of one node.")]
    memory_mib: Annotated[int, Meta(ge=1, description="Memory of one node, in MiB.")]
    cards: Annotated[int, Meta(ge=0, le=1024, description="Cards of one node.")] = 0
    card_model: Annotated[Word | None, Meta(description="Model of the cards.")] = None


class Partition(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A queue over a group of nodes."""

    name: Annotated[Word, Meta(description="The centre's own name of it.")]
    group: Annotated[str, Meta(description="Its nodes; empty means the group of the same name.")] = ""
    priority: Annotated[
        int, Meta(description="Work of a higher one goes before all work of a lower one on the same nodes.")
    ] = 0
    max_nodes: Annotated[
        NodeCount | None, Meta(description="Most nodes of one task; unset means all of the group.")
    ] = None
    max_run_seconds: Annotated[Positive, Meta(description="Longest limit that is taken, in seconds.")] = (
        90_000
    )
    max_queued: Annotated[
        int,
        Meta(ge=1, description="Most tasks of the network that wait or run here; beyond it comes a delay."),
    ] = 100_000

    @property
    def group_name(self) -> str:
        return self.group or self.name


class Spread(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A log-normal distribution, said by two of its quantiles."""

    median: Annotated[Positive, Meta(description="Half of the values lie below.")]
    p99: Annotated[Positive, Meta(description="99 of 100 values lie below.")]


class Background(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stream of jobs of the centre's own users; fitted figures of known machines are in `profiles`."""

    partition: Annotated[Word, Meta(description="Where they are submitted.")]
    gap_seconds: Annotated[Positive, Meta(description="Mean time between two submissions (exponential).")]
    nodes: Annotated[Spread, Meta(description="Nodes of one job; at least 1, at most the partition's.")]
    run_seconds: Annotated[Spread, Meta(description="How long one really runs; at most its limit.")]
    requested_factor: Annotated[
        Spread,
        Meta(description="Its limit over its run time, at least 1: users ask for more than they need."),
    ]
    cores_per_node: Annotated[
        Cores | None, Meta(description="Cores that one takes of each node; unset means whole nodes.")
    ] = None
    cards_per_node: Annotated[
        int, Meta(ge=0, description="Cards that one takes of each node; whole nodes have all theirs.")
    ] = 0


class DrawnRuns(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How payloads of the network behave that do not say it themselves."""

    limit_share: Annotated[Spread, Meta(description="Run time over the limit; above 1 hits the limit.")] = (
        Spread(median=0.3, p99=1.2)
    )
    failing_share: Annotated[
        float, Meta(ge=0, le=1, description="Part of them that ends with exit code 1.")
    ] = 0.02


class Maintenance(Window, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window in which nothing may run: what would overlap it by its limit does not start before."""

    groups: Annotated[tuple[Word, ...], Meta(description="Whose nodes; empty means all.")] = ()


class Drain(Window, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window in which nodes take no new work; what runs there goes on."""

    group: Annotated[Word, Meta(description="Whose nodes.")]
    nodes: Annotated[NodeCount | None, Meta(description="How many, from the first; unset means all.")] = None


class CentreConfig(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A simulated centre. The same configuration and commands give the same history, to the last bit."""

    groups: Annotated[tuple[NodeGroup, ...], Meta(min_length=1, description="Its nodes.")]
    partitions: Annotated[tuple[Partition, ...], Meta(min_length=1, description="Its queues.")]
    seed: Annotated[
        int | None,
        Meta(description="Where all its randomness comes from; unset is 1, and in a fleet the member's own."),
    ] = None
    background: Annotated[tuple[Background, ...], Meta(description="What its own users submit.")] = ()
    warm_up_seconds: Annotated[
        float, Meta(ge=0, description="How long before the epoch its own users began to submit.")
    ] = 0
    runs: Annotated[DrawnRuns, Meta(description="Payloads whose run is not given.")] = DrawnRuns()
    faults: Annotated[Faults, Meta(description="What breaks by chance.")] = Faults()
    maintenance: Annotated[tuple[Maintenance, ...], Meta(description="Planned ones.")] = ()
    drains: Annotated[tuple[Drain, ...], Meta(description="Planned ones.")] = ()
    stale_seconds: Annotated[Range, Meta(description="How old figures of capacity are when read.")] = Range(
        least=2, most=6
    )
    min_job_age_seconds: Annotated[
        float, Meta(ge=0, description="How long the controller shows a workload after its end.")
    ] = 300
    backfill_depth: Annotated[
        int, Meta(ge=0, description="How many waiting jobs behind the first are tried in one pass.")
    ] = 500
