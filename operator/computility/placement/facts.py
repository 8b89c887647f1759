"""One pool, with all that the hub knows of it."""

from computility.model.base import Value
from computility.model.reasons import Reason
from computility.model.resource_pool import ResourcePoolSpec, ResourcePoolStatus

PoolKey = tuple[str, str]
"""A member and one of its pools."""


class PoolFacts(Value, frozen=True, kw_only=True):
    """One pool with what the hub knows of its member.

    `closed` says why no new work goes there, where somebody decided so. How many of the network's attempts
    are there is no fact of the pool: a snapshot counts them at each decision.
    """

    member: str
    member_uid: str
    pool: str
    spec: ResourcePoolSpec
    status: ResourcePoolStatus = ResourcePoolStatus()
    region: str = ""
    labels: dict[str, str] = {}  # noqa: RUF012 - msgspec copies an empty literal
    lease_seconds: int = 600
    accepted: bool = True
    closed: Reason | None = None
    silent: bool = False

    @property
    def key(self) -> PoolKey:
        return self.member, self.pool
