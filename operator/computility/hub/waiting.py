"""The jobs that wait for a place, those that ask for the same together: they get the same answer."""

from collections import defaultdict
from collections.abc import Set
from heapq import nsmallest
from typing import NamedTuple

from computility.model.compute_job import ComputeJob
from computility.model.meta import Key, key_of
from computility.model.reasons import Reason
from computility.placement.snapshot import Request

Kind = bytes
_FOLLOWS_FROM_REQUEST = frozenset({Reason.POOLS_BUSY.value, Reason.NO_POOL_FITS.value, Reason.NO_POOLS.value})


class Turn(NamedTuple):
    """A waiting job's place among those of its namespace: by priority, then age."""

    before: int
    """Its priority, negated: the smallest goes first."""
    since: str
    key: Key


class Waiting:
    """Waiting jobs by kind, each with its turn."""

    def __init__(self) -> None:
        self._kinds: defaultdict[Kind, dict[Key, Turn]] = defaultdict(dict)
        self._kind_of: dict[Key, Kind] = {}

    def __len__(self) -> int:
        return len(self._kind_of)

    def keys(self) -> Set[Key]:
        """Return which jobs wait."""
        return self._kind_of.keys()

    def add(self, job: ComputeJob) -> None:
        """Let a job wait, as it is now."""
        key, kind = key_of(job.metadata), kind_of(job)
        if self._kind_of.get(key) != kind:
            self.discard(key)
        self._kind_of[key] = kind
        since = str(job.metadata.creation_timestamp)
        self._kinds[kind][key] = Turn(-job.spec.priority, since, key)

    def discard(self, key: Key) -> None:
        """Let a job wait no longer."""
        kind = self._kind_of.pop(key, None)
        if kind is not None:
            del self._kinds[kind][key]
            if not self._kinds[kind]:
                del self._kinds[kind]

    def queues(self, count: int | None = None) -> dict[str, list[Turn]]:
        """Return the jobs of each namespace in their order: all, or so many of each kind."""
        queues: defaultdict[str, list[Turn]] = defaultdict(list)
        for kind in self._kinds.values():
            for turn in kind.values() if count is None else nsmallest(count, kind.values()):
                queues[turn.key.namespace].append(turn)
        return {namespace: sorted(turns) for namespace, turns in queues.items()}


def kind_of(job: ComputeJob) -> Kind:
    """Return what decides together with the pools whether a job is placed.

    That is its request, and why it waits: because all pools are busy, which may have been found only just
    now, or because none fits. A job that was tried before, or waits for something else, is of a kind of its
    own.
    """
    reason = job.status.reason or Reason.POOLS_BUSY.value
    if job.status.attempts or reason not in _FOLLOWS_FROM_REQUEST:
        return job.metadata.uid.encode()
    return reason.encode() + Request.of(job).key
