"""The centre's settings for this helper, which only its administrator can have written."""

import json
import os
import re
from typing import List, NamedTuple

from .problem import Problem

CONFIG = "/etc/computility/exec.json"
SETTINGS_BYTES = 64 * 2**10
# sbatch expands % and \ in --output: a root with either could not be named to it.
ROOT = re.compile(r"/[A-Za-z0-9_./-]+")


class Settings(NamedTuple):
    """Where accounts have their directories, and how Slurm's commands are found.

    `module_init` is the script that has bash know `module` on the centre's nodes; "" where it has none.
    """

    root: str
    slurm_conf: str
    path: List[str]
    module_init: str = ""


def read_settings(config: str) -> Settings:
    """Read the centre's settings.

    Raises:
        Problem: They are not the administrator's, or their root has a strange name.
        KeyError, ValueError, OSError: They cannot be read, or say too little.
    """
    with open(config, "rb") as file:
        status = os.fstat(file.fileno())
        if status.st_uid != 0 or status.st_mode & 0o022:
            raise Problem("failed", f"{config} must belong to root and be writable by root alone")
        told = json.loads(file.read(SETTINGS_BYTES).decode())
    if not ROOT.fullmatch(told["root"]):
        raise Problem("failed", "root {!r} in {} has a strange name".format(told["root"], config))
    module_init = told.get("moduleInit", "")
    if module_init and not ROOT.fullmatch(module_init):
        raise Problem("failed", f"moduleInit {module_init!r} in {config} has a strange name")
    return Settings(told["root"], told["slurmConf"], told["path"], module_init)
