"""Refusals of the API server as typed errors."""

import re

import msgspec

from computility.kube.errors import (
    AlreadyExists,
    ApiError,
    BadRequest,
    Cause,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    ServerUnavailable,
    TooManyRequests,
    Unauthorized,
)
from computility.model.base import Value

_MESSAGE_LIMIT = 1024
"""Characters kept of a server's message: it may repeat what a tenant wrote, at any length."""

# A strict refusal of a patch quotes the whole object, with whatever a tenant keeps in it, before the cause.
_LONG_QUOTE = re.compile(r'"(?:[^"\\]|\\.){101,}"')

_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
    429: TooManyRequests,
}


class StatusCause(Value, frozen=True, kw_only=True):
    """A field and what is wrong with it."""

    field: str = ""
    message: str = ""
    reason: str = ""


class StatusDetails(Value, frozen=True, kw_only=True):
    """What a Status says beyond its message."""

    causes: tuple[StatusCause, ...] | None = None
    retry_after_seconds: int = 0


class Status(Value, frozen=True, kw_only=True):
    """metav1.Status: how the API server words a refusal, also inside a watch."""

    code: int = 0
    reason: str = ""
    message: str = ""
    details: StatusDetails | None = None


_decode_status = msgspec.json.Decoder(Status).decode


def parse_status(body: bytes) -> Status:
    """Read a refusal's body; what is no Status (a proxy's page) becomes one with the text's beginning."""
    try:
        return _decode_status(body)
    except msgspec.DecodeError:
        text = body[: _MESSAGE_LIMIT // 4].decode("utf-8", "replace")
        return Status(message=" ".join(text.split()))


def build_error(verb: str, path: str, code: int, status: Status, retry_after: str = "") -> ApiError:
    """Build the error for an HTTP status (or an in-stream Status code) that is no success.

    Args:
        verb: The Kubernetes verb, for the message.
        path: The URL path without its query, for the message.
        code: The status code that decides the class; codes without a class of their own give ApiError.
        status: What the server said.
        retry_after: The Retry-After header; only its form in whole seconds is understood.
    """
    words = f"{code} {status.reason}".rstrip()
    cause = f"{words}: {_shortened(status.message)}" if status.message else words
    return _class_of(code, status.reason)(
        verb,
        path,
        cause,
        status=code,
        reason=status.reason,
        causes=_causes(status),
        retry_after=_retry_seconds(status, retry_after),
        is_outcome_unknown=code >= 500,
    )


def _shortened(message: str) -> str:
    return _LONG_QUOTE.sub('"…"', message)[:_MESSAGE_LIMIT]


def _class_of(code: int, reason: str) -> type[ApiError]:
    if code >= 500:
        return ServerUnavailable
    if code == 409 and reason == "AlreadyExists":
        return AlreadyExists
    return _BY_STATUS.get(code, ApiError)


def _causes(status: Status) -> tuple[Cause, ...]:
    found = (status.details.causes if status.details else None) or ()
    return tuple(Cause(c.field, _shortened(c.message), c.reason) for c in found)


def _retry_seconds(status: Status, header: str) -> float | None:
    if status.details and status.details.retry_after_seconds > 0:
        return float(status.details.retry_after_seconds)
    return float(header) if header.isascii() and header.isdigit() else None
