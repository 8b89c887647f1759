"""Files: always below an open directory, never through a link, never half-written."""

import contextlib
import errno
import os
import stat
from typing import Iterator, Optional

# What an account's owner can do to its own directories and files; a disk or a network fails otherwise.
# EWOULDBLOCK: a lease on a file (fcntl(2)), by which its owner lets every open wait.
OWNERS_DOING = (errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EWOULDBLOCK)


def make_directory(above: int, name: str) -> None:
    """Make a directory in a directory, unless there is one."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=above)


def open_directory(above: int, name: str, make: bool = True) -> int:
    """Open a directory in a directory, made if it is missing."""
    if make:
        make_directory(above, name)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)


@contextlib.contextmanager
def opened(above: int, name: str, make: bool = False) -> Iterator[int]:
    """Have a directory in a directory open for a while."""
    directory = open_directory(above, name, make)
    try:
        yield directory
    finally:
        os.close(directory)


def write_new(directory: int, name: str, content: bytes, mode: int = 0o600) -> None:
    """Write a file that must not exist yet, down to the disk."""
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode, dir_fd=directory)
    with os.fdopen(file, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(file)


def write_whole(directory: int, name: str, content: bytes, mode: int = 0o600) -> None:
    """Write a file so that it is never seen in part, and survives a crash."""
    beside = f".{name[:64]}.{os.urandom(8).hex()}"
    write_new(directory, beside, content, mode)
    os.replace(beside, name, src_dir_fd=directory, dst_dir_fd=directory)
    os.fsync(directory)


def is_there(directory: int, name: str) -> bool:
    """Say whether anything has this name, whatever it is; a link itself counts."""
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def sized(directory: int, name: str) -> int:
    """Return how many bytes a regular file has; 0 for anything else."""
    try:
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def read_part(directory: int, name: str, limit: int, start: int = 0) -> Optional[bytes]:
    """Read `limit` bytes of a regular file from `start`, below 0 from its end; None if there is none."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
            return None
        raise
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return None
        begin = start if start >= 0 else max(0, status.st_size + start)
        return read_at(file, min(limit, max(0, status.st_size - begin)), begin)
    finally:
        os.close(file)


def read_at(file: int, limit: int, start: int) -> bytes:
    """Read `limit` bytes, or as many as there are; to make a stream of it would take longer."""
    whole = b""
    while len(whole) < limit:
        part = os.pread(file, limit - len(whole), start + len(whole))
        if not part:
            break
        whole += part
    return whole
