"""Doing without the collector of cycles while thousands of objects are read and looked through."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def unswept() -> Iterator[None]:
    """Keep the collector away: values have no cycles, and to look for some takes longer than to decode them.

    Only for commands that end soon: what does go in circles is not freed meanwhile.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
