"""A copy of a collection and the differences that lists and events make to it. Does no I/O."""

from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeAlias

from computility.kube.codec import Unreadable
from computility.kube.frames import Change, Changed
from computility.kube.listing import Listing
from computility.kube.resource import T
from computility.model.meta import Key, key_of


class Synced(NamedTuple):
    """A whole list has been taken in: what is not in the copy now was not there at that moment."""


class Added(NamedTuple, Generic[T]):
    """An object is new."""

    new: T


class Modified(NamedTuple, Generic[T]):
    """An object, the same by uid, has changed."""

    old: T
    new: T


class Deleted(NamedTuple, Generic[T]):
    """An object is gone; `old` is how it was last seen."""

    old: T


Delta: TypeAlias = Synced | Added[T] | Modified[T] | Deleted[T] | Unreadable


class Mirror(Generic[T]):
    """The copy: readable objects by key, and apart from them those that do not fit their type.

    An object that becomes unreadable leaves `objects` without a Deleted: it is still there.
    """

    def __init__(self) -> None:
        self.objects: dict[Key, T] = {}
        self.unreadable: dict[Key, Unreadable] = {}

    def take_list(self, listing: Listing[T]) -> Iterator[Delta[T]]:
        """Take in a whole list: also what vanished since the last one is told, as Deleted."""
        present = {key_of(item.metadata) for item in listing.items} | {u.key for u in listing.unreadable}
        for key in [key for key in self.objects if key not in present]:
            yield Deleted(self.objects.pop(key))
        self.unreadable.clear()
        for item in listing.items:
            yield from self._put(item)
        for unreadable in listing.unreadable:
            yield from self._put_unreadable(unreadable)
        yield Synced()

    def take_event(self, event: Changed[T]) -> Iterator[Delta[T]]:
        """Take in one change of a watch."""
        if event.change is Change.DELETED:
            yield from self._remove(event.object)
        elif isinstance(event.object, Unreadable):
            yield from self._put_unreadable(event.object)
        else:
            yield from self._put(event.object)

    def _put(self, new: T) -> Iterator[Delta[T]]:
        key = key_of(new.metadata)
        self.unreadable.pop(key, None)
        old, self.objects[key] = self.objects.get(key), new
        if old is None:
            yield Added(new)
        elif old.metadata.uid != new.metadata.uid:
            yield Deleted(old)
            yield Added(new)
        elif old.metadata.resource_version != new.metadata.resource_version:
            yield Modified(old, new)

    def _put_unreadable(self, unreadable: Unreadable) -> Iterator[Delta[T]]:
        old = self.objects.pop(unreadable.key, None)
        self.unreadable[unreadable.key] = unreadable
        if old is not None and old.metadata.uid != unreadable.uid:
            yield Deleted(old)
        yield unreadable

    def _remove(self, gone: T | Unreadable) -> Iterator[Delta[T]]:
        key = gone.key if isinstance(gone, Unreadable) else key_of(gone.metadata)
        self.unreadable.pop(key, None)
        old = self.objects.pop(key, None)
        last = old if isinstance(gone, Unreadable) else gone
        if last is not None:
            yield Deleted(last)
