"""Waiting for what must come true, with an end."""

import asyncio
import time
from collections.abc import Callable


async def eventually(claim: Callable[[], bool], what: str, *, seconds: float = 20.0) -> None:
    """Look every 20 ms until the claim holds; fail with `what` when it does not in time."""
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(0.02)
