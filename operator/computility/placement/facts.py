"""One pool, with all that the hub knows of it."""

from functools import cached_property

import msgspec

from computility.model.base import Value
from computility.model.reasons import Reason
from computility.model.resource_pool import ResourcePoolSpec, ResourcePoolStatus
from computility.placement.figures import (
    pack_figures,
    pack_forecast,
    pack_speeds,
    pack_waits,
    pack_windows,
)
from computility.placement.sorts import Machine, Terms

PoolKey = tuple[str, str]
"""A member and one of its pools."""


class PoolFacts(Value, frozen=True, kw_only=True, dict=True):
    """One pool with what the hub knows of its member.

    `closed` says why no new work goes there, where somebody decided so. How many of the network's attempts
    are there is no fact of the pool: a snapshot counts them at each decision. What a table reads of it is
    read once: most pools are the same from one snapshot to the next.
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

    @cached_property
    def key(self) -> PoolKey:
        return self.member, self.pool

    @cached_property
    def figures(self) -> bytes:
        return pack_figures(self.spec, self.status)

    @cached_property
    def speeds(self) -> bytes:
        return pack_speeds(self.spec.benchmark)

    @cached_property
    def waits(self) -> bytes:
        return pack_waits(self.spec.queue_wait)

    @cached_property
    def forecast(self) -> bytes:
        return pack_forecast(self.status.forecast)

    @cached_property
    def windows(self) -> bytes:
        return pack_windows(self.spec.tariff)

    @cached_property
    def terms(self) -> tuple[bytes, Terms]:
        """Its terms, with what tells them from others: bytes, because their hash is reckoned once."""
        terms = Terms(
            region=self.region,
            labels=self.labels,
            namespaces=self.spec.access.namespaces,
            taints=self.spec.taints,
            currency=self.spec.tariff.currency,
            factors=self.spec.tariff.factors,
            accepted=self.accepted,
            closed=self.closed,
            silent=self.silent,
        )
        return msgspec.msgpack.encode(terms), terms

    @cached_property
    def machine(self) -> tuple[bytes, Machine]:
        """Its machines, likewise."""
        machine = Machine(
            architecture=self.spec.architecture,
            card_model=self.spec.card_model,
            precisions=self.spec.precisions,
            toolkits=self.spec.toolkits,
            modules=self.spec.modules,
            mpi=self.spec.mpi,
        )
        return msgspec.msgpack.encode(machine), machine
