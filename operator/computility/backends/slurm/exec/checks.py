"""What a submit may ask for. The agent checks too; this is what holds when somebody else has sudo's rule."""

import re
from typing import Any

from .indices import MAX_ARRAY_SIZE, read_chunk
from .problem import Answer, Problem

# What an agent of the release before does not say: at an upgrade the helper is changed first.
UNSAID = {"scratchBytes": 0, "modules": [], "mpi": ""}
FILES_BYTES = 256 * 2**10
WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
# What would change the loader, a shell's start or Slurm's commands on the way to the payload: srun and the
# task prolog run in its environment. All else reaches the payload alone. As `RESERVED_ENV` of the model.
ENV_RESERVED = re.compile(
    "(?:LD_PRELOAD|LD_AUDIT|BASH_ENV|SHELLOPTS|BASHOPTS|(?:SLURMD?|SBATCH|SRUN|COMPUTILITY)_.*)"
)
MODULE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*")
FILE_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def check_request(request: Answer) -> None:
    """Check everything that a submit takes.

    Raises:
        Problem: A part is missing, of another type or not allowed; the message names it.
    """
    numbers = (
        ("nodes", 1, 10**6), ("tasksPerNode", 1, 4096), ("cpusPerTask", 1, 4096), ("cardsPerNode", 0, 1024),
        ("memoryMiB", 0, 2**40), ("maxRunSeconds", 1, 31536000), ("graceSeconds", 0, 3600),
        ("scratchBytes", 0, 2**80),
    )  # fmt: skip
    for key, least, most in numbers:
        number = request.get(key)
        require(type(number) is int and least <= number <= most, key, number)
    for key, optional in (("partition", False), ("schedulerAccount", True), ("qos", True)):
        word = request.get(key)
        require(isinstance(word, str) and (WORD.fullmatch(word) or (optional and word == "")), key, word)
    modules: Any = request.get("modules")
    fine = isinstance(modules, list) and len(modules) <= 512 and all(map(is_module, modules))
    require(fine, "modules", modules)
    if "array" in request:
        check_array(request)
    launcher, mpi = request.get("launcher"), request.get("mpi")
    require(launcher in ("single", "perNode", "perTask", "mpi"), "launcher", launcher)
    fine = isinstance(mpi, str) and (bool(WORD.fullmatch(mpi)) if launcher == "mpi" else mpi == "")
    require(fine, "mpi", mpi)
    check_texts(request)


def check_array(request: Answer) -> None:
    """Check what only an array has."""
    read_chunk(request)
    size: Any = request.get("arraySize")
    require(type(size) is int and 1 <= size <= MAX_ARRAY_SIZE, "arraySize", size)
    most: Any = request.get("maxConcurrent")
    require(most is None or (type(most) is int and 1 <= most <= MAX_ARRAY_SIZE), "maxConcurrent", most)


def check_texts(request: Answer) -> None:
    """Check the tenant's own text; it goes into files only."""
    command: Any = request.get("command")
    script: Any = request.get("script")
    require(isinstance(command, list) and all(is_text(part, 4096) for part in command), "command", command)
    require(script is None or (is_text(script, 65536) and script.startswith("#!")), "script", script)
    require(bool(command) != bool(script), "command or script, exactly one", command)
    files: Any = request.get("files")
    env: Any = request.get("env")
    require(isinstance(files, list) and len(files) <= 64, "files", files)
    for file in files:
        require(isinstance(file, dict), "files[]", file)
        require(is_path(file.get("path")), "files[].path", file.get("path"))
        require(is_text(file.get("content"), FILES_BYTES), "files[].content of", file["path"])
    require(sum(len(file["content"].encode()) for file in files) <= FILES_BYTES, "files, in all", len(files))
    require(isinstance(env, list) and len(env) <= 256, "env", env)
    for variable in env:
        require(isinstance(variable, dict), "env[]", variable)
        require(is_env_name(variable.get("name")), "env[].name", variable.get("name"))
        require(is_text(variable.get("value"), 32768), "env[].value of", variable["name"])


def require(fine: Any, what: str, found: Any) -> None:
    """Refuse a request for one of its parts.

    Raises:
        Problem: It is not fine.
    """
    if not fine:
        raise Problem("invalid", f"{what} is not allowed: {found!r:.80}")


def is_text(value: Any, most: int) -> bool:
    """Say whether a value is text that a file or an environment can hold."""
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_path(value: Any) -> bool:
    """Say whether a value is a path that stays below the working directory."""
    return isinstance(value, str) and len(value) <= 255 and bool(FILE_PATH.fullmatch(value))


def is_module(value: Any) -> bool:
    """Say whether a value is a module's name at a centre: no option, and nothing that a shell reads."""
    return isinstance(value, str) and len(value) <= 128 and bool(MODULE.fullmatch(value))


def is_env_name(value: Any) -> bool:
    """Say whether a payload may set this variable."""
    return isinstance(value, str) and bool(ENV_NAME.fullmatch(value)) and not ENV_RESERVED.fullmatch(value)
