"""How many of an array run at a time, where it goes to Slurm as jobs that know nothing of each other."""

from typing import NamedTuple


class Share(NamedTuple):
    """A chunk's share of the array's `max_concurrent`.

    `after` is the chunk that has to end before this one begins: where there are more chunks than may run
    tasks at a time, some of them take turns.
    """

    most: int
    after: int | None = None


def share_of(max_concurrent: int, chunk: int, chunks: int) -> Share:
    """Divide `max_concurrent` among the chunks; the shares of those that can run together never exceed it."""
    if max_concurrent < chunks:
        return Share(1, chunk - max_concurrent if chunk >= max_concurrent else None)
    whole, rest = divmod(max_concurrent, chunks)
    return Share(whole + (chunk < rest))
