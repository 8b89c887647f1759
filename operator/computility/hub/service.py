"""The hub's own half of the process, beside Kopf: leads, works, watches for silence, and stops cleanly."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from computility.hub.health import STUCK_SECONDS
from computility.hub.hub import Hub
from computility.hub.keys import Lane
from computility.hub.leader import Leader
from computility.hub.silence import watch_silence
from computility.hub.sweep import prime
from computility.hub.workers import run_workers
from computility.kube.backoff import Backoff
from computility.kube.errors import ApiError
from computility.kube.lease import LeaseLock

DRAIN_SECONDS = 5.0
"""How long what is under way may take when the hub stops; the next process does what is left."""
RELEASE_SECONDS = 8.0
"""How long to try to hand the Lease over; together they stay below Kopf's own end, at 20 s."""

_log = logging.getLogger(__name__)


class Service:
    """Runs from `start` to `stop`.

    Attributes:
        failure: What it ended with before it was stopped, once it is stopped; a bug of ours.

    Args:
        hub: The parts.
        lock: The hub's Lease.
        workers: How many keys are worked on at a time.
    """

    def __init__(self, hub: Hub, lock: LeaseLock, *, workers: int = 16) -> None:
        self._hub = hub
        self._workers = workers
        self._leader = Leader(
            lock, self._lead, on_contact=hub.heartbeats.excuse_all, now=hub.now, monotonic=hub.monotonic
        )
        self.failure: BaseException | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_primed = False
        self._show_gauges()

    def start(self, on_failure: Callable[[], None]) -> None:
        """Begin, in the running event loop; `on_failure` is told when it ends by itself."""
        self._task = asyncio.create_task(self._leader.run(), name="leader")
        self._task.add_done_callback(lambda task: None if task.cancelled() else on_failure())

    async def stop(self) -> None:
        """End the work, finish what was collected, and let another process lead; once is enough."""
        task, self._task = self._task, None
        if task is None:
            return
        with contextlib.suppress(TimeoutError, ApiError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._drain()
        task.cancel()
        await asyncio.wait({task})
        await self._hand_over()
        self.failure = None if task.cancelled() else task.exception()

    def health(self) -> str:
        """Say what keeps the hub from making progress; "" when nothing does."""
        if self._task is None or self._task.done():
            return "the hub does not run"
        busy = self._hub.queue.busy_seconds()
        return f"a piece of work has been under way for {busy:.0f} s" if busy > STUCK_SECONDS else ""

    def readiness(self) -> str:
        """Say why the hub is not of use; a standby that could take over is."""
        return "not primed yet" if self._leader.is_leading and not self._is_primed else self.health()

    async def _lead(self) -> None:
        """Prime and work, until cancelled; leave nothing queued behind."""
        hub = self._hub
        hub.queue.open()
        hub.events.forget()
        hub.store.turns.forget()
        hub.heartbeats.excuse_all()
        try:
            await self._prime()
            async with asyncio.TaskGroup() as group:
                group.create_task(run_workers(hub, self._workers))
                group.create_task(watch_silence(hub))
        finally:
            self._is_primed = False
            hub.queue.close()

    async def _prime(self) -> None:
        """Prime, however long the API server keeps us waiting."""
        backoff = Backoff(first_seconds=0.2, cap_seconds=10.0)
        while not self._is_primed:
            try:
                await prime(self._hub)
                self._is_primed = True
            except ApiError as error:
                _log.warning("cannot list everything yet: %s", error)
                await asyncio.sleep(backoff.next_seconds())

    async def _drain(self) -> None:
        """Begin nothing new, let what is under way come to its end, and delete what was collected."""
        if self._leader.is_leading:
            self._hub.queue.close()
            await self._hub.queue.until_idle()
            await self._hub.disposal.flush_all()

    async def _hand_over(self) -> None:
        """Let another process lead, trying until it is written or time is up."""
        backoff = Backoff(first_seconds=0.1, cap_seconds=1.0)
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                while True:
                    if await self._try_release():
                        return
                    await asyncio.sleep(backoff.next_seconds())
        except TimeoutError:
            _log.warning("the hub's Lease could not be handed over; the next process waits until it runs out")

    async def _try_release(self) -> bool:
        try:
            await self._leader.release()
        except ApiError as error:
            _log.warning("cannot hand the hub's Lease over yet: %s", error)
            return False
        return True

    def _show_gauges(self) -> None:
        hub, show = self._hub, self._hub.metrics.gauge
        ready, leading = "Keys that wait for a worker.", "1 in the process that acts, 0 in a standby."
        oldest = "How long the oldest key has waited or been worked on."
        busy = "How long the oldest piece of work under way has been worked on."
        show("computility_hub_queue_depth", ready, lambda: sum(hub.queue.depth(lane) for lane in Lane))
        show("computility_hub_queue_oldest_seconds", oldest, hub.queue.oldest_seconds)
        show("computility_hub_queue_busy_seconds", busy, hub.queue.busy_seconds)
        show("computility_hub_leading", leading, lambda: float(self._leader.is_leading))
        silence = "1 from when most members fell silent at once until most renew again."
        show("computility_hub_mass_silence", silence, lambda: float(hub.mass_silence.is_under_way))
        show("computility_hub_jobs", "Jobs known.", hub.store.count_jobs)
        show("computility_hub_waiting_jobs", "Jobs that wait for a place.", lambda: len(hub.store.waiting))
        show("computility_hub_assignments", "Assignments known.", lambda: len(hub.store.assignments.objects))
