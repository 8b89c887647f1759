"""The hub's copy of one kind, fed by watches, lists and the answers to its own writes, in any order."""

from collections import OrderedDict
from typing import Generic, NamedTuple

from computility.kube.resource import T
from computility.model.meta import Key, is_newer, key_of

REMEMBERED = 20_000
"""How many uids of deleted objects are kept, against answers that arrive after the deletion."""


class Change(NamedTuple, Generic[T]):
    """What happened to an object: `old` None for a new one, `new` None for one that is gone."""

    old: T | None
    new: T | None


class Shelf(Generic[T]):
    """Objects by key. Of two versions the newer stays: resourceVersions of one kind are ordered."""

    def __init__(self) -> None:
        self.objects: dict[Key, T] = {}
        self._gone: OrderedDict[str, None] = OrderedDict()

    def put(self, new: T) -> list[Change[T]]:
        """Take in an object as somebody saw it; no changes if it says nothing new."""
        meta = new.metadata
        key = key_of(meta)
        old = self.objects.get(key)
        if meta.uid in self._gone or (old is not None and not is_newer(meta, old.metadata)):
            return []
        self.objects[key] = new
        if old is not None and old.metadata.uid != meta.uid:
            self._bury(old.metadata.uid)
            return [Change(old, None), Change(None, new)]
        return [Change(old, new)]

    def drop(self, key: Key, uid: str) -> list[Change[T]]:
        """Take in that the object of this uid is gone; another one of the same name stays."""
        self._bury(uid)
        old = self.objects.get(key)
        if old is None or old.metadata.uid != uid:
            return []
        del self.objects[key]
        return [Change(old, None)]

    def missing_from(self, present: set[Key], resource_version: str) -> list[T]:
        """Return the objects that a whole list of this version does not have, and that are not newer."""
        return [
            item
            for key, item in self.objects.items()
            if key not in present and int(item.metadata.resource_version) <= int(resource_version)
        ]

    def _bury(self, uid: str) -> None:
        self._gone[uid] = None
        if len(self._gone) > REMEMBERED:
            self._gone.popitem(last=False)
