"""Requests to the API server as a person makes them: one at a time, and every refusal put into words."""

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from computility.cli.errors import CliError, Unreachable
from computility.cli.refusal import refusal

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = f"{JSON};as=Table;v=v1;g=meta.k8s.io,{JSON}"

Query = tuple[tuple[str, str], ...]

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
PAGE = 500
_REFUSED = 300


class Request(NamedTuple):
    """A request; `doing` is what it is for, in words that go on after "cannot", and stands in its error."""

    doing: str
    method: str
    path: str
    query: Query = ()
    body: object = None
    content_type: str = JSON
    accept: str = JSON


class _ListMeta(msgspec.Struct):
    continue_: str = msgspec.field(default="", name="continue")


class _Page(msgspec.Struct):
    metadata: _ListMeta = msgspec.field(default_factory=_ListMeta)


class Answer(NamedTuple):
    """What came back: the HTTP status and the body as it is."""

    status: int
    body: bytes


class Cluster:
    """The API server of a kubeconfig's context, and the namespace that requests go to by default."""

    def __init__(self, api: Any, namespace: str) -> None:
        self._api = api
        self.namespace = namespace

    def send(self, request: Request) -> Answer:
        """Send one request and read its answer.

        Raises:
            CliError: It was refused, or not answered.
        """
        with _answered(request.doing, self._api.configuration.host):
            response = self._open(request, ANSWER_SECONDS)
            answer = Answer(response.status, response.read())
        if answer.status >= _REFUSED:
            raise refusal(request.doing, answer.status, answer.body)
        return answer

    def pages(self, request: Request) -> Iterator[Any]:
        """Read a list in pages, each as it was decoded.

        Raises:
            CliError: It was refused, or not answered.
        """
        return (msgspec.json.decode(body) for body in self.bodies(request))

    def bodies(self, request: Request) -> Iterator[bytes]:
        """Read a list in pages, each as it came.

        Raises:
            CliError: It was refused, or not answered.
        """
        after: Query = ()
        while True:
            asked = request._replace(query=(*request.query, ("limit", str(PAGE)), *after))
            body = self.send(asked).body
            yield body
            if not (token := msgspec.json.decode(body, type=_Page).metadata.continue_):
                return
            after = (("continue", token),)

    def lines(self, request: Request, silence_seconds: float) -> Iterator[bytes]:
        """Read an answer that goes on, line by line; one that breaks off or falls silent just ends.

        Raises:
            CliError: It was refused, or not answered at all.
        """
        with _answered(request.doing, self._api.configuration.host):
            response = self._open(request, silence_seconds)
        try:
            if response.status >= _REFUSED:
                raise refusal(request.doing, response.status, response.read())
            yield from _split(response.response)
        finally:
            response.response.close()

    def _open(self, request: Request, seconds: float) -> Any:
        prepared = self._api.param_serialize(
            request.method,
            request.path,
            query_params=list(request.query),
            header_params={"Accept": request.accept, "Content-Type": request.content_type},
            body=request.body,
            auth_settings=["BearerToken"],
        )
        return self._api.call_api(*prepared, _request_timeout=(CONNECT_SECONDS, seconds))


def _split(stream: Any) -> Iterator[bytes]:
    """Split what arrives into lines; the rest of a broken line is no line."""
    rest = b""
    for piece in _until_broken(stream):
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines


def _until_broken(stream: Any) -> Iterator[bytes]:
    import urllib3  # noqa: PLC0415 - comes with the extra `cli`

    # Without an amount it hands out each chunk of the answer when it arrives.
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        yield from stream.stream(amt=None)


@contextlib.contextmanager
def _answered(doing: str, server: str) -> Iterator[None]:
    """Turn what the HTTP library says of a connection that failed into our error."""
    import urllib3  # noqa: PLC0415 - comes with the extra `cli`
    from kubernetes.client import ApiException  # noqa: PLC0415

    try:
        yield
    except urllib3.exceptions.HTTPError as error:
        cause = str(error).rpartition(": ")[2]  # before it stand the library's own objects
        raise Unreachable(f"cannot {doing}: no answer from {server}: {cause}") from error
    except ApiException as error:  # TLS failed; refusals are answers and do not come this way
        raise CliError(f"cannot {doing}: {server}: {' '.join(str(error.reason).split())}") from error
