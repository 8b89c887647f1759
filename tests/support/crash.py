"""Crashes of the agent between any two of its effects: a fuse that blows at the n-th moment."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from computility.agent.journal import Journal
from computility.kube.client import Client
from computility.kube.config import ClusterConfig
from computility.kube.credentials import StaticToken
from computility.kube.errors import Unreachable
from computility.kube.resource import Reported
from computility.lab.control_plane import ControlPlane
from computility.lifecycle.entry import Entry

LATE_SECONDS = 5.0
"""How late a submit arrives whose answer was lost."""
EFFECTS_OF_BACKEND = ("submit", "go", "release", "burn", "cancel", "tidy")


class Crash(BaseException):
    """The process ends here; nothing in it gets to handle that."""


class Fuse:
    """Counts the moments right before and right after each effect, and blows at one of them."""

    def __init__(self, blows_at: int) -> None:
        self._left = blows_at
        self.moment = ""

    @classmethod
    def whole(cls) -> "Fuse":
        """Return a fuse that does not blow."""
        return cls(10**9)

    def burn(self, moment: str) -> None:
        if self._left == 0:
            # What goes on side by side ends too.
            self.moment = self.moment or moment
            raise Crash(self.moment)
        self._left -= 1


class FusedJournal(Journal):
    """A journal whose commits are effects."""

    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self._fuse = fuse

    def write(self, entries: Iterable[Entry]) -> None:
        written = list(entries)
        if not written:
            return
        self._fuse.burn("before a commit")
        super().write(written)
        self._fuse.burn("after a commit")


class FusedClient(Client):
    """A client whose reports are effects, and which may be cut off from the hub for writing."""

    fuse: Fuse
    is_cut_off = False

    @classmethod
    def of(cls, plane: ControlPlane, fuse: Fuse) -> "FusedClient":
        """Build one for the administrator of a control plane."""
        client = cls(ClusterConfig(plane.url, StaticToken(plane.admin_token), ca=plane.ca_file.read_text()))
        client.fuse = fuse
        return client

    async def write_status(self, seen: Reported, status: object) -> Any:
        if self.is_cut_off:
            raise Unreachable("patch", "", "the hub is away", is_outcome_unknown=True)
        self.fuse.burn("before a report")
        answer = await super().write_status(seen, status)
        self.fuse.burn("after a report")
        return answer


class FusedBackend:
    """A backend whose orders are effects."""

    def __init__(self, backend: Any, fuse: Fuse) -> None:
        self._backend = backend
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._backend, name)
        return self._fused(name, asked) if name in EFFECTS_OF_BACKEND else asked

    def _fused(self, name: str, asked: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*arguments: Any) -> Any:
            self._fuse.burn(f"before {name}")
            answer = await asked(*arguments)
            try:
                self._fuse.burn(f"after {name}")
            except Crash:
                if name == "submit":
                    self._backend.hide_for(LATE_SECONDS)
                raise
            return answer

        return call
