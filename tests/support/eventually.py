"""Waiting for what must come true, with an end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
POLLS = 1200


async def eventually(claim: Callable[[], bool], what: str, *, seconds: float = 60.0) -> None:
    """Look every 20 ms until the claim holds; fail with `what` when it does not in time."""
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(0.02)


async def seen(read: Callable[[], Awaitable[T]], holds: Callable[[T], bool], log: Callable[[], str]) -> T:
    """Read every 50 ms until something holds; fail with the last words of a log when it does not."""
    for _ in range(POLLS):
        found = await read()
        if holds(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"last seen: {found}\n{log()[-4000:]}")
