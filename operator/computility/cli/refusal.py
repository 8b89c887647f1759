"""What the API server answers when it refuses, as an error that says what to do."""

import msgspec

from computility.cli.errors import CliError, Expired, Forbidden, NameTaken, NotFound, Unreachable

_NOT_LOGGED_IN, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _GONE, _TOO_MANY = 401, 403, 404, 409, 410, 429
_SERVER_ERROR = 500
_OFFERS = {"datalinks", "memberclusters", "namespaces", "resourcepools"}


class _Cause(msgspec.Struct):
    message: str = ""
    field: str = ""


class _Details(msgspec.Struct):
    name: str = ""
    kind: str = ""
    causes: tuple[_Cause, ...] = ()


class Status(msgspec.Struct):
    """The part of a Kubernetes Status that people need."""

    message: str = ""
    reason: str = ""
    code: int = 0
    details: _Details | None = None

    @property
    def causes(self) -> tuple[_Cause, ...]:
        return self.details.causes if self.details else ()


def refusal(doing: str, status: int, body: bytes) -> CliError:
    """Build the error for an answer of this HTTP status.

    Args:
        doing: What the request was for, in words that go on after "cannot".
        status: The HTTP status.
        body: A Status as JSON, or what a proxy in between wrote.
    """
    said = _parse(body)
    fields = [cause for cause in said.causes if cause.field]
    if fields:
        return CliError("\n".join([f"cannot {doing}:", *(f"  {c.field}: {c.message}" for c in fields)]))
    return _kind(status, said)(f"cannot {doing}: {_words(status, said)}")


def _parse(body: bytes) -> Status:
    try:
        return msgspec.json.decode(body, type=Status)
    except msgspec.DecodeError:
        return Status(message=" ".join(body[:200].decode(errors="replace").split()))


def _kind(status: int, said: Status) -> type[CliError]:
    if status == _GONE:
        return Expired
    if status == _FORBIDDEN:
        return Forbidden
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        return Unreachable
    if status == _CONFLICT and said.reason == "AlreadyExists":
        return NameTaken
    return NotFound if status == _NOT_FOUND and said.details and said.details.name else CliError


def _words(status: int, said: Status) -> str:
    match status:
        case 401:
            return "the API server does not accept your credentials: log in again, or check --context"
        case 403:
            return f"{said.message}: ask for the role {_role_for(said)}"
        case 404 if not (said.details and said.details.name):
            return "the API server has no ComputeJobs: is this the hub? Check --context and --kubeconfig"
        case _:
            return said.message or f"the API server answered {status} without a word"


def _role_for(said: Status) -> str:
    """Name the role that has the right, and where to bind it; `kind` is a plural in the details of a 403."""
    if said.details and said.details.kind in _OFFERS:
        return "computility-viewer in all namespaces"
    return "computility-tenant in that namespace"
