"""Rules in CEL that the API server holds every object to, also between two versions of it.

All stand at the object's root and ask has() on both sides. A rule on an optional field would be passed in
two edits (away with the field, then back with another value), one on `spec` by removing `spec`.
"""

from typing import NamedTuple


class Rule(NamedTuple):
    """A CEL rule at the object's root; `message` names the field and the remedy."""

    rule: str
    message: str
    field_path: str = ""


def unchanged(*fields: str) -> str:
    """Write that none of these fields of the spec was changed, added or removed."""
    return " && ".join(_unchanged(f"spec.{field}") for field in fields)


def one_way(field: str, last: str) -> str:
    """Write that a field of the spec, once it holds `last` (a CEL literal), holds it for ever."""
    return f"!({_holds('oldSelf', field, last)}) || ({_holds('self', field, last)})"


def _unchanged(path: str) -> str:
    return f"has(self.{path}) == has(oldSelf.{path}) && (!has(self.{path}) || self.{path} == oldSelf.{path})"


def _holds(side: str, field: str, value: str) -> str:
    return f"has({side}.spec.{field}) && {side}.spec.{field} == {value}"
