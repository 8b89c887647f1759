"""What a request to the API server can end with, one class for each thing a caller may do next."""

from typing import ClassVar, NamedTuple


class Cause(NamedTuple):
    """One field that the API server refused, as in Status.details.causes."""

    field: str
    message: str
    reason: str = ""


class ApiError(Exception):
    """A request that did not do what it was for.

    Attributes:
        status: The HTTP status; 0 when there was no answer.
        reason: The API server's own word, such as `Conflict`; may be "".
        causes: The refused fields, when the API server named them.
        retry_after: Seconds that the server asks to wait before the next try; None if it does not say.
        is_outcome_unknown: Whether a write may have been executed all the same. Read before repeating it.
    """

    is_temporary: ClassVar[bool] = False
    """Whether the same request may succeed later without anybody changing anything."""

    def __init__(
        self,
        verb: str,
        path: str,
        cause: str,
        *,
        status: int = 0,
        reason: str = "",
        causes: tuple[Cause, ...] = (),
        retry_after: float | None = None,
        is_outcome_unknown: bool = False,
    ) -> None:
        super().__init__(f"cannot {verb} {path}: {cause}")
        self.status = status
        self.reason = reason
        self.causes = causes
        self.retry_after = retry_after
        self.is_outcome_unknown = is_outcome_unknown


class BadRequest(ApiError):
    """400: the request is malformed, for instance a field that the schema does not know."""


class Unauthorized(ApiError):
    """401: the token or certificate is not accepted; nothing was executed."""


class Forbidden(ApiError):
    """403: the account may not do this; nothing was executed."""


class NotFound(ApiError):
    """404: there is no such object, or no such kind."""


class Conflict(ApiError):
    """409: the object is not as the writer last saw it; read it again and decide again."""


class AlreadyExists(Conflict):
    """409 for a create: there is an object of that name."""


class Gone(ApiError):
    """410: the resourceVersion or list continuation is too old; list again."""


class Invalid(ApiError):
    """422: the object breaks its schema or a rule; `causes` name the fields."""


class TooManyRequests(ApiError):
    """429: the server has not looked at the request; wait `retry_after` seconds."""

    is_temporary = True


class ServerUnavailable(ApiError):
    """5xx: the server failed; whether a write was executed is unknown."""

    is_temporary = True


class Unreachable(ApiError):
    """No answer, or half of one; `is_outcome_unknown` says whether the request had been sent."""

    is_temporary = True


class UnreadableAnswer(ApiError):
    """The request was executed, but its answer does not fit the type that was asked for."""
