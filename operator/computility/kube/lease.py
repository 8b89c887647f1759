"""A Lease as a lock: one holder at a time, and whoever waits trusts its own clock only."""

import math
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from computility.kube.builtin import Lease, LeaseSpec, render_micro_time
from computility.kube.client import Client
from computility.kube.errors import Conflict, NotFound
from computility.model.meta import ObjectMeta

_TRIES = 4


class LeaseLost(Exception):
    """Another holder has the Lease; whatever it protects must stop now."""


class LeaseLock:
    """Acquires, renews and releases one Lease, always by compare-and-swap on its resourceVersion.

    The same identity resumes at once, also after a restart. Another waits until it has itself watched
    the Lease go without renewal for its whole duration: clocks of two machines are never compared.

    Attributes:
        duration_seconds: What the next write promises; may be changed between writes.
        expires_at: Until when we hold it, in seconds of `monotonic`, counted from *before* the last
            successful write was sent; minus infinity while we do not.

    Args:
        client: Where the Lease is.
        namespace: Its namespace.
        name: Its name.
        identity: Who we are: the same after a restart, different for everybody else.
        duration_seconds: How long the Lease outlives its last renewal.
        monotonic: Our clock, in seconds.
    """

    def __init__(
        self,
        client: Client,
        namespace: str,
        name: str,
        *,
        identity: str,
        duration_seconds: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.duration_seconds = duration_seconds
        self.expires_at = -math.inf
        self._client = client
        self._namespace = namespace
        self._name = name
        self._identity = identity
        self._monotonic = monotonic
        self._lease: Lease | None = None
        self._has_written = False
        self._rival: LeaseSpec | None = None
        self._rival_since = -math.inf

    @property
    def wait_seconds(self) -> float:
        """How long until the holder that we last saw runs out if it does not renew; 0 without one."""
        if self._rival is None:
            return 0.0
        return max(0.0, self._rival_since + self._duration_of(self._rival) - self._monotonic())

    async def acquire(self, now: datetime, annotations: Mapping[str, str] | None = None) -> Lease | None:
        """Try once to become the holder.

        Args:
            now: The time that is written; nobody decides by it.
            annotations: Written to the Lease along with it.

        Returns:
            The Lease as stored, with what others wrote on it; None while another holds it.

        Raises:
            ApiError: As its class says; Conflict when several others write at the same time.
        """
        return await self._hold(await self._find(), now, annotations or {})

    async def renew(self, now: datetime, annotations: Mapping[str, str] | None = None) -> Lease:
        """Renew the Lease that `acquire` gave us and return it as stored, with what others wrote on it.

        Raises:
            LeaseLost: Another holds it.
            ApiError: It could not be written; we hold it until `expires_at` all the same.
        """
        renewed = await self._hold(self._lease, now, annotations or {})
        if renewed is None:
            raise LeaseLost(f'"{self._identity}" lost the Lease "{self._namespace}/{self._name}"')
        return renewed

    async def release(self, now: datetime) -> None:
        """Let go, so that others need not wait; does nothing when we are not the holder.

        Raises:
            ApiError: It could not be read or written; to try again is safe.
        """
        self.expires_at = -math.inf
        if not self._has_written:
            return
        # Looked at anew if the answer to a write was never heard: the write may have made us the holder.
        lease, self._lease = self._lease or await self._find(), None
        for _ in range(_TRIES):
            if lease is None or lease.spec.holder_identity != self._identity:
                return
            try:
                await self._patch(lease, {"holderIdentity": None, "renewTime": render_micro_time(now)}, {})
            except (Conflict, NotFound):
                lease = await self._find()
            else:
                return

    async def _hold(self, lease: Lease | None, now: datetime, annotations: Mapping[str, str]) -> Lease | None:
        """Take or renew what is known of the Lease, and look again when that is no longer true."""
        for tries_left in reversed(range(_TRIES)):
            if lease is not None and not self._may_take(lease.spec):
                self._lease, self.expires_at = None, -math.inf
                return None
            try:
                return await self._write(lease, now, annotations)
            except (Conflict, NotFound):
                if not tries_left:
                    raise
                lease = await self._find()
        raise AssertionError("unreachable: the last try returns or raises")

    def _may_take(self, spec: LeaseSpec) -> bool:
        if not spec.holder_identity or spec.holder_identity == self._identity:
            self._rival = None
            return True
        # Only a change of the spec is a renewal: the hub's annotations change the Lease as well.
        if spec != self._rival:
            self._rival, self._rival_since = spec, self._monotonic()
            return False
        return self.wait_seconds == 0

    def _duration_of(self, spec: LeaseSpec) -> float:
        return spec.lease_duration_seconds or self.duration_seconds

    async def _write(self, lease: Lease | None, now: datetime, annotations: Mapping[str, str]) -> Lease:
        sent_at, duration = self._monotonic(), self.duration_seconds
        self._has_written = True
        if lease is None:
            written = await self._create(now, annotations)
        else:
            written = await self._patch(lease, self._renewal(lease.spec, now), annotations)
        self._lease, self._rival = written, None
        self.expires_at = sent_at + duration
        return written

    async def _create(self, now: datetime, annotations: Mapping[str, str]) -> Lease:
        # Applied, not posted: a right to create one named Lease does not cover POST. Without force and
        # under a manager of our own, of two that create it at once the second gets a Conflict.
        at = render_micro_time(now)
        lease = Lease(
            metadata=ObjectMeta(namespace=self._namespace, name=self._name, annotations=dict(annotations)),
            spec=LeaseSpec(
                holder_identity=self._identity,
                lease_duration_seconds=self.duration_seconds,
                acquire_time=at,
                renew_time=at,
                lease_transitions=0,
            ),
        )
        return await self._client.apply(lease, force=False, manager=f"lease-{self._identity}"[:128])

    def _renewal(self, spec: LeaseSpec, now: datetime) -> dict[str, Any]:
        at = render_micro_time(now)
        renewal: dict[str, Any] = {"renewTime": at, "leaseDurationSeconds": self.duration_seconds}
        if spec.holder_identity == self._identity:
            return renewal
        return renewal | {
            "holderIdentity": self._identity,
            "acquireTime": at,
            "leaseTransitions": (spec.lease_transitions or 0) + 1,
        }

    async def _find(self) -> Lease | None:
        return await self._client.find(Lease, self._namespace, self._name)

    async def _patch(self, lease: Lease, spec: dict[str, Any], annotations: Mapping[str, str]) -> Lease:
        patch: dict[str, Any] = {"spec": spec}
        if annotations:
            patch["metadata"] = {"annotations": dict(annotations)}
        version = lease.metadata.resource_version
        return await self._client.patch(Lease, self._namespace, self._name, patch, resource_version=version)
