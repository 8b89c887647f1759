"""The jobs that wait for a place, those that ask for the same together: they get the same answer."""

from collections import defaultdict
from collections.abc import Iterator
from heapq import nsmallest

import msgspec

from computility.model.compute_job import ComputeJob
from computility.model.meta import Key, key_of
from computility.model.reasons import Reason
from computility.placement.snapshot import Request

Kind = bytes
Turn = tuple[str, Key]


class Waiting:
    """Keys of waiting jobs by kind, each with its turn: first come, first served."""

    def __init__(self) -> None:
        self._kinds: defaultdict[Kind, dict[Key, Turn]] = defaultdict(dict)
        self._kind_of: dict[Key, Kind] = {}

    def __len__(self) -> int:
        return len(self._kind_of)

    def __iter__(self) -> Iterator[Key]:
        """Yield all, those that came first first."""
        return (key for _, key in sorted(turn for kind in self._kinds.values() for turn in kind.values()))

    def add(self, job: ComputeJob) -> None:
        """Let a job wait, as it is now."""
        key, kind = key_of(job.metadata), kind_of(job)
        if self._kind_of.get(key) != kind:
            self.discard(key)
        self._kind_of[key] = kind
        self._kinds[kind][key] = (str(job.metadata.creation_timestamp), key)

    def discard(self, key: Key) -> None:
        """Let a job wait no longer."""
        kind = self._kind_of.pop(key, None)
        if kind is not None:
            del self._kinds[kind][key]
            if not self._kinds[kind]:
                del self._kinds[kind]

    def first(self, count: int) -> list[Key]:
        """Return the first so many of each kind, those that came first first."""
        turns = (turn for kind in self._kinds.values() for turn in nsmallest(count, kind.values()))
        return [key for _, key in sorted(turns)]


def kind_of(job: ComputeJob) -> Kind:
    """Return what decides together with the pools whether a job is placed.

    That is its request while it only waits for room. A job that was tried before, or waits for something
    else, is of a kind of its own.
    """
    if job.status.attempts or job.status.reason != Reason.POOLS_BUSY.value:
        return job.metadata.uid.encode()
    return msgspec.json.encode(Request.of(job))
