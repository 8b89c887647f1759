"""Label selectors as the API server reads them."""

from collections.abc import Iterable

LARGEST_SET = 250
"""How many values one `in (…)` may name: what is known to fit one request."""


def label_in(label: str, values: Iterable[str]) -> str:
    """Select objects whose label has one of these values, in a stable order.

    Raises:
        ValueError: There are no values (a selector of nothing does not exist) or more than 250.
    """
    names = sorted(set(values))
    if not 1 <= len(names) <= LARGEST_SET:
        raise ValueError(f'a selector on "{label}" takes 1 to {LARGEST_SET} values, not {len(names)}')
    return f"{label} in ({','.join(names)})"
