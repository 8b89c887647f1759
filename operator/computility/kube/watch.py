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
        silence_seconds: After how long without event or bookmark the connection counts as dead; above
            `connection_seconds`, or quiet connections are taken for dead ones.
        connection_seconds: How long one connection is asked to last: at least, at most.
        on_trouble: Told of each passing error, and with None of each connection that works again.

    Raises:
        Gone: The version is too old: list again.
        ApiError: The server refuses for good: no rights, no such kind.
    """
    transport, backoff = client.transport, Backoff(first_seconds=0.1, cap_seconds=30.0)
    while True:
        request = build_watch_request(type_, selection, resource_version, connection_seconds)
        opened_at, asked_wait = math.inf, None
        try:
            async with transport.stream(request, silence_seconds) as stream:
                opened_at = transport.monotonic()
                on_trouble(None)
                async for event in read_events(type_, request, stream.iter_any()):
                    resource_version = version_of(event)
                    backoff.reset()
                    yield event
        except ApiError as error:
            if not error.is_temporary:
                raise
            on_trouble(error)
            asked_wait = error.retry_after
        if transport.monotonic() - opened_at >= _STEADY_SECONDS:
            backoff.reset()
        # Also after a clean end: a server that ends each watch at once must not be asked in a busy loop.
        await transport.sleep(backoff.next_seconds() if asked_wait is None else asked_wait)


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
