"""One control plane for a whole test session, whatever the number of its worker processes.

The session's first process (xdist's controller, or the only one there is) owns a folder; whichever worker
needs the control plane first starts it there under a lock, the others attach to it. The owner stops it at
its end, and a guard does if the owner is killed.
"""

import fcntl
import os
import tempfile
from pathlib import Path

from computility.lab.control_plane import ControlPlane, NoControlPlane
from computility.lab.crds import install_crds
from computility.lab.guard import guarded, start_guard
from computility.lab.tools import Tools

SESSION_VARIABLE = "COMPUTILITY_TEST_SESSION"
OWNER_VARIABLE = "COMPUTILITY_TEST_OWNER"


def open_session() -> Path:
    """Make this session's folder and tell its path to all processes that start from now on."""
    root = Path(tempfile.mkdtemp(prefix="computility-tests-"))
    os.environ[SESSION_VARIABLE] = str(root)
    os.environ[OWNER_VARIABLE] = str(os.getpid())
    return root


def session_root() -> Path:
    """Return the session's folder."""
    return Path(os.environ[SESSION_VARIABLE])


def shared_control_plane(tools: Tools) -> ControlPlane:
    """Return the session's control plane, with the project's kinds; start it if nobody has."""
    root = session_root()
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return ControlPlane.attach(root)
        except NoControlPlane:
            return _start(root, tools)


def stop_shared_control_plane(root: Path) -> None:
    """Stop the session's control plane, if it was started."""
    try:
        ControlPlane.attach(root).stop()
    except NoControlPlane:
        return


def _start(root: Path, tools: Tools) -> ControlPlane:
    start_guard(root, int(os.environ[OWNER_VARIABLE]))
    plane = ControlPlane.start(root, tools, audit=True)
    with guarded(root):  # a control plane without our kinds is nothing to attach to
        install_crds(tools["kubectl"], plane.admin_kubeconfig)
    return plane
