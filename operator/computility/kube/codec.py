"""Bytes to typed objects and back. Struct decoding is the hot path, so decoders are built once for a type."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from computility.kube.resource import Object, T, resource_of
from computility.model.base import Value
from computility.model.meta import Key, ObjectMeta

A = TypeVar("A")


class Unreadable(NamedTuple):
    """An object that is there but does not fit its type (written by another release, say).

    It is reported and never left out: an object that nobody can read is not an absent one.
    """

    key: Key
    uid: str
    resource_version: str
    error: str


class Page(NamedTuple, Generic[T]):
    """One answer to a list request; `continue_token` is "" on the last one."""

    items: list[T]
    unreadable: list[Unreadable]
    resource_version: str
    continue_token: str


class _ListMeta(Value, frozen=True, kw_only=True):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class _Listed(Value, Generic[T], frozen=True, kw_only=True):
    metadata: _ListMeta = _ListMeta()
    items: list[T] | None = None


class _RawListed(Value, frozen=True, kw_only=True):
    metadata: _ListMeta = _ListMeta()
    items: list[msgspec.Raw] | None = None


class _Headed(Value, frozen=True, kw_only=True):
    metadata: ObjectMeta = ObjectMeta()


_decode_raw_list = msgspec.json.Decoder(_RawListed).decode
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
_decode_head = msgspec.json.Decoder(_Headed).decode


def decode(type_: type[A], body: bytes | msgspec.Raw) -> A:
    """Decode an answer.

    Raises:
        msgspec.DecodeError: It does not fit the type; the message names the field's path.
    """
    known = _decoders.get(type_)
    if known is None:
        known = _decoders[type_] = msgspec.json.Decoder(type_)
    value: A = known.decode(body)
    return value


@lru_cache(maxsize=256)
def _list_decoder_of(type_: type[Object]) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(_Listed[type_]).decode  # type: ignore[valid-type]


def encode_object(value: Object) -> bytes:
    """Encode an object with its apiVersion and kind; fields at their defaults are left out."""
    return _head_of(type(value)) + msgspec.json.encode(value)[1:]


@lru_cache(maxsize=256)
def _head_of(type_: type[Object]) -> bytes:
    # Every object that is sent has a name, so its encoding is never the empty "{}".
    resource = resource_of(type_)
    return f'{{"apiVersion":"{resource.api_version}","kind":"{resource.kind}",'.encode()


def decode_page(type_: type[T], body: bytes) -> Page[T]:
    """Decode an answer to a list request, at once if all fit the type, else one by one.

    Raises:
        msgspec.DecodeError: The answer is no list at all.
    """
    try:
        listed = _list_decoder_of(type_)(body)
    except msgspec.ValidationError:
        return _decode_one_by_one(type_, body)
    return Page(listed.items or [], [], listed.metadata.resource_version, listed.metadata.continue_)


def _decode_one_by_one(type_: type[T], body: bytes) -> Page[T]:
    listed = _decode_raw_list(body)
    page: Page[T] = Page([], [], listed.metadata.resource_version, listed.metadata.continue_)
    for raw in listed.items or ():
        item = decode_or_report(type_, raw)
        if isinstance(item, Unreadable):
            page.unreadable.append(item)
        else:
            page.items.append(item)
    return page


def decode_or_report(type_: type[T], raw: bytes | msgspec.Raw) -> T | Unreadable:
    """Decode one object, or say which one does not fit and why (the field's path, not its value).

    Raises:
        msgspec.DecodeError: It is not even an object with metadata.
    """
    try:
        return decode(type_, raw)
    except msgspec.ValidationError as error:
        meta = _decode_head(raw).metadata
        return Unreadable(Key(meta.namespace, meta.name), meta.uid, meta.resource_version, str(error))
