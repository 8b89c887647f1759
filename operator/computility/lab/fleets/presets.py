"""The preset fleets that a lab can have, by name."""

from collections.abc import Callable, Mapping

from computility.lab.fleets.p2 import p2_fleet
from computility.lab.fleets.preset import Preset

PRESETS: Mapping[str, Callable[[], Preset]] = {"p2": p2_fleet}
