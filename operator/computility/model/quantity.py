"""Kubernetes quantities as numbers."""

import re
from decimal import Decimal
from functools import lru_cache

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?")
_FACTOR = {
    None: 1,
    "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
}  # fmt: skip


@lru_cache(maxsize=4096)
def parse_bytes(text: str) -> int:
    """Read a quantity such as `256Gi` as bytes, rounded down.

    Raises:
        ValueError: The text is no quantity of bytes.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(
            f'"{text}" is no quantity of bytes: write a number with Ki, Mi, Gi or Ti, as in "4Gi"'
        )
    return int(Decimal(match[1]) * _FACTOR[match[2]])
