"""Which of the network's attempts each pool has, and what they hold: sets, so that nothing counts twice."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from computility.hub.keys import member_of
from computility.lifecycle.stakes import larger, stake_of_assignment, stake_of_attempt
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob, ComputeJobStatus
from computility.model.names import assignment_name
from computility.placement.facts import PoolKey
from computility.placement.held import Stake
from computility.placement.ours import Ours


class Place(NamedTuple):
    """One attempt, and the pool that it takes a place at."""

    pool: PoolKey
    attempt: str


class Reserved(NamedTuple):
    """The source that names the places of a job's decision until its write is answered."""

    job_uid: str


Places = Mapping[Place, Stake]
"""Attempts with what each holds."""

NONE: Places = MappingProxyType({})


class Occupancy:
    """Who says which attempts are live: a job's entries, an Assignment, a decision that is being written.

    The same attempt is named by several sources; it leaves its pool when none names it any more. Of what it
    holds the most counts that any of them says. Everything follows from what the sources say now.

    Attributes:
        freed: The pools that have got more room; whoever tells those that wait takes them out.
        live: How many attempts are live at each pool that has any; for reading only.
        ours: What these hold; for reading only.
    """

    def __init__(self) -> None:
        self.freed: set[PoolKey] = set()
        self.live: dict[PoolKey, int] = {}
        self.ours = Ours()
        self._by_source: dict[Hashable, Places] = {}
        self._pools: defaultdict[PoolKey, dict[str, dict[Hashable, Stake]]] = defaultdict(dict)

    def count(self, pool: PoolKey) -> int:
        """Return how many attempts are live at a pool."""
        return self.live.get(pool, 0)

    def at(self, member: str) -> int:
        """Return how many attempts are live at all pools of a member; looks at every pool."""
        return sum(len(attempts) for pool, attempts in self._pools.items() if pool[0] == member)

    def set(self, source: Hashable, places: Places) -> None:
        """Replace what one source says."""
        old = self._by_source.pop(source, NONE)
        if places:
            self._by_source[source] = places
        for place, stake in places.items():
            if old.get(place) != stake:
                self._say(place, source, stake)
        for place in old.keys() - places.keys():
            self._say(place, source, None)

    def has(self, source: Hashable) -> bool:
        return source in self._by_source

    def _say(self, place: Place, source: Hashable, stake: Stake | None) -> None:
        """Take in what a source says of one attempt; None: nothing any more."""
        attempts = self._pools[place.pool]
        said = attempts.setdefault(place.attempt, {})
        before = _most(said)
        if stake is None:
            del said[source]
        else:
            said[source] = stake
        self._replace(place.pool, before, _most(said))
        if not said:
            self._release(place)
        else:
            self.live[place.pool] = len(attempts)

    def _replace(self, pool: PoolKey, before: Stake | None, now: Stake | None) -> None:
        if before == now:
            return
        if now is not None:
            self.ours.add(pool, now)
        if before is not None:
            self.ours.remove(pool, before)

    def _release(self, place: Place) -> None:
        attempts = self._pools[place.pool]
        self.freed.add(place.pool)
        del attempts[place.attempt]
        self.live[place.pool] = len(attempts)
        if not attempts:
            del self._pools[place.pool], self.live[place.pool]


def _most(said: Mapping[Hashable, Stake]) -> Stake | None:
    return reduce(larger, said.values()) if said else None


def places_of_job(job: ComputeJob, status: ComputeJobStatus | None = None) -> Places:
    """Return the places of a job's live attempts, as its own or another status has them."""
    attempts = (status or job.status).attempts
    return {
        Place((a.member, a.pool), assignment_name(job.metadata.uid, a.ordinal)): stake_of_attempt(job, a)
        for a in attempts
        if not a.state.is_terminal
    }


def new_places(job: ComputeJob, status: ComputeJobStatus) -> Places:
    """Return those that a status would add to a job's own."""
    known = {a.ordinal for a in job.status.attempts if not a.state.is_terminal}
    added = tuple(a for a in status.attempts if a.ordinal not in known)
    return places_of_job(job, msgspec.structs.replace(status, attempts=added)) if added else NONE


def places_of_assignment(assignment: Assignment) -> Places:
    """Return the place of an Assignment that has not ended."""
    work, meta = assignment.spec.job, assignment.metadata
    if work is None or assignment.status.state.is_terminal:
        return NONE
    place = Place((member_of(meta.namespace), work.pool), meta.name)
    return {place: stake_of_assignment(assignment, work)}
