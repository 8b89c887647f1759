"""Where a kind is served: its paths on the API server."""

import re
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from computility.model.meta import GROUP, VERSION, Kind, ObjectMeta

_SEGMENT = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._:]{0,252}")


class Object(Protocol):
    """A struct that stands for an object: its metadata, and as `KIND` a model Kind or a Resource."""

    KIND: ClassVar[Any]

    @property
    def metadata(self) -> ObjectMeta: ...


class Reported(Object, Protocol):
    """An object with a status of its own."""

    @property
    def status(self) -> object: ...


T = TypeVar("T", bound=Object)


class Resource(NamedTuple):
    """How a kind is addressed; `group` is "" for the core group."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def collection_path(self, namespace: str = "") -> str:
        """Return the path of all objects, or of those in one namespace.

        Raises:
            ValueError: A namespace for a kind that has none, or no name of one.
        """
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        if not namespace:
            return f"{root}/{self.plural}"
        if not self.namespaced:
            raise ValueError(f'{self.kind} is cluster-scoped: leave out namespace "{namespace}"')
        return f"{root}/namespaces/{checked_segment(namespace)}/{self.plural}"

    def home_path(self, namespace: str) -> str:
        """Return the path that an object of this namespace is created at.

        Raises:
            ValueError: The namespace is missing, or given for a cluster-scoped kind.
        """
        if self.namespaced and not namespace:
            raise ValueError(f"{self.kind} is namespaced: say in which namespace")
        return self.collection_path(namespace)

    def object_path(self, namespace: str, name: str, subresource: str = "") -> str:
        """Return the path of one object, or of its subresource such as `status`.

        Raises:
            ValueError: The namespace does not fit the kind's scope, or the name is no object's name.
        """
        path = f"{self.home_path(namespace)}/{checked_segment(name)}"
        return f"{path}/{subresource}" if subresource else path


def checked_segment(text: str) -> str:
    """Return a name unchanged if it can stand in a path.

    An empty name would address the whole collection, and `..` another one.

    Raises:
        ValueError: It cannot.
    """
    if _SEGMENT.fullmatch(text) is None:
        raise ValueError(f'"{text}" is no name of a Kubernetes object')
    return text


@lru_cache(maxsize=256)
def resource_of(type_: type[Object]) -> Resource:
    """Return how a struct's kind is addressed."""
    kind = type_.KIND
    return kind if isinstance(kind, Resource) else resource_of_kind(kind)


def resource_of_kind(kind: Kind) -> Resource:
    """Return how one of our own kinds is addressed."""
    return Resource(GROUP, VERSION, kind.plural, kind.kind, kind.namespaced)
