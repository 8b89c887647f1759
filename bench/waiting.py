"""Waiting for a condition, with a bound."""

import asyncio
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.1


async def until(look: Callable[[], Awaitable[bool]], longest_seconds: float) -> None:
    """Return as soon as a look says yes.

    Raises:
        TimeoutError: None has within the bound.
    """
    async with asyncio.timeout(longest_seconds):
        while True:
            if await look():
                return
            await asyncio.sleep(POLL_SECONDS)
