"""A plain way to ask the API server anything as anybody, and to see its whole answer."""

import json
import ssl
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"


class Answer(NamedTuple):
    """An answer: its status code and its decoded body."""

    code: int
    body: dict[str, Any]

    @property
    def message(self) -> str:
        return str(self.body.get("message", ""))

    @property
    def is_ok(self) -> bool:
        return self.code < 300


class Api:
    """The API server at `url`, asked with an administrator's token, also on behalf of others."""

    def __init__(self, url: str, ca_file: Path, token: str, user: str = "") -> None:
        self._connection = (url, ca_file, token)
        self._tls = ssl.create_default_context(cafile=str(ca_file))
        self._headers = {"Authorization": f"Bearer {token}"} | ({"Impersonate-User": user} if user else {})

    def acting_as(self, user: str) -> "Api":
        return Api(*self._connection, user=user)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        type_: str = JSON,
        accept: str = JSON,
    ) -> Answer:
        """Send one request; an answer of any code is an answer."""
        headers = self._headers | {"Content-Type": type_, "Accept": accept}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._connection[0] + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, context=self._tls, timeout=30) as answer:
                return Answer(answer.status, json.load(answer))
        except HTTPError as refusal:
            return Answer(refusal.code, json.load(refusal))

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def create(self, path: str, body: object) -> Answer:
        """Create with strict field validation: a field that the schema does not know is refused."""
        return self.ask("POST", f"{path}?fieldValidation=Strict", body)

    def patch(self, path: str, body: object) -> Answer:
        return self.ask("PATCH", f"{path}?fieldValidation=Strict", body, type_=MERGE_PATCH)

    def put(self, path: str, body: object) -> Answer:
        return self.ask("PUT", f"{path}?fieldValidation=Strict", body)

    def apply(self, path: str, body: object, manager: str) -> Answer:
        return self.ask("PATCH", f"{path}?fieldManager={manager}", body, type_=APPLY)


def make_namespace(api: Api, name: str) -> str:
    made = api.create("/api/v1/namespaces", {"metadata": {"name": name}})
    assert made.is_ok, made.message
    return name
