"""What each namespace has used of the network of late, and whose waiting job goes next by that."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

from computility.hub.waiting import Turn
from computility.metering.fair_share import fair_order, weigh_use
from computility.metering.use import Use, uses_of
from computility.model.compute_job import ComputeJob, ComputeJobStatus
from computility.model.meta import Key
from computility.placement.rehearsal import Shares


class _Booked(NamedTuple):
    namespace: str
    use: int


class FairShare:
    """Use by namespace, set by job: what a job says replaces what it said before.

    A finished job that is deleted gives nothing back while this process lives. The next one knows only of
    the jobs that it finds.

    Args:
        weights: The part of the network that is a namespace's beside the others'; 1 for those not named.
        now: The time that is written into objects.
    """

    def __init__(
        self,
        weights: Mapping[str, float] = MappingProxyType({}),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._weights = weights
        self._now = now
        self._epoch = now()
        self._by_job: dict[str, _Booked] = {}
        self._used: defaultdict[str, int] = defaultdict(int)

    def record(self, job: ComputeJob, status: ComputeJobStatus | None = None) -> None:
        """Count what a job's attempts use, as its own or another status has them."""
        self._replace(job, uses_of(job, (status or job.status).attempts))

    def settle(self, job: ComputeJob) -> None:
        """Keep what a job that is gone has used until now, for good."""
        self._replace(job, uses_of(job, job.status.attempts, until=self._now()))
        self._by_job.pop(job.metadata.uid, None)

    def used(self, namespace: str) -> int:
        """Return a namespace's use; only to be compared with another's."""
        return self._used.get(namespace, 0)

    def shares(self, at: datetime) -> Shares:
        """Return what all have used, for a rehearsal of a moment."""
        return Shares(self._used, self._weights, lambda hours: weigh_use(hours, at, self._epoch))

    def in_order(self, queues: Mapping[str, Sequence[Turn]]) -> Iterator[Key]:
        """Yield the keys of waiting jobs, each namespace's in its own order, the poorest namespace first.

        What one of them gets is to be recorded before the next is asked for.
        """
        return (turn.key for turn in fair_order(queues, self._used, self._weights))

    def _replace(self, job: ComputeJob, uses: Iterable[Use]) -> None:
        uid, namespace = job.metadata.uid, job.metadata.namespace
        use = sum(weigh_use(each.hours, each.at, self._epoch) for each in uses)
        before = self._by_job.pop(uid, None)
        if use:
            self._by_job[uid] = _Booked(namespace, use)
        self._used[namespace] += use - (before.use if before else 0)
