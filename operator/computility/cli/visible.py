"""Texts of others, as a terminal may have them."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""All but the tab; also those that turn the direction of writing around."""


def visible(text: str) -> str:
    """Write control characters as what they are: a terminal would obey those that a job or a centre sends."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
