"""events.k8s.io/v1 Event, with the fields that we write: what `kubectl describe` shows below an object."""

from typing import ClassVar

from computility.kube.resource import Object, Resource, resource_of
from computility.model.base import Value
from computility.model.meta import ObjectMeta

NOTE_BYTES = 1024
"""The API server refuses a longer note."""


class ObjectReference(Value, frozen=True, kw_only=True):
    """Which object an Event is about; by its uid, so that a namesake does not inherit it."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str


class Event(Value, frozen=True, kw_only=True):
    """events.k8s.io/v1 Event; the API server forgets it after an hour, by default."""

    KIND: ClassVar = Resource("events.k8s.io", "v1", "events", "Event", namespaced=True)

    metadata: ObjectMeta = ObjectMeta()
    event_time: str
    type: str
    reason: str
    action: str
    note: str
    regarding: ObjectReference
    reporting_controller: str
    reporting_instance: str


def refer_to(item: Object) -> ObjectReference:
    """Return the reference to an object."""
    resource, meta = resource_of(type(item)), item.metadata
    return ObjectReference(
        api_version=resource.api_version,
        kind=resource.kind,
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
    )


def fit_note(text: str) -> str:
    """Cut a text to what a note may have, between two characters."""
    return text.encode()[:NOTE_BYTES].decode(errors="ignore")
