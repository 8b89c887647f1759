"""Writes Events about jobs beside all else: no reconcile waits for one, and none fails with one."""

import hashlib
import logging
import socket
from collections.abc import Callable, Iterable
from datetime import datetime

from computility.hub.keys import Task, Work
from computility.hub.notices import Notice
from computility.hub.queue import WorkQueue
from computility.kube.builtin import render_micro_time
from computility.kube.client import Client
from computility.kube.errors import AlreadyExists, ApiError
from computility.kube.events import Event, fit_note, refer_to
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key, ObjectMeta, key_of

CONTROLLER = "computility.io/hub"
MOST_WAITING = 1000
"""Past so many unwritten Events new ones are left out: the jobs themselves say the same."""

_log = logging.getLogger(__name__)


class Events:
    """Events that wait to be written, each once: best effort, what is refused is forgotten.

    The name follows from job, attempt and reason, so that a hub that died in between, or a second one, writes
    the same Event and no other.
    """

    def __init__(self, client: Client, queue: WorkQueue, now: Callable[[], datetime]) -> None:
        self._client = client
        self._queue = queue
        self._now = now
        self._waiting: dict[Key, Event] = {}
        self._instance = socket.gethostname()[:128]

    def tell(self, job: ComputeJob, notices: Iterable[Notice]) -> None:
        """Have Events about a job written, soon."""
        for notice in notices:
            if len(self._waiting) < MOST_WAITING:
                event = self._build(job, notice)
                key = key_of(event.metadata)
                self._waiting[key] = event
                self._queue.add(Work(Task.TELL, *key))

    def forget(self) -> None:
        """Forget what waits: the queue that it waited in was emptied."""
        self._waiting.clear()

    async def write(self, key: Key) -> None:
        """Write an Event that waits, once."""
        event = self._waiting.pop(key, None)
        if event is None:
            return
        try:
            await self._client.create(event)
        except AlreadyExists:
            return
        except ApiError as error:
            _log.info('left out the Event "%s" about %s: %s', event.reason, event.regarding.name, error)

    def _build(self, job: ComputeJob, notice: Notice) -> Event:
        return Event(
            metadata=ObjectMeta(name=event_name(job, notice), namespace=job.metadata.namespace),
            event_time=render_micro_time(self._now()),
            type="Warning",
            reason=notice.reason,
            action=notice.action,
            note=fit_note(notice.note),
            regarding=refer_to(job),
            reporting_controller=CONTROLLER,
            reporting_instance=self._instance,
        )


def event_name(job: ComputeJob, notice: Notice) -> str:
    """Return the one name of the Event about a job, one of its attempts and a reason."""
    about = f"{job.metadata.uid}/{notice.ordinal}/{notice.reason}"
    return f"{job.metadata.name[:230]}.{hashlib.sha256(about.encode()).hexdigest()[:16]}"
