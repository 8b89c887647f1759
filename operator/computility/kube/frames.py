"""A watch's byte stream as events."""

import enum
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Generic, NamedTuple, TypeAlias

import msgspec

from computility.kube.answer import Status, build_error
from computility.kube.codec import Unreadable, decode, decode_or_report
from computility.kube.errors import Unreachable
from computility.kube.request import Request
from computility.kube.resource import T
from computility.model.base import Value
from computility.model.meta import ObjectMeta

_LINE_LIMIT = 16 * 2**20
"""Bytes; ten times what etcd stores of one object. A longer line is no event."""


class Change(enum.Enum):
    """What happened to an object."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


class Changed(NamedTuple, Generic[T]):
    """An object was added, modified or deleted; on deletion it is as it last was."""

    change: Change
    object: T | Unreadable


class Bookmark(NamedTuple):
    """Nothing happened up to this version: the stream is alive."""

    resource_version: str


WatchEvent: TypeAlias = Changed[T] | Bookmark


class _Frame(Value, frozen=True, kw_only=True):
    type: str
    object: msgspec.Raw


class _Bookmarked(Value, frozen=True, kw_only=True):
    metadata: ObjectMeta


_decode_frame = msgspec.json.Decoder(_Frame).decode


async def read_events(
    type_: type[T], request: Request, chunks: AsyncIterator[bytes]
) -> AsyncGenerator[WatchEvent[T], None]:
    """Yield the events of one connection.

    Raises:
        ApiError: The server ended the watch with a Status: Gone when the version is too old.
        Unreachable: The stream is no watch.
    """
    try:
        async for line in split_lines(chunks):
            yield parse_event(type_, request, line)
    except (msgspec.DecodeError, ValueError) as error:
        cause = f"the stream is no watch: {error}"
        raise Unreachable(request.verb, request.path, cause) from error


async def split_lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Cut a stream into its lines; an unfinished last one is dropped, as the watch will repeat it.

    Raises:
        ValueError: A line does not end within 16 MiB.
    """
    pending = bytearray()
    async for chunk in chunks:
        pending += chunk
        if b"\n" in chunk:
            *lines, rest = bytes(pending).split(b"\n")
            pending = bytearray(rest)
            for line in lines:
                yield line
        elif len(pending) > _LINE_LIMIT:
            raise ValueError(f"a watch event does not end within {_LINE_LIMIT} bytes")


def parse_event(type_: type[T], request: Request, line: bytes) -> WatchEvent[T]:
    """Read one line of a watch.

    Raises:
        ApiError: The server ended the watch with a Status: Gone when the version is too old.
        msgspec.DecodeError: The line is no watch event.
        ValueError: It is one of a type that we do not know.
    """
    frame = _decode_frame(line)
    if frame.type == "BOOKMARK":
        return Bookmark(decode(_Bookmarked, frame.object).metadata.resource_version)
    if frame.type == "ERROR":
        status = decode(Status, frame.object)
        raise build_error(request.verb, request.path, status.code or 500, status)
    return Changed(Change(frame.type), decode_or_report(type_, frame.object))


def version_of(event: WatchEvent[T]) -> str:
    """Return the version from which the watch can go on after this event."""
    if isinstance(event, Bookmark):
        return event.resource_version
    found = event.object
    return found.resource_version if isinstance(found, Unreadable) else found.metadata.resource_version
