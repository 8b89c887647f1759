"""A copy of a collection that follows the API server, for as long as somebody reads its deltas."""

import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from types import MappingProxyType
from typing import Generic

from computility.kube.backoff import Backoff
from computility.kube.client import Client
from computility.kube.codec import Unreadable
from computility.kube.deltas import Delta, Mirror
from computility.kube.errors import ApiError, Gone
from computility.kube.frames import Bookmark, WatchEvent
from computility.kube.listing import EVERYTHING, Selection, read_list
from computility.kube.resource import T, resource_of
from computility.kube.watch import SILENCE_SECONDS, watch
from computility.model.meta import Key

_log = logging.getLogger(__name__)


class Informer(Generic[T]):
    """Lists, watches, and lists again when it must; nothing makes it give up.

    Attributes:
        objects: The copy, by key; read-only, changes while `deltas` is read.
        unreadable: Objects that are there but do not fit the type. Look here too before calling one missing.
        is_synced: Whether a whole list was taken in; before that an absence means nothing.
        trouble: What keeps the copy from being fresh; None while the watch is up.
        heard_at: When the API server last said something, in seconds of `monotonic`.

    Args:
        client: Where to look.
        type_: The kind to follow.
        selection: Which objects of it. Never select by status: leaving it arrives as a deletion.
        silence_seconds: After how long without event or bookmark a connection counts as dead.
        monotonic: The clock of `heard_at`.
    """

    def __init__(
        self,
        client: Client,
        type_: type[T],
        selection: Selection = EVERYTHING,
        *,
        silence_seconds: float = SILENCE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._type = type_
        self._selection = selection
        self._silence_seconds = silence_seconds
        self._monotonic = monotonic
        self._mirror: Mirror[T] = Mirror()
        self._backoff = Backoff(first_seconds=0.2, cap_seconds=30.0)
        self.objects: Mapping[Key, T] = MappingProxyType(self._mirror.objects)
        self.unreadable: Mapping[Key, Unreadable] = MappingProxyType(self._mirror.unreadable)
        self.is_synced = False
        self.trouble: ApiError | None = None
        self.heard_at = monotonic()

    async def deltas(self) -> AsyncGenerator[Delta[T], None]:
        """Follow the collection and yield each difference after it is in `objects`; one reader at a time.

        Every list ends with Synced, the first one as well as those after a gap; objects that vanished in
        the gap come as Deleted before it.
        """
        while True:
            try:
                async with aclosing(self._follow()) as deltas:
                    async for delta in deltas:
                        yield delta
            except Gone as error:
                _log.info("%s: listing again: %s", resource_of(self._type).plural, error)
            except ApiError as error:
                self._note(error)
            await self._client.transport.sleep(self._backoff.next_seconds())

    async def _follow(self) -> AsyncGenerator[Delta[T], None]:
        """List once and watch from there until the watch breaks for good."""
        listing = await read_list(self._client.transport, self._type, self._selection)
        taken = list(self._mirror.take_list(listing))
        self._hear()
        self.is_synced = True
        for delta in taken:
            yield delta
        async with aclosing(self._watch(listing.resource_version)) as events:
            async for event in events:
                self._hear()
                self._backoff.reset()
                if not isinstance(event, Bookmark):
                    for delta in self._mirror.take_event(event):
                        yield delta

    def _watch(self, resource_version: str) -> AsyncGenerator[WatchEvent[T], None]:
        return watch(
            self._client,
            self._type,
            self._selection,
            resource_version,
            silence_seconds=self._silence_seconds,
            on_trouble=self._note,
        )

    def _note(self, trouble: ApiError | None) -> None:
        """Keep what is wrong and log each new kind of it once, not at every try."""
        if trouble is not None and type(trouble) is not type(self.trouble):
            _log.warning("%s: the copy grows stale: %s", resource_of(self._type).plural, trouble)
        self.trouble = trouble
        if trouble is None:
            self._hear()

    def _hear(self) -> None:
        self.heard_at = self._monotonic()
