"""One pool that a filter refuses, and one like it that it takes."""

from dataclasses import dataclass, field
from typing import Any

from computility.model.compute_job import PlacementSpec
from computility.model.reasons import Reason


@dataclass(frozen=True)
class Case:
    """What is asked, which pool is refused for it and in which words, and which one is taken.

    `wish` names fields of a request; `refused` and `taken` name what `a_pool_with` takes.
    """

    name: str
    reason: Reason
    refused: dict[str, Any]
    taken: dict[str, Any] = field(default_factory=dict)
    wish: dict[str, Any] = field(default_factory=dict)
    wanted: str = ""
    found: str = ""


def placed(**fields: Any) -> dict[str, Any]:
    return {"placement": PlacementSpec(**fields)}
