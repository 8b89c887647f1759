"""What the controller says of a partition: figures that are some seconds old."""

import msgspec

from computility.backends.simulated.centre import Centre
from computility.backends.simulated.chance import draw_range
from computility.backends.simulated.group import Figures, Group
from computility.model.resource_pool import Capacity


class Measured(msgspec.Struct, frozen=True):
    """A partition's nodes as they were measured `at` (2 to 6 s ago, by default)."""

    at: float
    total: Capacity
    used_by_others: Capacity
    unavailable: Capacity


def take_figures(centre: Centre, group: Group) -> None:
    """Note the group's present figures if they are new, and drop those too old to be read ever again."""
    figures = Figures(centre.clock, group.used_by_others(), group.unavailable())
    past = group.measured
    if not past or past[-1][1:] != figures[1:]:
        past.append(figures)
    while len(past) > 1 and past[1].since <= centre.clock - centre.config.stale_seconds.most:
        past.popleft()


def read_figures(centre: Centre, group: Group) -> Measured:
    """Return what was noted of it some seconds ago; after a restart of the engine, the oldest it has."""
    if not group.measured:
        take_figures(centre, group)
    stale = centre.config.stale_seconds
    random = centre.chance.stream("stale", int(centre.clock // max(stale.most, 1)))
    at = max(centre.clock - draw_range(stale, random), group.measured[0].since)
    figures = next(each for each in reversed(group.measured) if each.since <= at)
    return Measured(at, group.total(), figures.used_by_others, figures.unavailable)
