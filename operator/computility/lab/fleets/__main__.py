"""Writes manifests/fleet: `python -m computility.lab.fleets [--check] [DIRECTORY]`; p3 when asked for.

What is committed is p2 and its jobs. p3 is written with `--p3`, to a folder of its own beside them.
"""

from pathlib import Path
from typing import Annotated

import typer

from computility.lab.fleets.files import fleet_files, job_files
from computility.lab.fleets.p2 import p2_fleet
from computility.lab.fleets.p3 import POOLS, p3_fleet
from computility.lab.generated import Generated

_COMMAND = "python -m computility.lab.fleets"


def main() -> None:
    """Run the command."""
    typer.run(fleets)


def fleets(
    directory: Annotated[Path, typer.Argument(help="Where the files are.")] = Path("manifests/fleet"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file is not what it should be.")
    ] = False,
    p3: Annotated[bool, typer.Option("--p3", help="Write the fleet p3, and nothing else.")] = False,
    pools: Annotated[int, typer.Option(help="How many pools p3 has.", min=1)] = POOLS,
    seed: Annotated[int, typer.Option(help="Where the randomness of p3 comes from.")] = 1,
) -> None:
    """Write the manifests of a preset fleet."""
    if check:
        committed_files().check(directory)
        return
    files = Generated(fleet_files("p3", p3_fleet(pools, seed)), _COMMAND) if p3 else committed_files()
    files.write(directory)


def committed_files() -> Generated:
    """Render what is committed below manifests/fleet."""
    texts = {**fleet_files("p2", p2_fleet()), **job_files("jobs")}
    return Generated(texts, _COMMAND, ("p2/*.yaml", "jobs/*.yaml"))


if __name__ == "__main__":
    main()
