"""Rules in CEL that the API server holds every object to, also between two versions of it.

A rule stands as deep as it safely can: it is asked at every write, also of a status, and each step to a
field costs the API server a copy of the schemas of all its neighbours. But a rule on two versions of a
field is passed in two edits, away with the field and back with another value, unless the field is always
there: required, or filled in by a default. For others the rule stands above, and asks has() on both sides.
"""

from typing import NamedTuple


class Rule(NamedTuple):
    """A CEL rule; `message` names the field and the remedy.

    `at` is where it stands (what `self` is), `field_path` what a refusal names; both count from the root.
    """

    rule: str
    message: str
    field_path: str = ""
    at: str = ""


def unchanged(*fields: str, of: str = "") -> str:
    """Write that none of these fields was changed, added or removed; `of` is the path to them from `self`."""
    return " && ".join(_unchanged(of + field) for field in fields)


def _unchanged(path: str) -> str:
    return f"has(self.{path}) == has(oldSelf.{path}) && (!has(self.{path}) || self.{path} == oldSelf.{path})"
