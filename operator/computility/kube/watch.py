"""A watch that goes on over broken, silent and refused connections until its version is too old."""

import math
import random
from collections.abc import AsyncGenerator, Callable

from computility.kube.backoff import Backoff
from computility.kube.client import Client
from computility.kube.errors import ApiError
from computility.kube.frames import WatchEvent, read_events, version_of
from computility.kube.listing import Selection
from computility.kube.request import Request, render_query
from computility.kube.resource import T, resource_of

CONNECTION_SECONDS = (50, 80)
"""Between what one connection is asked to last. A quiet kind gets no bookmark at all (seen on 1.36: none
while no object of the kind changes anywhere), so only the end of a connection shows that it was alive."""
SILENCE_SECONDS = 100.0
"""Longer than any connection lasts: what is silent for so long is dead."""
_STEADY_SECONDS = 5.0
"""A connection that lasted so long was a good one: the next follows at once."""


async def watch(
    client: Client,
    type_: type[T],
    selection: Selection,
    resource_version: str,
    *,
    silence_seconds: float = SILENCE_SECONDS,
    connection_seconds: tuple[int, int] = CONNECTION_SECONDS,
    on_trouble: Callable[[ApiError | None], None] = lambda _: None,
) -> AsyncGenerator[WatchEvent[T], None]:
    """Yield what happens after a version, for ever, each change once and in order.

    Args:
        client: Where to watch.
        type_: The kind.
        selection: Which objects of it.
        resource_version: The version of the list that the watch continues.
        silence_seconds: After how long without a word a connection is dead; above `connection_seconds`.
        connection_seconds: How long one connection is asked to last: at least, at most.
        on_trouble: Told of each passing error, and with None of each connection that works again.

    Raises:
        Gone: The version is too old: list again.
        ApiError: The server refuses for good: no rights, no such kind.
    """
    transport, pauses = client.transport, _Pauses(client.transport.monotonic)
    while True:
        request = build_watch_request(type_, selection, resource_version, connection_seconds)
        try:
            async with transport.stream(request, silence_seconds) as stream:
                pauses.opened()
                on_trouble(None)
                async for event in read_events(type_, request, stream.iter_any()):
                    resource_version = version_of(event)
                    pauses.heard()
                    yield event
        except ApiError as error:
            pauses.failed(error)
            on_trouble(error)
        await transport.sleep(pauses.next_seconds())


class _Pauses:
    """How long to wait between two connections: little after one that was good, ever longer after others.

    Also after a clean end: a server that ends each watch at once must not be asked in a busy loop.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._backoff = Backoff(first_seconds=0.1, cap_seconds=30.0)
        self._opened_at = math.inf
        self._asked_seconds: float | None = None

    def opened(self) -> None:
        self._opened_at = self._monotonic()

    def heard(self) -> None:
        self._backoff.reset()

    def failed(self, error: ApiError) -> None:
        """Take in why a connection ended; raise what no other connection would mend."""
        if not error.is_temporary:
            raise error
        self._asked_seconds = error.retry_after

    def next_seconds(self) -> float:
        """Return the pause after the connection that has just ended, and begin to account for the next."""
        if self._monotonic() - self._opened_at >= _STEADY_SECONDS:
            self._backoff.reset()
        asked, self._asked_seconds, self._opened_at = self._asked_seconds, None, math.inf
        return self._backoff.next_seconds() if asked is None else asked


def build_watch_request(
    type_: type[T],
    selection: Selection,
    resource_version: str,
    connection_seconds: tuple[int, int] = CONNECTION_SECONDS,
) -> Request:
    """Build the request of one connection."""
    resource = resource_of(type_)
    query = render_query(
        watch="true",
        allowWatchBookmarks="true",
        resourceVersion=resource_version,
        timeoutSeconds=random.randint(*connection_seconds),  # noqa: S311 - spreads load, guards nothing
        labelSelector=selection.label_selector,
        fieldSelector=selection.field_selector,
    )
    return Request("watch", resource.collection_path(selection.namespace), resource.plural, query=query)
