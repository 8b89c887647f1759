"""The few mounts that a private view of this machine consists of.

Everything here changes what the calling process sees: it is for the inside of a private mount namespace only.
"""

import ctypes
import os
import stat
from pathlib import Path

READ_ONLY, NO_SUID, REMOUNT, BIND, RECURSIVE = 1, 2, 32, 4096, 16384
"""Flags of mount(2), from linux/mount.h."""

_libc = ctypes.CDLL(None, use_errno=True)


class HiddenDirectory(Exception):
    """A directory that other users must read is closed to them by its own mode."""


def mount(source: str, target: Path, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Put a file system, or what is seen at `source`, also at `target`; the flags are the kernel's.

    Raises:
        OSError: The kernel refused; the error names source and target.
    """
    texts = [os.fsencode(text) for text in (source, target, kind)]
    if _libc.mount(*texts, ctypes.c_ulong(flags), os.fsencode(options)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot mount: {os.strerror(number)}", source, None, str(target))


def mount_empty(target: Path, mode: int = 0o755) -> None:
    """Put an empty file system in memory over a directory; devices may be made on it."""
    mount("tmpfs", target, kind="tmpfs", options=f"mode={mode:o}")


def hold(path: Path) -> int:
    """Return a descriptor that reaches a directory whatever is later mounted over its path."""
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


def bind(held: int, target: Path) -> None:
    """Show a held file or directory also at another path."""
    mount(f"/proc/self/fd/{held}", target, flags=BIND | RECURSIVE)


def bind_read_only(held: int, target: Path) -> None:
    """Show a held directory also at another path, where nobody may change it."""
    bind(held, target)
    mount("none", target, flags=BIND | REMOUNT | READ_ONLY | NO_SUID)


def reveal(path: Path, held: int) -> None:
    """Make a held directory reachable by every user at its own path, read-only.

    A directory on the way that is closed to others (a home of mode 0700) is covered by an empty one, in
    which only the way to `path` exists; nothing else of it is shown, and its mode on the host stays.

    Raises:
        HiddenDirectory: The directory's own mode keeps other users out.
    """
    if not _is_open(os.fstat(held), stat.S_IROTH | stat.S_IXOTH):
        raise HiddenDirectory(f'users of the lab cannot read "{path}": run chmod o+rx on it, or move it')
    if _is_reachable(path, held):
        return
    barrier = next((parent for parent in reversed(path.parents) if _is_closed(parent)), None)
    if barrier:
        mount_empty(barrier)
    path.mkdir(parents=True, exist_ok=True)
    bind_read_only(held, path)


def _is_reachable(path: Path, held: int) -> bool:
    there = path.exists() and os.path.samestat(path.stat(), os.fstat(held))
    return there and not any(_is_closed(parent) for parent in path.parents)


def _is_closed(directory: Path) -> bool:
    return directory.exists() and not _is_open(directory.stat(), stat.S_IXOTH)


def _is_open(status: os.stat_result, bits: int) -> bool:
    return status.st_mode & bits == bits
