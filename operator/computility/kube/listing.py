"""Whole lists, read in pages."""

from typing import Generic, NamedTuple

import msgspec

from computility.kube.codec import Page, Unreadable, decode_page
from computility.kube.errors import Gone, UnreadableAnswer
from computility.kube.request import Request, render_query
from computility.kube.resource import T, resource_of
from computility.kube.transport import Transport

PAGE_LIMIT = 500
_PAGED_TRIES = 3


class Listing(NamedTuple, Generic[T]):
    """All objects of one moment, and the version to watch from.

    Unreadable objects are named apart: whoever concludes from an absence has to look there too.
    """

    items: list[T]
    resource_version: str
    unreadable: list[Unreadable]


class Selection(NamedTuple):
    """Which objects of a kind are meant: all, those of a namespace, those that selectors match."""

    namespace: str = ""
    label_selector: str = ""
    field_selector: str = ""


EVERYTHING = Selection()


async def read_list(
    transport: Transport, type_: type[T], selection: Selection, limit: int = PAGE_LIMIT
) -> Listing[T]:
    """Read a whole list of one moment, `limit` objects a request.

    A continuation that has grown too old starts the list anew; when that keeps happening (a list
    slower than etcd's compaction) it is read in one piece.

    Raises:
        ApiError: As its class says; nothing is returned of a list that could not be read whole.
    """
    for _ in range(_PAGED_TRIES):
        try:
            return await _read_pages(transport, type_, selection, limit)
        except Gone:
            continue
    return await _read_pages(transport, type_, selection, limit=0)


async def _read_pages(transport: Transport, type_: type[T], selection: Selection, limit: int) -> Listing[T]:
    page = await _read_page(transport, type_, selection, limit, "")
    listing = Listing(page.items, page.resource_version, page.unreadable)
    while page.continue_token:
        page = await _read_page(transport, type_, selection, limit, page.continue_token)
        listing.items.extend(page.items)
        listing.unreadable.extend(page.unreadable)
    return listing


async def _read_page(
    transport: Transport, type_: type[T], selection: Selection, limit: int, continue_token: str
) -> Page[T]:
    request = build_list_request(type_, selection, limit, continue_token)
    body = await transport.send(request)
    try:
        return decode_page(type_, body)
    except msgspec.DecodeError as error:
        raise UnreadableAnswer(request.verb, request.path, f"{error}", status=200) from error


def build_list_request(
    type_: type[T], selection: Selection, limit: int = 0, continue_token: str = ""
) -> Request:
    """Build the request for one page; limit 0 means everything."""
    resource = resource_of(type_)
    query = render_query(
        limit=limit,
        labelSelector=selection.label_selector,
        fieldSelector=selection.field_selector,
        **{"continue": continue_token},
    )
    return Request("list", resource.collection_path(selection.namespace), resource.plural, query=query)
