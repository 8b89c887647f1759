"""Ways between the provinces of a preset fleet."""

from math import asin, cos, radians, sin, sqrt

from computility.lab.fleets.provinces import DATA_REGION, PROVINCES, Province
from computility.model.data_link import DataLink, DataLinkSpec
from computility.model.meta import ObjectMeta

USABLE_SHARE = 0.7
EARTH_RADIUS_KM = 6371.0
KM_PER_MILLI = 200.0
"""How far light comes in a fibre in 1 ms."""
DETOUR = 1.5
"""How much longer a fibre is than the great circle."""


def links_from_data() -> tuple[DataLink, ...]:
    """Return the ways between the data's region and each other province, the same both ways."""
    home = next(province for province in PROVINCES if province.region == DATA_REGION)
    return tuple(_link(home, other, both_ways=True) for other in PROVINCES if other is not home)


def links_between_all() -> tuple[DataLink, ...]:
    """Return a way from each province to each other; it is as wide as the narrower of their own."""
    return tuple(
        _link(start, end, both_ways=False) for start in PROVINCES for end in PROVINCES if start is not end
    )


def _link(start: Province, end: Province, *, both_ways: bool) -> DataLink:
    spec = DataLinkSpec(
        from_=start.region,
        to=end.region,
        both_ways=both_ways,
        gbps=min(start.gbps, end.gbps),
        usable_share=USABLE_SHARE,
        round_trip_millis=round_trip_millis(start, end),
        cost_per_gb=end.egress,
    )
    return DataLink(metadata=ObjectMeta(name=f"{start.region}-{end.region}".lower()), spec=spec)


def round_trip_millis(start: Province, end: Province) -> float:
    """Reckon a round trip in ms, to a tenth: twice the great circle with a detour, at light's speed in fibre.

    Source: haversine formula on a sphere.
    """
    lat, other = radians(start.latitude), radians(end.latitude)
    east = radians(end.longitude - start.longitude)
    square = sin((other - lat) / 2) ** 2 + cos(lat) * cos(other) * sin(east / 2) ** 2
    kilometres = 2 * EARTH_RADIUS_KM * asin(sqrt(square))
    return round(2 * DETOUR * kilometres / KM_PER_MILLI, 1)
