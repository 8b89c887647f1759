"""What was seen of an object: the copy is brought up to date, and whom that concerns is told."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from computility.hub.keys import IDENTIFY, Task, Work
from computility.hub.metrics import Metrics
from computility.hub.queue import WorkQueue
from computility.hub.router import WAKE_SECONDS, Router
from computility.hub.shelf import Change
from computility.hub.store import Store
from computility.kube.codec import Unreadable
from computility.kube.resource import Object, resource_of
from computility.model.meta import Key, key_of
from computility.model.resource_pool import ResourcePool

SWEEP_SECONDS = 1.0
"""A whole list is compared this long after Kopf began one of its own."""

_log = logging.getLogger(__name__)


class Intake:
    """The one way into the store: for events, for lists and for the answers to our own writes."""

    def __init__(self, store: Store, queue: WorkQueue, router: Router, metrics: Metrics) -> None:
        self._store = store
        self._queue = queue
        self._router = router
        self._metrics = metrics

    def take_event(self, type_: type[Object], kind: str | None, raw: Any) -> None:
        """Take in a raw watch event; `kind` None means that it comes from a list that Kopf reads.

        An object that does not fit its type is reported and otherwise left as it was last seen: one that
        nobody can read is not an absent one.
        """
        plural = resource_of(type_).plural
        self._metrics.event(plural, kind)
        if kind is None:
            self._queue.add_after(Work(Task.SWEEP, name=plural), SWEEP_SECONDS)
        try:
            item = msgspec.convert(raw, type_)
        except msgspec.ValidationError as error:
            self.report_unreadable(plural, f"{raw.get('metadata', {}).get('name')}", str(error))
            return
        self._take(type_, kind, item)

    def take_change(self, type_: type[Object], kind: str, item: Any) -> None:
        """Take in an event of our own watch: an object of the kind, or that one does not fit it."""
        plural = resource_of(type_).plural
        self._metrics.event(plural, kind)
        if not isinstance(item, Unreadable):
            self._take(type_, kind, item)
        elif kind == "DELETED":
            self.gone(type_, item.key, item.uid)
        else:
            self.report_unreadable(plural, str(item.key), item.error)

    def _take(self, type_: type[Object], kind: str | None, item: Any) -> None:
        if kind == "DELETED":
            self.gone(type_, key_of(item.metadata), item.metadata.uid)
        else:
            self.seen(item, is_news=kind is not None)

    def report_unreadable(self, plural: str, name: str, cause: str) -> None:
        """Tell people of an object that this release cannot read."""
        self._metrics.unreadable(plural)
        _log.warning('cannot read "%s" of %s: %s', name, plural, cause)

    def seen(self, item: Any, *, is_news: bool = True) -> None:
        """Take in an object as the API server has just shown it."""
        self._follow(type(item), lambda: self._store.put(item), is_news=is_news)

    def gone(self, type_: type[Object], key: Key, uid: str) -> None:
        """Take in that an object is no longer there."""
        self._follow(type_, lambda: self._store.drop(type_, key, uid), is_news=True)

    def _follow(self, type_: type[Object], update: Callable[[], list[Change[Any]]], *, is_news: bool) -> None:
        store = self._store
        claims, terms = store.claims_version, store.terms_version
        for change in update():
            self._router.route(type_, change, is_news=is_news)
        self._router.tell_of_room()
        has_other_claims = store.claims_version != claims
        if has_other_claims:
            self._queue.add_after(IDENTIFY, WAKE_SECONDS)
        if has_other_claims or (type_ is ResourcePool and store.terms_version != terms):
            self._router.wake()
