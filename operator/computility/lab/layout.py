"""Where the lab keeps its things, and where it finds the project's own files."""

import os
import re
from pathlib import Path

LAB_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?")


class NotACheckout(Exception):
    """A folder of the project's checkout is needed, and this installation has none."""


def tools_cache() -> Path:
    """Return the folder in which the control plane's programs are kept, one folder for each version."""
    return _user_folder("XDG_CACHE_HOME", ".cache") / "computility" / "tools"


def lab_root(name: str) -> Path:
    """Return the folder of the lab of this name, whether it exists or not.

    Raises:
        ValueError: The name is no DNS label of at most 30 characters.
    """
    if LAB_NAME.fullmatch(name) is None:
        raise ValueError(
            f'a lab cannot be named "{name}": use 1 to 30 of a-z, 0-9 and "-", not at the beginning or end'
        )
    return labs_folder() / name


def labs_folder() -> Path:
    """Return the folder that has one of each lab of this user."""
    return _user_folder("XDG_STATE_HOME", ".local/state") / "computility" / "labs"


def centres_folder(root: Path) -> Path:
    """Return the folder that has one of each Slurm centre of a lab."""
    return root / "centres"


def centre_root(root: Path, member: str) -> Path:
    """Return the directory of a Slurm centre of the lab at this root."""
    return centres_folder(root) / member


def checkout_folder(name: str) -> Path:
    """Return a folder at the root of the checkout that this package runs from, such as `toolchain`.

    Raises:
        NotACheckout: The package was installed without its checkout.
    """
    folder = Path(__file__).resolve().parents[3] / name
    if not folder.is_dir():
        raise NotACheckout(
            f'folder "{folder}" is missing: the lab runs from a checkout of the project '
            "(clone it and install it with `pip install --editable .`)"
        )
    return folder


def make_private(folder: Path) -> Path:
    """Create a folder that only its owner may enter, and return it; an existing one is closed to others."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 in one step: a reader sees all of it or the one before it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    beside.replace(path)


def _user_folder(variable: str, default: str) -> Path:
    """Return a base folder as the XDG specification has it: a relative setting counts as none."""
    setting = Path(os.environ.get(variable, ""))
    return setting if setting.is_absolute() else Path.home() / default
