"""What is asked of sbatch; every part is a checked word, a number or a path of ours."""

import os
from typing import List, Optional

from .indices import read_chunk
from .problem import Answer

# The wrapper ends the payload, its grace within maxRunSeconds. Slurm, which counts in minutes, stands behind
# it for a payload that has stopped its wrapper. A partition's MaxTime has to admit the pool's limit and this.
MORE_MINUTES = 1


def sbatch_options(directory: str, request: Answer) -> List[str]:
    """Render the options for an attempt of the account whose directory this is."""
    attempt = os.path.join(directory, request["name"])
    minutes = -(-request["maxRunSeconds"] // 60) + MORE_MINUTES
    options = [
        "--parsable", "--hold", "--no-requeue",
        # Everything of the environment, which we have cleared ourselves. NONE would make slurmd run `su` to
        # recreate a login that these accounts do not have, and srun lose its environment.
        "--export=ALL",
        "--job-name=" + job_name(request["name"], request.get("chunk")),
        "--partition=" + request["partition"],
        f"--nodes={request['nodes']}-{request['nodes']}",
        f"--ntasks-per-node={request['tasksPerNode']}",
        f"--cpus-per-task={request['cpusPerTask']}",
        f"--time={minutes}",
        "--chdir=" + os.path.join(attempt, "work"),
        "--output=" + os.path.join(attempt, "stdout"),
        "--error=" + os.path.join(attempt, "stderr"),
        "--input=/dev/null", "--open-mode=append",
    ]  # fmt: skip
    return options + array_options(request) + optional(request)


def job_name(name: str, chunk: Optional[int] = None) -> str:
    """Name a job: as the attempt, in an array with the chunk's number behind it."""
    return name if chunk is None else f"{name}.{chunk}"


def array_options(request: Answer) -> List[str]:
    """Render what makes a chunk of an array one job; its tasks count from 0, whatever the indices are."""
    if "array" not in request:
        return []
    most = f"%{request['maxConcurrent']}" if request["maxConcurrent"] else ""
    return [f"--array=0-{len(read_chunk(request)) - 1}{most}"]


def optional(request: Answer) -> List[str]:
    """Render what only some attempts ask for."""
    asked = (
        ("--mem=%dM", request["memoryMiB"]),
        ("--gres=gpu:%d", request["cardsPerNode"]),
        ("--account=%s", request["schedulerAccount"]),
        ("--qos=%s", request["qos"]),
    )
    return [option % value for option, value in asked if value]
