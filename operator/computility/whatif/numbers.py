"""Numbers in a trace: plain decimals, bounded. What `float` takes beside them, nan or 1_000, is a mistake."""

import re
from typing import NamedTuple

from computility.whatif.mistake import WrongField

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class Bounds(NamedTuple):
    """The least and the most that a number may be; only whole ones if it counts things."""

    least: float
    most: float
    is_count: bool = False

    def __str__(self) -> str:
        what = "a whole number" if self.is_count else "a number"
        return f"{what} from {self.least:.15g} to {self.most:.15g}"


def parse_number(field: str, text: str, bounds: Bounds) -> float:
    """Read a number.

    Raises:
        WrongField: It is none, or out of bounds.
    """
    if _NUMBER.fullmatch(text) is None:
        raise WrongField(field, f'"{text[:40]}" is no number: write {bounds}')
    value = float(text)
    if not bounds.least <= value <= bounds.most or (bounds.is_count and value != int(value)):
        raise WrongField(field, f"{text[:40]} is out of bounds: write {bounds}")
    return value


YEAR = 31_536_000
SUBMIT = Bounds(0, 1e11)
RUN = Bounds(0.001, YEAR)
REQUESTED = Bounds(1, YEAR)
HOURS = Bounds(1e-6, 1e9)
CARDS = Bounds(0, 1_000_000, is_count=True)
CORES = Bounds(0, 100_000_000, is_count=True)
NODES = Bounds(1, 100_000, is_count=True)
