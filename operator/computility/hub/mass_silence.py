"""Most members silent at once: more likely the way to them is broken, or we are, than all of them."""

import logging

from computility.hub.heartbeats import Heartbeats
from computility.hub.store import Store
from computility.lifecycle.member_view import Pulse

FEWEST = 3
"""Of fewer members half is no crowd: each is judged by itself."""

_log = logging.getLogger(__name__)


class MassSilence:
    """Puts off, by one lease and once, that members are declared silent which fell silent together.

    It begins when at least half of those that this hub hears of are late while one is overdue, and ends
    when fewer are. Those that are still silent after that lease are declared so, each after a live look.
    """

    def __init__(self, store: Store, heartbeats: Heartbeats) -> None:
        self._store = store
        self._heartbeats = heartbeats
        self._crowd: frozenset[str] = frozenset()

    @property
    def is_under_way(self) -> bool:
        return bool(self._crowd)

    def look(self) -> None:
        """Begin or end it, by what is known now."""
        if self._crowd:
            self._end_if_heard()
        elif any(self._heartbeats.is_overdue(name, s) for name, s in self._leases().items()):
            self._begin_if_most()

    def _begin_if_most(self) -> None:
        crowd = frozenset(n for n in self._leases() if self._heartbeats.pulse(n) is Pulse.RENEWED)
        late = self._count_late(crowd)
        if len(crowd) < FEWEST or 2 * late < len(crowd):
            return
        self._crowd = crowd
        self._heartbeats.excuse_all()
        _log.warning(
            "%d of %d members stopped renewing at once: none is declared silent for another lease; "
            "look at the network between them and this hub",
            late,
            len(crowd),
        )

    def _end_if_heard(self) -> None:
        crowd = self._crowd & self._leases().keys()
        late = self._count_late(crowd)
        if 2 * late < len(crowd) or not crowd:
            self._crowd = frozenset()
            _log.warning("most members renew again; %d of %d do not", late, len(crowd))

    def _count_late(self, members: frozenset[str]) -> int:
        leases = self._leases()
        return sum(self._heartbeats.is_late(member, leases[member]) for member in members)

    def _leases(self) -> dict[str, int]:
        """Return how long each member may go without renewing, in seconds."""
        return {key.name: m.spec.lease.seconds for key, m in self._store.members.objects.items()}
