"""What placement looks at: the pools as known at one moment, and what a job asks of them."""

from computility.model.base import Value
from computility.model.compute_job import ComputeJob, PlacementSpec, Requirements, Resources
from computility.model.quantity import parse_bytes
from computility.model.reasons import Reason
from computility.model.resource_pool import ResourcePoolSpec, ResourcePoolStatus


class PoolFacts(Value, frozen=True, kw_only=True):
    """One pool with what the hub knows of its member.

    `live_attempts` counts the network's own attempts there, recomputed from what is recorded. `closed` says
    why no new work goes there, where somebody decided so.
    """

    member: str
    member_uid: str
    pool: str
    spec: ResourcePoolSpec
    status: ResourcePoolStatus = ResourcePoolStatus()
    labels: dict[str, str] = {}  # noqa: RUF012 - msgspec copies an empty literal
    lease_seconds: int = 600
    accepted: bool = True
    closed: Reason | None = None
    silent: bool = False
    live_attempts: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.member, self.pool


class Snapshot(Value, frozen=True, kw_only=True):
    """The pools of the network at one moment."""

    pools: tuple[PoolFacts, ...] = ()


class Request(Value, frozen=True, kw_only=True):
    """What one job asks for, in the units that filters compare."""

    namespace: str
    resources: Resources
    requirements: Requirements
    placement: PlacementSpec
    max_run_seconds: int
    count: int = 1
    """How many times it runs: the indices of an array that want a place."""

    @classmethod
    def of(cls, job: ComputeJob, count: int = 1) -> "Request":
        """Read the request out of a job, for so many of its indices."""
        spec = job.spec
        return cls(
            namespace=job.metadata.namespace,
            resources=spec.resources,
            requirements=spec.requirements,
            placement=spec.placement,
            max_run_seconds=spec.max_run_seconds,
            count=count,
        )

    @property
    def memory_bytes(self) -> int:
        """Bytes wanted on each node; 0 where the centre may choose."""
        wanted = self.resources.memory_per_node
        return parse_bytes(wanted) if wanted else 0

    @property
    def cores(self) -> int:
        return self.resources.node_count * self.resources.cores_on_each_node

    @property
    def cards(self) -> int:
        return self.resources.node_count * self.resources.cards_on_each_node
