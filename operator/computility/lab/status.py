"""Which parts of a lab run."""

from pathlib import Path

import msgspec

from computility.lab.lab import Lab
from computility.lab.processes import find_daemon


class Part(msgspec.Struct, frozen=True):
    """One process of a lab."""

    name: str
    runs: bool
    log: Path


def parts_of(lab: Lab) -> list[Part]:
    """Return every part that the lab should have, those of the hub's side first."""
    parts = []
    for name, log in lab.logs().items():
        daemon = find_daemon(lab.root, name)
        runs = daemon.is_running() if daemon is not None else lab.centre.is_alive(name)
        parts.append(Part(name, runs, log))
    return parts
