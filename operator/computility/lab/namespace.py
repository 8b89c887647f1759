"""Opening an enclosure: mount and process namespaces of this machine with accounts and daemons of their own.

Only its first process needs root, and gets it by `sudo -n` where we are not root ourselves.
"""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from computility.lab.enclosure import Enclosure, EnclosureError, as_root
from computility.lab.layout import write_private
from computility.lab.plan import Plan
from computility.lab.waiting import NotInTime, wait_until

START_SECONDS = 10.0
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
UNSHARE = ("unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc")


def open_enclosure(plan: Plan) -> Enclosure:
    """Make what a plan describes, and return when it takes requests.

    A `tied` one ends when this process does, however that dies; any other one lives until it is stopped.

    Raises:
        EnclosureError: There is one at this root already, or it could not be made; the message says why.
    """
    root = Path(plan.root)
    if Enclosure(root).is_running():
        raise EnclosureError(f'an enclosure runs already at "{root}": stop it first')
    (root / "log").mkdir(parents=True, exist_ok=True)
    plan_file = root / "plan.json"
    write_private(plan_file, msgspec.json.encode(plan))
    try:
        starter = _spawn(root, plan_file, plan.tied)
        enclosure = Enclosure(root, starter)
        _wait_for_answer(enclosure, starter)
    finally:
        plan_file.unlink()
    return enclosure


def interpreter_paths() -> list[str]:
    """Return the directories that users inside must read to run this very Python with this very package."""
    package = Path(__file__).resolve().parents[2]
    paths = [Path(sys.base_prefix), Path(sys.prefix), package]
    return sorted({str(form) for path in paths for form in (path.absolute(), path.resolve())})


def _wait_for_answer(enclosure: Enclosure, starter: subprocess.Popen[bytes]) -> None:
    def is_decided() -> bool:
        return starter.poll() is not None or enclosure.is_running()

    try:
        wait_until(is_decided, "its answer", timeout_seconds=START_SECONDS)
    except NotInTime as error:
        starter.kill()
        raise EnclosureError(_explain(enclosure.root, str(error))) from error
    if starter.poll() is not None:
        problem = f"its first process ended with code {starter.returncode}"
        raise EnclosureError(_explain(enclosure.root, problem))


def _spawn(root: Path, plan_file: Path, tied: bool) -> subprocess.Popen[bytes]:
    package = Path(__file__).resolve().parents[2]
    python = ["env", "-i", f"PATH={SYSTEM_PATH}", f"PYTHONPATH={package}", sys.executable]
    argv = [*as_root(), *UNSHARE, *python, "-m", "computility.lab.supervisor", str(plan_file)]
    stdin = _lifeline() if tied else os.open(os.devnull, os.O_RDONLY)
    try:
        with (root / "log" / "enclosure.log").open("wb") as log:
            return subprocess.Popen(
                argv, stdin=stdin, stdout=log, stderr=log, cwd="/", start_new_session=True
            )
    finally:
        os.close(stdin)


def _lifeline() -> int:
    """Return the reading end of a pipe, whose writing end stays open until this process dies."""
    reading, _writing = os.pipe()
    return reading


def _explain(root: Path, problem: str) -> str:
    lines = (root / "log" / "enclosure.log").read_text(errors="replace").splitlines()
    return f'cannot open an enclosure at "{root}": {problem}: {lines[-1] if lines else "it said nothing"}'
