"""Deletes ended Assignments in bulk: one request for as many as ended within a moment in one namespace."""

from collections import defaultdict
from itertools import islice

from computility.hub.intake import Intake
from computility.hub.keys import Lane, Task, Work
from computility.hub.queue import WorkQueue
from computility.hub.store import Store
from computility.kube.client import Client
from computility.kube.errors import Conflict
from computility.kube.selectors import LARGEST_SET, label_in
from computility.lifecycle.hub_actions import Delete
from computility.model.assignment import Assignment
from computility.model.meta import Key
from computility.model.names import ATTEMPT_LABEL

COLLECT_SECONDS = 0.2
"""Longer makes fewer requests of many ends, and keeps ended Assignments that much longer."""


class Disposal:
    """Collects what is to be deleted, by namespace.

    What is lost here with the process is found again: a booked Assignment is still there.
    """

    def __init__(self, client: Client, store: Store, queue: WorkQueue, intake: Intake) -> None:
        self._client = client
        self._store = store
        self._queue = queue
        self._intake = intake
        self._collected: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def add(self, action: Delete) -> None:
        """Have an Assignment deleted, soon."""
        self._collected[action.namespace][action.name] = action.uid
        self._queue.add_after(Work(Task.DISPOSE, action.namespace), COLLECT_SECONDS, Lane.ENDS)

    async def flush_all(self) -> None:
        """Delete all that was collected, now."""
        for namespace in tuple(self._collected):
            await self.flush(namespace)

    async def flush(self, namespace: str) -> None:
        """Delete what was collected in one namespace.

        Raises:
            ApiError: Some could not be deleted; they stay collected.
        """
        collected = self._collected[namespace]
        for name in [name for name in collected if not self._is_labelled(namespace, name)]:
            await self._delete_one(namespace, name, collected[name])
        while collected:
            batch = dict(islice(collected.items(), LARGEST_SET))
            if len(batch) == 1:
                ((name, uid),) = batch.items()
                await self._delete_one(namespace, name, uid)
            else:
                await self._delete_many(namespace, batch)
        self._collected.pop(namespace, None)

    def _is_labelled(self, namespace: str, name: str) -> bool:
        """Say whether the label finds it; a person may have taken it off."""
        known = self._store.assignments.objects.get(Key(namespace, name))
        return known is None or known.metadata.labels.get(ATTEMPT_LABEL) == name

    async def _delete_one(self, namespace: str, name: str, uid: str) -> None:
        try:
            await self._client.delete(Assignment, namespace, name, uid=uid)
        except Conflict:
            if await self._is_there(namespace, name, uid):
                raise
        self._forget(namespace, name, uid)

    async def _is_there(self, namespace: str, name: str, uid: str) -> bool:
        """Read an Assignment live: one of another uid is not the one that was to be deleted."""
        live = await self._client.find(Assignment, namespace, name)
        if live is not None:
            self._intake.seen(live)
        return live is not None and live.metadata.uid == uid

    async def _delete_many(self, namespace: str, batch: dict[str, str]) -> None:
        # By name and never by state: a report that we have not seen yet would vanish unbooked.
        selector = label_in(ATTEMPT_LABEL, batch)
        await self._client.delete_collection(Assignment, namespace, label_selector=selector)
        for name, uid in batch.items():
            self._forget(namespace, name, uid)

    def _forget(self, namespace: str, name: str, uid: str) -> None:
        self._collected[namespace].pop(name, None)
        self._intake.gone(Assignment, Key(namespace, name), uid)
