"""The verbs that change nothing."""

from typing import TypeVar

from computility.kube.asking import Asking
from computility.kube.errors import NotFound
from computility.kube.listing import PAGE_LIMIT, Listing, Selection, read_list
from computility.kube.request import Request
from computility.kube.resource import T, resource_of

A = TypeVar("A")


class Reads(Asking):
    """Get and list, typed by the structs that stand for the objects."""

    async def get(self, type_: type[T], namespace: str, name: str) -> T:
        """Read one object; `namespace` is "" for a cluster-scoped kind.

        Raises:
            NotFound: It is not there.
            UnreadableAnswer: It is there and does not fit the type.
        """
        resource = resource_of(type_)
        path = resource.object_path(namespace, name)
        return await self.ask(type_, Request("get", path, resource.plural))

    async def find(self, type_: type[T], namespace: str, name: str) -> T | None:
        """Read one object, or None if it is not there."""
        try:
            return await self.get(type_, namespace, name)
        except NotFound:
            return None

    async def list(
        self,
        type_: type[T],
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = PAGE_LIMIT,
    ) -> Listing[T]:
        """Read all objects of one moment; namespace "" means everywhere."""
        selection = Selection(namespace, label_selector, field_selector)
        return await read_list(self.transport, type_, selection, limit)

    async def get_raw(self, type_: type[A], path: str) -> A:
        """Read any path (`/version`) as a type that msgspec can decode."""
        return await self.ask(type_, Request("get", path, "raw"))
