"""Jobs and tasks of the naive centre, and sums of what nodes have."""

from dataclasses import dataclass
from math import inf

from computility.backends.simulated.records import Ending
from computility.backends.simulated.requests import Request

Vector = tuple[int, int, int]


@dataclass
class NaiveTask:
    index: int
    started_at: float | None = None
    nodes: tuple[int, ...] = ()
    began_at: float | None = None
    told_at: float | None = None
    stop_at: float = inf
    dies_at: float | None = None
    """A node of it is dead, and by then that is noticed."""
    lost_claim: bool = False
    withdrawn: bool = False
    ending: Ending | None = None
    ended_at: float | None = None
    exit_code: int | None = None
    signal: int | None = None

    @property
    def runs(self) -> bool:
        return self.started_at is not None and self.ended_at is None

    @property
    def waits(self) -> bool:
        return self.started_at is None and not self.withdrawn


@dataclass
class NaiveJob:
    id: int
    request: Request
    tasks: list[NaiveTask]
    turn: int | None = None
    ended_at: float | None = None


def need(request: Request) -> Vector:
    return request.cores_per_node, request.cards_per_node, request.memory_mib


def minus(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def covers(a: Vector, b: Vector) -> bool:
    return all(x >= y for x, y in zip(a, b, strict=True))
