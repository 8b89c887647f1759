"""The files that we put into an attempt's working directory: told apart there from what a payload left."""

import hashlib
import os
import stat
from typing import Dict, List

from .checks import FILES_BYTES, is_path
from .files import opened, read_part
from .problem import Answer
from .records import read_job

Inputs = Dict[str, str]
"""Relative path → SHA-256 of the content, in hexadecimal."""


def describe_inputs(files: List[Answer]) -> Inputs:
    """Say what is put where."""
    return {file["path"]: digest(file["content"].encode()) for file in files}


def read_inputs(attempt: int) -> Inputs:
    """Read what was put there; payloads can have changed the record, and then it says less, never more."""
    told = read_job(attempt).get("inputs")
    if not isinstance(told, dict):
        return {}
    return {path: sum_ for path, sum_ in told.items() if is_path(path) and isinstance(sum_, str)}


def has_only(directory: int, inputs: Inputs, prefix: str = "") -> bool:
    """Say whether all that lies below is ours and as we put it; a directory of the payload's is not ours."""
    for name in os.listdir(directory):
        path = prefix + name
        mode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode) and any(file.startswith(path + "/") for file in inputs):
            with opened(directory, name) as below:
                if not has_only(below, inputs, path + "/"):
                    return False
        elif not stat.S_ISREG(mode) or path not in inputs or not is_unchanged(directory, name, inputs[path]):
            return False
    return True


def is_unchanged(directory: int, name: str, digest_before: str) -> bool:
    """Say whether a file still has the content that we gave it."""
    return digest(read_part(directory, name, FILES_BYTES + 1) or b"") == digest_before


def remove(directory: int, inputs: Inputs, prefix: str = "") -> None:
    """Remove our files and the directories that they leave empty.

    Raises:
        OSError: Something else lies there by now; it stays.
    """
    for name in os.listdir(directory):
        path = prefix + name
        if path in inputs:
            os.unlink(name, dir_fd=directory)
            continue
        with opened(directory, name) as below:
            remove(below, inputs, path + "/")
        os.rmdir(name, dir_fd=directory)


def digest(content: bytes) -> str:
    """Return the SHA-256 of some content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
