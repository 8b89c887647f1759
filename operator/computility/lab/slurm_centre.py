"""Starting and ending real Slurm centres: controller, four nodes, an agent's user and two tenants.

Everything of a centre lives in an enclosure (`namespace.py`): the host's accounts, sudo rules and files stay
as they are, and when the enclosure's first process ends, nothing of the centre runs any more.
"""

import grp
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from computility.lab.centre import Centre, CentreError, spec_file
from computility.lab.enclosure import Enclosure, EnclosureError, as_root
from computility.lab.helper_files import read_helper_files
from computility.lab.loopback import free_ports
from computility.lab.namespace import interpreter_paths, open_enclosure
from computility.lab.packages import REMEDY, missing_programs
from computility.lab.slurm_config import (
    CENTRE_NAME,
    MUNGE_DIRECTORY,
    MUNGE_KEY,
    MUNGE_SOCKET,
    CentreSpec,
    build_plan,
)

__all__ = ["Centre", "CentreError", "start_centre", "stop_centre"]

MUNGED = "munged"
FIRST_UID, UIDS = 64200, 16


def start_centre(
    root: Path, name: str, *, tied: bool = False, reveal: Sequence[Path] = (), **sizes: Any
) -> Centre:
    """Start a centre and return when all its nodes are idle: about a second.

    Args:
        root: Its directory on this machine; made if need be.
        name: Slurm's ClusterName, at most 30 characters.
        tied: Whether it ends when this process does, however that dies (for tests).
        reveal: Further directories that its users may read, at their own paths.
        sizes: Other fields of `CentreSpec`: `cpus_per_node`, `memory_mib`, `pools`, `tenants`, ...

    Raises:
        CentreError: It could not be started; nothing of it is left running.
    """
    if CENTRE_NAME.fullmatch(name) is None:
        raise CentreError(
            f'a centre cannot be named "{name}": use 2 to 30 of a-z, 0-9 and "-", a letter first'
        )
    if missing := missing_programs():
        raise CentreError(f"cannot start a Slurm centre without {', '.join(missing)}: {REMEDY}")
    root = root.resolve()
    ports = free_ports(5)
    spec = CentreSpec(
        name=name, controller_port=ports[0], node_ports=ports[1:], first_uid=_free_uids(), **sizes
    )
    centre = Centre(spec, _open(spec, root, reveal, tied))
    try:
        _start_daemons(centre)
    except BaseException:
        centre.stop()
        raise
    return centre


def stop_centre(root: Path) -> None:
    """End the centre at this root and remove its files, whether it runs, was killed or never was."""
    Enclosure(root).stop()
    leftover = root.resolve() / "srv"
    if leftover.exists():  # the enclosure was killed; what is in there belongs to users that no longer exist
        subprocess.run([*as_root(), "rm", "-rf", "--", str(leftover)], check=True)
    spec_file(root).unlink(missing_ok=True)


def _open(spec: CentreSpec, root: Path, reveal: Sequence[Path], tied: bool) -> Enclosure:
    revealed = [*interpreter_paths(), *(str(path) for path in reveal)]
    plan = build_plan(spec, root, reveal=revealed, helper_files=read_helper_files(), tied=tied)
    try:
        enclosure = open_enclosure(plan)
    except EnclosureError as error:
        raise CentreError(f'cannot start centre "{spec.name}": {error}') from error
    spec_file(root).write_bytes(msgspec.json.encode(spec))
    return enclosure


def start_munged(centre: Centre) -> None:
    """Start munged, without which nobody inside can speak to Slurm, and wait for its socket."""
    munged = ["munged", "--foreground", "--force", "--socket", MUNGE_SOCKET, "--key-file", MUNGE_KEY]
    files = [f"--{kind}-file={MUNGE_DIRECTORY}/{kind}" for kind in ("pid", "log", "seed")]
    socket = centre.enclosure.root / MUNGE_SOCKET.lstrip("/")
    left = _made_at(socket)  # by one that was killed
    centre.start(MUNGED, [*munged, *files], user="slurm")
    centre.wait_for(lambda: _made_at(socket) not in (None, left), MUNGED)


def _made_at(path: Path) -> int | None:
    return path.stat().st_ctime_ns if path.exists() else None


def _start_daemons(centre: Centre) -> None:
    start_munged(centre)
    centre.start_controller()
    for number in range(len(centre.spec.nodes)):
        centre.node_up(number)
    centre.wait_idle()


def _free_uids() -> int:
    """Return the first of `UIDS` numbers in a row that this machine gives to no user and no group."""
    taken = {entry.pw_uid for entry in pwd.getpwall()} | {entry.gr_gid for entry in grp.getgrall()}
    blocks = (range(first, first + UIDS) for first in range(FIRST_UID, 65000, UIDS))
    return next(block.start for block in blocks if taken.isdisjoint(block))
