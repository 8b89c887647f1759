"""The base of every value in the API and the bounded types that its fields are made of."""

import enum
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta


class Value(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An immutable value with camelCase names on the wire; fields it does not know are ignored.

    Fields are left out of the encoded form while they hold their default, so that a status that says
    nothing costs nothing. Compare values and not encodings: msgspec knows a default by identity, so a 3600
    that was decoded is written although it equals the default.
    """


def cut_message(text: str) -> str:
    """Cut a text to what a field for messages takes."""
    return text[:MESSAGE_LENGTH]


def keyed_by(key: str) -> dict[str, object]:
    """Say that a list's items are told apart by one of their fields: the API server refuses two alike."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key]}


# Patterns end in \Z, because in Python $ would let a last newline through; the CRDs get $, Go's word for it.
# Lengths are part of the contract: every string, list and map of the API is bounded, because a tenant
# or a member writes it and the API server, the hub and a command line have to carry it.
DnsLabel = Annotated[str, Meta(min_length=1, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")]
ObjectName = Annotated[str, Meta(min_length=1, max_length=253, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\Z")]
MemberName = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")]
Uid = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[0-9a-zA-Z-]+\Z")]
Word = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9]([-A-Za-z0-9_.+]*[A-Za-z0-9])?\Z")
]
ModuleAlias = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9]([-A-Za-z0-9_.+]*[A-Za-z0-9+])?\Z")
]
"""What a module is called in the network, such as `gcc` or `gtk+`; its names at the centres are others."""
Reason = Annotated[str, Meta(max_length=64, pattern=r"^([A-Z][A-Za-z0-9]*)?\Z")]
MESSAGE_LENGTH = 1024
Message = Annotated[str, Meta(max_length=MESSAGE_LENGTH)]
Tail = Annotated[str, Meta(max_length=2048)]
# Tab, newline and carriage return are text; the other control characters are refused: no operating system
# takes NUL in an argument, and JSON writes each of them in six bytes, so that no bound on size would hold.
TEXT = r"[^\x00-\x08\x0b\x0c\x0e-\x1f]*"
Quantity = Annotated[
    str, Meta(min_length=1, max_length=32, pattern=r"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?\Z")
]
Amount = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[0-9]+(\.[0-9]{1,12})?\Z")]
Price = Annotated[str, Meta(min_length=1, max_length=16, pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?\Z")]
# What a price and the most seconds of the biggest array come to fits an Amount.
Currency = Annotated[str, Meta(min_length=3, max_length=3, pattern=r"^[A-Z]{3}\Z")]
AssignmentName = Annotated[
    str, Meta(min_length=37, max_length=45, pattern=r"^cj-[0-9a-f]{32}-[1-9][0-9]{0,8}\Z")
]
Seconds = Annotated[float, Meta(ge=0, le=1e15)]
Generation = Annotated[int, Meta(ge=-1, le=2**53)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
# The API server takes date-times that nobody can read (year 0000, +99:99, a comma before the fraction): it
# would store an object that the hub could never decode.
_INSTANT = (
    r"^2[0-9]{3}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[-+]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
Instant = Annotated[datetime, Meta(tz=True, extra_json_schema={"pattern": _INSTANT})]
"""A moment that a person writes, from this millennium, with its offset from UTC."""


class Architecture(enum.Enum):
    """What the pool's nodes execute, as GLUE 2 and GOARCH name it."""

    AMD64 = "amd64"
    ARM64 = "arm64"
    LOONG64 = "loong64"
    SW64 = "sw64"
    RISCV64 = "riscv64"
