"""What breaks at a simulated centre, by chance or by plan."""

from typing import Annotated

from msgspec import Meta

from computility.model.base import Value

MeanSeconds = Annotated[float, Meta(gt=0)] | None


class Range(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Values drawn evenly between two bounds."""

    least: Annotated[float, Meta(ge=0)]
    most: Annotated[float, Meta(ge=0)]


class Window(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A span of virtual time."""

    start: Annotated[float, Meta(description="When it begins, in seconds since the epoch.")]
    seconds: Annotated[float, Meta(gt=0, description="How long it lasts.")]

    @property
    def end(self) -> float:
        return self.start + self.seconds


class Faults(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What breaks; nothing, unless it is said. Chance faults come after exponential gaps."""

    node_failure_gap_seconds: Annotated[
        MeanSeconds, Meta(description="Mean time between failures of one node; unset means never.")
    ] = None
    detection_seconds: Annotated[
        Range, Meta(description="How long the controller takes a dead node for a live one.")
    ] = Range(least=15, most=30)
    repair_seconds: Annotated[Range, Meta(description="From a node's failure until it works again.")] = Range(
        least=600, most=7200
    )
    crash_gap_seconds: Annotated[
        MeanSeconds, Meta(description="Mean time between crashes of the controller; unset means never.")
    ] = None
    forgets_seconds: Annotated[
        Range, Meta(description="A crash forgets what was submitted in these last seconds; ids are reused.")
    ] = Range(least=0, most=5)
    restart_seconds: Annotated[Range, Meta(description="How long the controller is away after a crash.")] = (
        Range(least=1, most=10)
    )
    outage_gap_seconds: Annotated[
        MeanSeconds, Meta(description="Mean time between outages of the controller; unset means never.")
    ] = None
    outage_seconds: Annotated[Range, Meta(description="How long such an outage lasts.")] = Range(
        least=30, most=600
    )
    outages: Annotated[tuple[Window, ...], Meta(description="Outages at set times.")] = ()
