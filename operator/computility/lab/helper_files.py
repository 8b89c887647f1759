"""What the lab installs for the agent at a centre: `computility-exec` and its package beside it."""

import sys
from pathlib import Path

from computility import backends

HELPER_NAME = "computility-exec"
HELPER_PACKAGE = "computility_exec"
_ENTRY = "entry.py"
SYSTEM_PYTHON = Path("/usr/bin/python3")
_FIRST_WORD = "#!/usr/bin/python3"


class HelperMissing(Exception):
    """This installation has no helper to install."""


def read_helper_files() -> dict[str, str]:
    """Return relative path → text of what is installed; scripts with the interpreter that tenants can run.

    Raises:
        HelperMissing: The package was installed without it.
    """
    folder = Path(backends.__file__).parent / "slurm" / "exec"
    if not (folder / _ENTRY).is_file():
        raise HelperMissing(f'"{folder / _ENTRY}" is missing: install the whole package')
    sources = {path.name: _with_interpreter(path.read_text()) for path in sorted(folder.glob("*.py"))}
    entry = sources.pop(_ENTRY)
    return {HELPER_NAME: entry} | {f"{HELPER_PACKAGE}/{name}": text for name, text in sources.items()}


def _with_interpreter(text: str) -> str:
    """Let a script run by our own Python where the system has none; tenants can execute either."""
    if SYSTEM_PYTHON.exists():
        return text
    return text.replace(_FIRST_WORD, f"#!{Path(sys.base_prefix) / 'bin' / 'python3'}", 1)
