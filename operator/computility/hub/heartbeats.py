"""How long ago each member's Lease was renewed, by this hub's own clock only."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from computility.kube.builtin import LeaseSpec
from computility.lifecycle.member_view import Pulse


@dataclass
class _Heard:
    """A Lease: `at` is from when its time is counted, `renewed_at` when it was in truth heard of last."""

    spec: LeaseSpec
    at: float
    renewed_at: float
    is_renewed: bool
    is_silent: bool = False


class Heartbeats:
    """Counts from when *we* received a renewal: clocks of two machines are never compared.

    What was there before we began to listen counts as received at that moment, so that nobody is silent
    within one lease of a hub's start.

    Attributes:
        has_list: Whether all Leases were listed once: one that is first seen after that is new.
        version: Goes up when a member's pulse may have changed.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._heard: dict[str, _Heard] = {}
        self.has_list = False
        self.version = 0

    def hear(self, member: str, spec: LeaseSpec, *, is_news: bool) -> bool:
        """Take in a Lease and say whether the member's pulse has changed by it.

        Args:
            member: Whose Lease it is.
            spec: What stands there.
            is_news: Whether it was told as it happened; a list may tell of a renewal long past.
        """
        before, known = self.pulse(member), self._heard.get(member)
        if known is None:
            self._heard[member] = self._begin(spec, is_renewed=is_news or self.has_list)
        elif spec != known.spec:
            # Letting go changes the Lease too, but is no sign of life to come.
            renewed = bool(spec.holder_identity) and spec.renew_time != known.spec.renew_time
            self._heard[member] = self._begin(spec, is_renewed=True) if renewed else replace(known, spec=spec)
        is_changed = self.pulse(member) is not before
        self.version += is_changed
        return is_changed

    def _begin(self, spec: LeaseSpec, *, is_renewed: bool) -> _Heard:
        now = self._monotonic()
        return _Heard(spec, now, now, is_renewed)

    def forget(self, member: str) -> bool:
        """Take in that a Lease is gone, and say whether it was known."""
        self.version += 1
        return self._heard.pop(member, None) is not None

    def pulse(self, member: str) -> Pulse:
        known = self._heard.get(member)
        if known is None:
            return Pulse.NEVER
        if known.is_silent:
            return Pulse.SILENT
        return Pulse.RENEWED if known.is_renewed else Pulse.UNHEARD

    def is_overdue(self, member: str, lease_seconds: int) -> bool:
        """Say whether a member that is not declared silent has not renewed for its whole lease."""
        known = self._heard.get(member)
        return known is not None and not known.is_silent and self._monotonic() - known.at > lease_seconds

    def is_late(self, member: str, lease_seconds: int) -> bool:
        """Say whether a member is silent, or has missed a renewal: agents renew every third of a lease.

        Unlike being overdue this does not begin anew when everybody is excused.
        """
        known = self._heard.get(member)
        if known is None:
            return False
        return known.is_silent or self._monotonic() - known.renewed_at > lease_seconds / 2

    def declare_silent(self, member: str) -> None:
        """Note that a live read of the Lease has shown no renewal either."""
        self._heard[member].is_silent = True
        self.version += 1

    def excuse_all(self) -> None:
        """Begin to count anew: it was us who could not hear."""
        now = self._monotonic()
        for known in self._heard.values():
            known.at = max(known.at, now)
