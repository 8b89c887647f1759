"""What kinds of waiting jobs are looked at again for: a window that begins, or a shorter queue."""

from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from computility.placement.facts import PoolKey
from computility.placement.prospects import Prospect
from computility.placement.rehearsal import Kind

MOST_ASKED = 32
"""So many requests are evaluated in one round, those first that have waited longest for one."""


class _Known(NamedTuple):
    """A kind's prospect, and what it asks for, deadline apart, if some pool suits it but for that."""

    prospect: Prospect
    request: bytes


class Foreseen:
    """The prospects of each kind of waiting jobs, as the last decision on one of it had them.

    Deadlines differ from job to job, and what a request takes at the pools does not depend on them: so those
    that some pool suits but for their deadlines are kept by what they ask for otherwise.
    """

    def __init__(self) -> None:
        self._known: dict[Kind, _Known] = {}
        self._late: dict[bytes, dict[Kind, Prospect]] = {}
        self._late_at: set[PoolKey] = set()
        self._to_ask = 0

    def note(self, kind: Kind, prospect: Prospect | None) -> None:
        """Take in what was foreseen of a kind; None: nothing."""
        known = self._known.get(kind)
        if known is not None and prospect is not None and known.prospect.found is prospect.found:
            return  # of the same answer, as most of a kind that are called together
        self.discard(kind)
        if prospect is None:
            return
        late_at = prospect.found.late_at
        request = prospect.without_deadline().key if late_at else b""
        self._known[kind] = _Known(prospect, request)
        if late_at:
            self._late.setdefault(request, {})[kind] = prospect
            self._late_at |= late_at

    def discard(self, kind: Kind) -> None:
        """Forget a kind of which no job waits."""
        known = self._known.pop(kind, None)
        if known is None or known.request not in self._late:
            return
        del self._late[known.request][kind]
        if not self._late[known.request]:
            del self._late[known.request]
        if not self._late:
            self._late_at.clear()

    def hear_of_queues(self) -> None:
        """Take in that a queue may be shorter: each of the requests is to be asked about once."""
        self._to_ask = len(self._late)

    def is_late_at(self, pool: PoolKey) -> bool:
        """Say whether a shorter queue at a pool may help some kind."""
        return pool in self._late_at

    def opened(self, now: datetime) -> Set[Kind]:
        """Return the kinds for which a window has begun."""
        return {kind for kind, at in self._openings() if at <= now}

    def next_opening(self, now: datetime) -> datetime | None:
        """Return when the next window begins for some kind."""
        return min((at for _, at in self._openings() if at > now), default=None)

    @property
    def has_more_to_ask(self) -> bool:
        """Whether some request has not had its round since a queue may have become shorter."""
        return self._to_ask > 0

    def take_late(self) -> list[Mapping[Kind, Prospect]]:
        """Return, for the next of these requests, its kinds; they are the last from now on."""
        taken = list(islice(self._late.items(), min(MOST_ASKED, self._to_ask)))
        for request, kinds in taken:
            del self._late[request]
            self._late[request] = kinds
        # One that was noted meanwhile has been asked about, and comes after those that have not.
        self._to_ask = min(self._to_ask, len(self._late)) - len(taken)
        return [kinds for _, kinds in taken]

    def _openings(self) -> Iterator[tuple[Kind, datetime]]:
        for kind, known in self._known.items():
            if known.prospect.found.opens_at is not None:
                yield kind, known.prospect.found.opens_at
