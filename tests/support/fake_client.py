"""An API server that answers as told."""

from typing import Any

from computility.kube.config import ClusterConfig
from computility.kube.errors import ApiError, Unreachable
from support.stored import stored


class FakeClient:
    """Answers as told; `asked` lists what was asked.

    Attributes:
        found: What a read of any object finds, or the error that it ends with.
        live: The same, for reads of one kind.
        trouble: What writes end with; only those whose `asked` line begins with `trouble_at`.
    """

    config = ClusterConfig("https://hub.example")

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.found: Any = None
        self.listing: Any = None
        self.live: dict[type[Any], Any] = {}
        self.trouble: ApiError | None = None
        self.trouble_at = ""

    async def find(self, type_: type[Any], namespace: str, name: str) -> Any:
        self.asked.append(f"get {name}")
        found = self.live.get(type_, self.found)
        if isinstance(found, ApiError):
            raise found
        return found

    async def list(self, type_: type[Any], **_: Any) -> Any:
        return self.listing

    async def write_status(self, seen: Any, status: Any) -> Any:
        return self._answer(f"patch {seen.metadata.name}", stored(seen, version=99, status=status))

    async def patch(self, type_: type[Any], namespace: str, name: str, patch: Any) -> Any:
        return self._answer(f"patch {name}", self.live.get(type_, self.found))

    async def create(self, value: Any) -> Any:
        return self._answer(f"create {value.metadata.name}", stored(value, version=99))

    async def delete(
        self, _: type[Any], namespace: str, name: str, *, uid: str, resource_version: str = ""
    ) -> bool:
        return self._answer(f"delete {name}", True)

    async def delete_collection(self, _: type[Any], namespace: str, *, label_selector: str) -> None:
        self._answer(f"deletecollection {label_selector.count('cj-')}", None)

    def _answer(self, what: str, answer: Any) -> Any:
        self.asked.append(what)
        if self.trouble is not None and what.startswith(self.trouble_at):
            raise self.trouble
        return answer


def lost(*, is_outcome_unknown: bool = True) -> Unreachable:
    return Unreachable("patch", "/job", "no answer", is_outcome_unknown=is_outcome_unknown)
