"""What the lab installs for the agent at a centre: `computility-exec` and whatever lies beside it."""

import sys
from pathlib import Path

from computility import backends

HELPER_NAME = "computility-exec"
_SOURCE = "computility_exec.py"
SYSTEM_PYTHON = Path("/usr/bin/python3")
_FIRST_WORD = "#!/usr/bin/python3"


class HelperMissing(Exception):
    """This installation has no helper to install."""


def read_helper_files() -> dict[str, str]:
    """Return name → text of the helper, with the interpreter that tenants can run, and of its companions.

    Raises:
        HelperMissing: The package was installed without it.
    """
    folder = Path(backends.__file__).parent / "slurm" / "exec"
    if not (folder / _SOURCE).is_file():
        raise HelperMissing(f'"{folder / _SOURCE}" is missing: install the whole package')
    files = {path.name: _with_interpreter(path.read_text()) for path in sorted(folder.glob("*.py"))}
    files[HELPER_NAME] = files.pop(_SOURCE)
    return files


def _with_interpreter(text: str) -> str:
    """Let a script run by our own Python where the system has none; tenants can execute either."""
    if SYSTEM_PYTHON.exists():
        return text
    return text.replace(_FIRST_WORD, f"#!{Path(sys.base_prefix) / 'bin' / 'python3'}", 1)
