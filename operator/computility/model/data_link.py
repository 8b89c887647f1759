"""DataLink: what is known of the way between two places."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from computility.model.base import Currency, Price, Value
from computility.model.meta import Column, Kind, ObjectMeta
from computility.model.pool_facts import Source

Place = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=57,
        pattern=r"^([A-Z]{2}-[A-Z0-9]{1,3}|member/[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?)\Z",
    ),
]
"""A region by its ISO 3166-2 code, or one centre in it as `member/<name>`."""

MEMBER = "member/"


class DataLinkSpec(Value, frozen=True, kw_only=True):
    """What the platform team knows of the way from one place to another."""

    from_: Annotated[
        Place, Meta(description="Where bytes leave: a region such as `CN-SH`, or `member/<name>`.")
    ] = msgspec.field(name="from")
    to: Annotated[Place, Meta(description="Where they arrive, likewise.")]
    both_ways: Annotated[bool, Meta(description="Whether the same holds for the way back.")] = False
    gbps: Annotated[float, Meta(gt=0, le=100_000, description="Bandwidth in Gbit/s, 10^9 bits.")]
    usable_share: Annotated[
        float, Meta(gt=0, le=1, description="Share of the bandwidth that a transfer gets.")
    ] = 0.7
    round_trip_millis: Annotated[
        Annotated[float, Meta(ge=0, le=60_000)] | None,
        Meta(description="Round trip in ms; unset: unknown, and no latency class holds."),
    ] = None
    cost_per_gb: Annotated[
        Price, Meta(description="Price of one GB (10^9 bytes) that goes this way, in `currency`.")
    ] = msgspec.field(name="costPerGB", default="0")
    currency: Annotated[Currency, Meta(description="ISO 4217 code of `costPerGB`.")] = "CNY"
    source: Annotated[Source, Meta(description="Where the figures come from.")] = Source.NOMINAL


class DataLink(Value, frozen=True, kw_only=True):
    """What is known of the way between two places."""

    KIND: ClassVar = Kind(
        kind="DataLink",
        plural="datalinks",
        short_name="dlink",
        namespaced=False,
        description="What is known of the way between two places: bandwidth, round trip, price.",
        columns=(
            Column("From", "string", ".spec.from"),
            Column("To", "string", ".spec.to"),
            Column("Gbps", "number", ".spec.gbps"),
            Column("RTT-ms", "number", ".spec.roundTripMillis"),
            Column("Per-GB", "string", ".spec.costPerGB"),
        ),
    )

    metadata: ObjectMeta = ObjectMeta()
    spec: DataLinkSpec = msgspec.field()
