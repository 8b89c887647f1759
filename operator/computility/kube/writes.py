"""The verbs that change the store."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from computility.kube.asking import Asking
from computility.kube.codec import encode_object
from computility.kube.errors import NotFound
from computility.kube.listing import Selection, build_list_request
from computility.kube.merge_patch import status_patch
from computility.kube.request import APPLY_PATCH, MERGE_PATCH, Request, render_query
from computility.kube.resource import Object, Reported, T, resource_of

A = TypeVar("A")
S = TypeVar("S", bound=Reported)


class Writes(Asking):
    """Create, apply, patch and delete, typed by the structs that stand for the objects.

    There is no whole-object update on purpose: our structs hold the fields that we read, and a PUT
    would erase the others.
    """

    async def create(self, value: T) -> T:
        """Create an object in the namespace of its metadata and return it as stored.

        Raises:
            AlreadyExists: There is one of that name.
            Unreachable: No answer; it may have been created. Look before creating it again.
        """
        resource = resource_of(type(value))
        path = resource.home_path(value.metadata.namespace)
        request = Request(
            "create", path, resource.plural, "", _write_query(self.manager), encode_object(value)
        )
        return await self.ask(type(value), request)

    async def apply(self, value: T, *, force: bool = True, subresource: str = "", manager: str = "") -> T:
        """Create an object or bring it to these fields (server-side apply) and return it as stored.

        Fields that this manager applied before and now leaves out are removed.

        Raises:
            Conflict: Without `force`, another manager owns a field that would change.
        """
        resource, meta = resource_of(type(value)), value.metadata
        path = resource.object_path(meta.namespace, meta.name, subresource)
        query = _write_query(manager or self.manager, force=force)
        body = encode_object(value)
        request = Request("apply", path, resource.plural, subresource, query, body, APPLY_PATCH)
        return await self.ask(type(value), request)

    async def patch(
        self,
        type_: type[T],
        namespace: str,
        name: str,
        patch: Mapping[str, Any],
        *,
        resource_version: str = "",
        subresource: str = "",
    ) -> T:
        """Send a merge patch (null removes a key) and return the object as stored.

        Raises:
            Conflict: The object's resourceVersion is not the given one.
        """
        resource = resource_of(type_)
        path = resource.object_path(namespace, name, subresource)
        body = msgspec.json.encode(_at_version(patch, resource_version))
        query = _write_query(self.manager)
        return await self.ask(
            type_, Request("patch", path, resource.plural, subresource, query, body, MERGE_PATCH)
        )

    async def patch_status(
        self, type_: type[T], namespace: str, name: str, status: Mapping[str, Any], *, resource_version: str
    ) -> T:
        """Send a merge patch of the status, such as `status_patch` makes, and return the object as stored.

        The resourceVersion is required: without it a patch lands on a re-created namesake as well, and
        a stale uid does not stop it.

        Raises:
            Conflict: The object has changed since.
        """
        if not resource_version:
            raise ValueError(
                f'a status patch of "{namespace}/{name}" needs the resourceVersion that it is based on'
            )
        return await self.patch(
            type_,
            namespace,
            name,
            {"status": status},
            resource_version=resource_version,
            subresource="status",
        )

    async def write_status(self, seen: S, status: object) -> S:
        """Bring an object, as last seen, to a new status; when that is equal nothing is sent.

        Raises:
            Conflict: The object has changed since it was seen.
        """
        difference = status_patch(seen.status, status)
        if not difference:
            return seen
        meta = seen.metadata
        return await self.patch_status(
            type(seen), meta.namespace, meta.name, difference, resource_version=meta.resource_version
        )

    async def delete(
        self, type_: type[Object], namespace: str, name: str, *, uid: str = "", resource_version: str = ""
    ) -> bool:
        """Delete one object and its dependents; False means that it was already gone.

        Raises:
            Conflict: The object has another uid or resourceVersion than the one meant.
        """
        resource = resource_of(type_)
        preconditions = {"uid": uid or None, "resourceVersion": resource_version or None}
        body = msgspec.json.encode(_delete_options({k: v for k, v in preconditions.items() if v}))
        try:
            await self.transport.send(
                Request("delete", resource.object_path(namespace, name), resource.plural, body=body)
            )
        except NotFound:
            return False
        return True

    async def delete_collection(self, type_: type[Object], namespace: str, *, label_selector: str) -> None:
        """Delete the objects of a namespace that match a label selector, in one request.

        Raises:
            ValueError: The selector is "", which would delete all of them.
        """
        if not label_selector:
            raise ValueError("a collection is only deleted by a label selector: give one")
        listed = build_list_request(type_, Selection(namespace, label_selector))
        body = msgspec.json.encode(_delete_options({}))
        await self.transport.send(listed._replace(verb="deletecollection", body=body))

    async def post_raw(self, type_: type[A], path: str, body: object) -> A:
        """Post any value that msgspec can encode to any path, and read the answer as a type."""
        request = Request(
            "create", path, "raw", query=_write_query(self.manager), body=msgspec.json.encode(body)
        )
        return await self.ask(type_, request)


@lru_cache(maxsize=64)
def _write_query(manager: str, *, force: bool = False) -> str:
    # Strict: a field that the schema does not know is refused instead of silently dropped.
    return render_query(fieldManager=manager, fieldValidation="Strict", force="true" if force else "")


def _at_version(patch: Mapping[str, Any], resource_version: str) -> Mapping[str, Any]:
    if not resource_version:
        return patch
    metadata = {**patch.get("metadata", {}), "resourceVersion": resource_version}
    return {**patch, "metadata": metadata}


def _delete_options(preconditions: Mapping[str, str]) -> dict[str, object]:
    options: dict[str, object] = {"propagationPolicy": "Background"}
    return options | ({"preconditions": preconditions} if preconditions else {})
