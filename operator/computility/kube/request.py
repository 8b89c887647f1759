"""One request to the API server, as a value."""

from typing import NamedTuple
from urllib.parse import urlencode

MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
JSON = "application/json"

_METHODS = {
    "get": "GET",
    "list": "GET",
    "watch": "GET",
    "create": "POST",
    "patch": "PATCH",
    "apply": "PATCH",
    "delete": "DELETE",
    "deletecollection": "DELETE",
}
_READS = frozenset({"get", "list", "watch"})


class Request(NamedTuple):
    """One request: `verb` is Kubernetes' word, `resource` the plural that counters show."""

    verb: str
    path: str
    resource: str
    subresource: str = ""
    query: str = ""
    body: bytes | None = None
    content_type: str = JSON

    @property
    def method(self) -> str:
        return _METHODS[self.verb]

    @property
    def is_read(self) -> bool:
        return self.verb in _READS

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def render_query(**parameters: str | int) -> str:
    """Write a query string; parameters that are "" or 0 are left out."""
    return urlencode({name: value for name, value in parameters.items() if value not in ("", 0)})
