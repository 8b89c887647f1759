"""Sets of array indices: ascending lists here, "0-499,700" in requests, answers and options."""

import re
from typing import Any, Iterable, List

from .problem import Answer, Problem

CHUNK_SIZE = 1000  # as `lifecycle.chunks`: an attempt's indices go to Slurm a thousand at a time
INDICES = re.compile(r"[0-9]{1,4}(?:-[0-9]{1,4})?(?:,[0-9]{1,4}(?:-[0-9]{1,4})?)*")
MAX_ARRAY_SIZE = 10000


def read_indices(request: Answer) -> List[int]:
    """Read which indices of an array are meant; it may be none.

    Raises:
        Problem: That is no set of indices.
    """
    return [] if request.get("indices") == "" else read_set(request, "indices")


def read_array(request: Answer) -> List[int]:
    """Read all indices of an attempt at an array.

    Raises:
        Problem: That is no set of indices, or an empty one.
    """
    return read_set(request, "array")


def read_set(request: Answer, key: str) -> List[int]:
    """Read a set that a request names.

    Raises:
        Problem: It is none, or empty.
    """
    text: Any = request.get(key)
    indices = parse_indices(text) if isinstance(text, str) and INDICES.fullmatch(text) else []
    if not indices:
        raise Problem("invalid", f"{key} is no set of indices: {text!r:.80}")
    return indices


def read_chunk(request: Answer) -> List[int]:
    """Read which indices the chunk of a request has; task t of its job is the t-th of them.

    Raises:
        Problem: The attempt has no such chunk.
    """
    chunk: Any = request.get("chunk")
    chunks = split(read_array(request))
    if type(chunk) is not int or not 0 <= chunk < len(chunks):
        raise Problem("invalid", f"chunk is not allowed: {chunk!r:.80}")
    return chunks[chunk]


def split(array: List[int]) -> List[List[int]]:
    """Split an attempt's indices into its chunks."""
    return [array[start : start + CHUNK_SIZE] for start in range(0, len(array), CHUNK_SIZE)]


def parse_indices(text: str) -> List[int]:
    """Read text that `INDICES` matches; what does not ascend is left out, so that none takes long."""
    found: List[int] = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        if not found or int(low) > found[-1]:
            found.extend(range(int(low), int(high or low) + 1))
    return found


def render_indices(indices: Iterable[int]) -> str:
    """Write indices as compactly as they are read."""
    runs: List[List[int]] = []
    for index in sorted(indices):
        if runs and index == runs[-1][1] + 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)
