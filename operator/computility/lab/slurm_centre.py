"""Starting and ending real Slurm centres: controller, nodes, an agent's user and tenants.

Everything of a centre lives in an enclosure (`namespace.py`): the host's accounts, sudo rules and files stay
as they are, and when the enclosure's first process ends, nothing of the centre runs any more.
"""

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
from computility.lab.site import SlurmSite
from computility.lab.slurm_config import (
    CENTRE_NAME,
    MUNGE_DIRECTORY,
    MUNGE_KEY,
    MUNGE_SOCKET,
    CentreSpec,
    build_plan,
)
from computility.lab.uids import free_uids

__all__ = ["Centre", "CentreError", "start_centre", "start_site", "stop_centre"]

MUNGED = "munged"


def start_centre(
    root: Path, name: str, *, tied: bool = False, reveal: Sequence[Path] = (), **sizes: Any
) -> Centre:
    """Start a centre that a test asks for; `sizes` are other fields of `SlurmSite`. See `start_site`."""
    return start_site(root, SlurmSite(name=name, **sizes), tied=tied, reveal=reveal)


def start_site(root: Path, site: SlurmSite, *, tied: bool = False, reveal: Sequence[Path] = ()) -> Centre:
    """Start a centre and return when all its nodes are idle: about a second.

    Args:
        root: Its directory on this machine; made if need be.
        site: What it consists of; its name is Slurm's ClusterName, at most 30 characters.
        tied: Whether it ends when this process does, however that dies (for tests).
        reveal: Further directories that its users may read, at their own paths.

    Raises:
        CentreError: It could not be started; nothing of it is left running.
    """
    _refuse_name(site.name)
    if missing := missing_programs():
        raise CentreError(f"cannot start a Slurm centre without {', '.join(missing)}: {REMEDY}")
    root = root.resolve()
    spec = _give_numbers(site)
    centre = Centre(spec, _open(spec, root, reveal, tied))
    try:
        _start_daemons(centre)
    except BaseException:
        centre.stop()
        raise
    return centre


def _refuse_name(name: str) -> None:
    if CENTRE_NAME.fullmatch(name) is None:
        raise CentreError(
            f'a centre cannot be named "{name}": use 2 to 30 of a-z, 0-9 and "-", a letter first'
        )


def _give_numbers(site: SlurmSite) -> CentreSpec:
    controller_port, *node_ports = free_ports(1 + len(site.nodes))
    return CentreSpec(
        **msgspec.structs.asdict(site),
        controller_port=controller_port,
        node_ports=node_ports,
        first_uid=free_uids(),
    )


def stop_centre(root: Path) -> bool:
    """End the centre at this root and remove its files, whether it runs, was killed or never was.

    Returns:
        Whether it ran.
    """
    enclosure = Enclosure(root)
    was_running = enclosure.is_running()
    enclosure.stop()
    leftover = root.resolve() / "srv"
    if leftover.exists():  # the enclosure was killed; what is in there belongs to users that no longer exist
        subprocess.run([*as_root(), "rm", "-rf", "--", str(leftover)], check=True)
    spec_file(root).unlink(missing_ok=True)
    return was_running


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
