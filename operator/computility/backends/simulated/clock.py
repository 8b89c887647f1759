"""Virtual time: so many times as fast as the wall clock, and going on while nobody looks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from computility.model.base import Value


class Anchor(Value, frozen=True, kw_only=True):
    """One instant in both times, and how fast virtual time goes from there; kept with the centre's state.

    `epoch` is when the centre began, in both times.
    """

    epoch: datetime
    wall: datetime
    virtual: datetime
    factor: float


def wall_now() -> datetime:
    """Return this instant."""
    return datetime.now(UTC)


class VirtualClock:
    """Says what time it is at a simulated centre; never goes back, whatever the wall clock does.

    Attributes:
        factor: How many virtual seconds pass in one of the wall clock's.

    Args:
        anchor: Where virtual time was at some instant.
        wall: The wall clock.
    """

    def __init__(self, anchor: Anchor, wall: Callable[[], datetime] = wall_now) -> None:
        self.factor = anchor.factor
        self._anchor = anchor
        self._wall = wall
        self._latest = anchor.virtual

    def __call__(self) -> datetime:
        """Return this instant in virtual time."""
        passed = self._wall() - self._anchor.wall
        self._latest = max(self._latest, self._anchor.virtual + passed * self.factor)
        return self._latest

    @property
    def seconds(self) -> float:
        """Virtual seconds since the centre's epoch."""
        return (self() - self._anchor.epoch).total_seconds()

    def at(self, seconds: float) -> datetime:
        """Return the virtual instant so many virtual seconds after the epoch."""
        return self._anchor.epoch + timedelta(seconds=seconds)

    @property
    def is_wall(self) -> bool:
        """Whether virtual time is the wall clock's."""
        return self.factor == 1.0 and self._anchor.virtual == self._anchor.wall

    def from_wall(self, wall: datetime) -> datetime:
        """Return what time it is here when the wall clock shows an instant."""
        return self._anchor.virtual + (wall - self._anchor.wall) * self.factor

    def before(self, wall: datetime) -> datetime:
        """Return an instant of virtual time that is surely no later than one of the wall clock.

        What was before the last change of speed counts as recent: how fast time went then is not kept.
        """
        return self.from_wall(wall) if wall >= self._anchor.wall else self._anchor.epoch

    def to_wall(self, virtual: datetime) -> datetime:
        """Return when the wall clock shows an instant of virtual time."""
        return self._anchor.wall + (virtual - self._anchor.virtual) / self.factor


def start_anchor(now: datetime, factor: float) -> Anchor:
    """Begin virtual time at an instant of the wall clock."""
    return Anchor(epoch=now, wall=now, virtual=now, factor=factor)


def change_factor(anchor: Anchor, now: datetime, factor: float) -> Anchor:
    """Go on from the same virtual instant at another speed."""
    virtual = anchor.virtual + max(now - anchor.wall, timedelta()) * anchor.factor
    return Anchor(epoch=anchor.epoch, wall=now, virtual=virtual, factor=factor)
