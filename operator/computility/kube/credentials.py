"""Bearer tokens: constant ones, and files that somebody else keeps fresh."""

import math
from pathlib import Path
from typing import Protocol

from computility.kube.config_error import ConfigError


class Credentials(Protocol):
    """Where the bearer token of the next request comes from."""

    def token(self, now: float) -> str:
        """Return the token at a monotonic time in seconds; "" when requests carry none."""

    def reread(self, now: float) -> bool:
        """Look for a new token after a 401 and say whether there is one worth another try."""


class StaticToken:
    """A token that never changes, or none at all (client certificates)."""

    def __init__(self, token: str = "") -> None:
        self._token = token

    def token(self, now: float) -> str:  # noqa: ARG002 - the protocol's
        return self._token

    def reread(self, now: float) -> bool:  # noqa: ARG002 - the protocol's
        return False


class TokenFile:
    """A token file that is read again every `reread_seconds` and at once after a 401.

    Reading a file of 1 KiB costs less than a request by two orders, so it is done in the event loop.
    """

    def __init__(self, path: Path, *, reread_seconds: float = 10.0) -> None:
        self._path = path
        self._reread_seconds = reread_seconds
        self._token = ""
        self._read_at = -math.inf

    def token(self, now: float) -> str:
        """Return the current token.

        Raises:
            ConfigError: The file was never readable.
        """
        if now - self._read_at >= self._reread_seconds:
            self.reread(now)
        return self._token

    def reread(self, now: float) -> bool:
        before = self._token
        self._token = self._read() or before
        self._read_at = now
        return self._token != before

    def _read(self) -> str:
        # Once we have a token, a file that is being replaced is no reason to stop.
        try:
            text = self._path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            if self._token:
                return ""
            raise ConfigError(f'cannot read the token file "{self._path}": {_cause(error)}') from error
        if not text and not self._token:
            raise ConfigError(f'the token file "{self._path}" is empty: write the bearer token into it')
        return text


def _cause(error: OSError | UnicodeDecodeError) -> str:
    # A decode error's own text repeats bytes of the token.
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else "it is not ASCII"
