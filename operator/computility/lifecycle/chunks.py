"""An array goes to a scheduler in chunks: Slurm takes no more than 1,000 indices in one submission."""

from functools import lru_cache

from computility.model.index_set import IndexSet

CHUNK_SIZE = 1000
"""Slurm's MaxArraySize, 1001 as it comes, bounds the highest number of a task, and 0 is one."""


@lru_cache(maxsize=64)
def split_into_chunks(indices: IndexSet) -> tuple[IndexSet, ...]:
    """Split an attempt's indices into chunks, always the same way: which they are stands nowhere else."""
    chunks = []
    while indices:
        chunks.append(indices.take(CHUNK_SIZE))
        indices -= chunks[-1]
    return tuple(chunks)
