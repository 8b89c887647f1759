"""How many of the network's attempts each pool has: sets of names, so that nothing is counted twice."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Set
from typing import NamedTuple

from computility.hub.keys import member_of
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob, ComputeJobStatus
from computility.model.names import assignment_name

PoolKey = tuple[str, str]
"""A member and one of its pools."""


class Place(NamedTuple):
    """One attempt, and the pool that it takes a place at."""

    pool: PoolKey
    attempt: str


class Reserved(NamedTuple):
    """The source that names the places of a job's decision until its write is answered."""

    job_uid: str


NONE: frozenset[Place] = frozenset()


class Occupancy:
    """Who says which attempts are live: a job's entries, an Assignment, a decision that is being written.

    The same attempt is named by several sources; it leaves its pool when none names it any more.

    Attributes:
        freed: The pools that have got more room; whoever tells those that wait takes them out.
        live: How many attempts are live at each pool that has any; for reading only.
    """

    def __init__(self) -> None:
        self.freed: set[PoolKey] = set()
        self.live: dict[PoolKey, int] = {}
        self._by_source: dict[Hashable, Set[Place]] = {}
        self._pools: defaultdict[PoolKey, Counter[str]] = defaultdict(Counter)

    def count(self, pool: PoolKey) -> int:
        """Return how many attempts are live at a pool."""
        return self.live.get(pool, 0)

    def at(self, member: str) -> int:
        """Return how many attempts are live at all pools of a member; looks at every pool."""
        return sum(len(attempts) for pool, attempts in self._pools.items() if pool[0] == member)

    def set(self, source: Hashable, places: Set[Place]) -> None:
        """Replace what one source says."""
        old = self._by_source.pop(source, NONE)
        if places:
            self._by_source[source] = places
        for place in places - old:
            self._pools[place.pool][place.attempt] += 1
            self.live[place.pool] = len(self._pools[place.pool])
        for place in old - places:
            self._release(place)

    def has(self, source: Hashable) -> bool:
        return source in self._by_source

    def _release(self, place: Place) -> None:
        attempts = self._pools[place.pool]
        attempts[place.attempt] -= 1
        if attempts[place.attempt]:
            return
        self.freed.add(place.pool)
        del attempts[place.attempt]
        self.live[place.pool] = len(attempts)
        if not attempts:
            del self._pools[place.pool], self.live[place.pool]


def places_of_job(job: ComputeJob, status: ComputeJobStatus | None = None) -> frozenset[Place]:
    """Return the places of a job's live attempts, as its own or another status has them."""
    attempts = (status or job.status).attempts
    return frozenset(
        Place((a.member, a.pool), assignment_name(job.metadata.uid, a.ordinal))
        for a in attempts
        if not a.state.is_terminal
    )


def places_of_assignment(assignment: Assignment) -> frozenset[Place]:
    """Return the place of an Assignment that has not ended, as a set."""
    work, meta = assignment.spec.job, assignment.metadata
    if work is None or assignment.status.state.is_terminal:
        return NONE
    return frozenset({Place((member_of(meta.namespace), work.pool), meta.name)})
