"""Whether the hub lets this agent work: the member's Lease, and what the hub answers on it."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from computility.agent.log import brief
from computility.kube.backoff import Backoff
from computility.kube.builtin import Lease
from computility.kube.errors import ApiError
from computility.kube.lease import LeaseLock, LeaseLost
from computility.model.base import Value
from computility.model.names import (
    ACCEPTED_ANNOTATION,
    AGENT_VERSION_ANNOTATION,
    DRAIN_ANNOTATION,
    LEASE_SECONDS_ANNOTATION,
    MEMBER_UID_ANNOTATION,
)

_log = logging.getLogger(__name__)


class Terms(Value, frozen=True, kw_only=True):
    """What the hub says on the Lease; `lease_seconds` 0 while it says nothing.

    `drains`: what has not started is to be given back.
    """

    member_uid: str = ""
    accepted: bool = False
    drains: bool = False
    lease_seconds: int = 0


def parse_terms(annotations: Mapping[str, str]) -> Terms:
    """Read the hub's annotations; what is missing or malformed counts as not said."""
    seconds = annotations.get(LEASE_SECONDS_ANNOTATION, "")
    member_uid = annotations.get(MEMBER_UID_ANNOTATION, "")
    return Terms(
        member_uid=member_uid,
        # Without the uid every assignment would look like another member's.
        accepted=bool(member_uid) and annotations.get(ACCEPTED_ANNOTATION) == "true",
        drains=annotations.get(DRAIN_ANNOTATION) == "true",
        lease_seconds=int(seconds) if seconds.isascii() and seconds.isdecimal() else 0,
    )


class Membership:
    """Renews the Lease for ever, and knows what follows from the answers.

    The Lease is not released when the agent stops: the same journal resumes at once, and an agent with
    another one, which knows nothing of what runs here, shall wait the Lease out.

    Attributes:
        is_holder: Whether the Lease was ours at the last answer; a silent hub does not take it away.
        terms: What the hub said last.

    Args:
        lock: The member's Lease.
        heartbeat_seconds: How often it is renewed.
        version: Of the agent, shown on the Lease.
        clock: The time that is written there.
        on_change: Told when `is_holder` or `terms` have changed.
        monotonic: The clock of `lock`, in seconds.
    """

    def __init__(
        self,
        lock: LeaseLock,
        *,
        heartbeat_seconds: float,
        version: str,
        clock: Callable[[], datetime],
        on_change: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.is_holder = False
        self.terms = Terms()
        self._lock = lock
        self._heartbeat_seconds = heartbeat_seconds
        self._annotations = {AGENT_VERSION_ANNOTATION: version}
        self._clock = clock
        self._on_change = on_change
        self._monotonic = monotonic
        self._backoff = Backoff(first_seconds=0.2, cap_seconds=heartbeat_seconds)
        self._admitted = asyncio.Event()

    @property
    def may_start(self) -> bool:
        """Whether anything may be brought nearer to its start: nobody else can have the Lease yet."""
        return self.is_holder and self.terms.accepted and self._monotonic() < self._lock.expires_at

    async def admission(self) -> None:
        """Wait until the hub has accepted the member and the Lease is ours."""
        await self._admitted.wait()

    async def keep(self) -> None:
        """Acquire and renew, for ever."""
        while True:
            seconds = await self.beat()
            await asyncio.sleep(seconds)

    async def beat(self) -> float:
        """Acquire or renew once, and return after how many seconds to do so again."""
        before = self._standing()
        try:
            self._take(await (self._renew() if self.is_holder else self._acquire()))
        except LeaseLost as error:
            _log.error("%s: nothing is done until it is ours again", error)
            self.is_holder = False
        except ApiError as error:
            _log.warning("cannot renew the Lease, trying again: %s", brief(error))
            return self._backoff.next_seconds()
        self._backoff.reset()
        self._tell(before)
        return self._seconds_to_next()

    def _seconds_to_next(self) -> float:
        # A third of the lease, whatever the configuration says: two renewals may be lost.
        lease_seconds = self.terms.lease_seconds
        return min(self._heartbeat_seconds, lease_seconds / 3) if lease_seconds else self._heartbeat_seconds

    def _take(self, lease: Lease | None) -> None:
        if lease is not None:
            self.is_holder, self.terms = True, parse_terms(lease.metadata.annotations)
        if self.terms.lease_seconds:
            self._lock.duration_seconds = self.terms.lease_seconds

    def _standing(self) -> tuple[bool, bool, Terms]:
        return self.is_holder, self.may_start, self.terms

    def _tell(self, before: tuple[bool, bool, Terms]) -> None:
        if before == self._standing():
            return
        holder = "ours" if self.is_holder else "another's"
        accepted = "accepted" if self.terms.accepted else "not accepted"
        _log.info("the Lease is %s, the member %s", holder, accepted)
        if self.may_start:
            self._admitted.set()
        self._on_change()

    async def _renew(self) -> Lease | None:
        return await self._lock.renew(self._clock(), self._annotations)

    async def _acquire(self) -> Lease | None:
        lease = await self._lock.acquire(self._clock(), self._annotations)
        if lease is None:
            _log.warning(
                "another agent holds the Lease: waiting, for %.0f s if it is silent", self._lock.wait_seconds
            )
        return lease
