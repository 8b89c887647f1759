"""Writes manifests/fleet: `python -m computility.lab.fleets [--check] [DIRECTORY]`; p3 when asked for.

What is committed is p2 and its jobs. p3 is written with `--p3`, to a folder of its own beside them.
"""

from pathlib import Path
from typing import Annotated

import typer

from computility.lab.fleets.files import fleet_files, job_files
from computility.lab.fleets.p2 import p2_fleet
from computility.lab.fleets.p3 import POOLS, p3_fleet


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
        raise typer.Exit(_report(stale_files(directory)))
    _write(directory, fleet_files("p3", p3_fleet(pools, seed)) if p3 else committed_files())


def committed_files() -> dict[str, str]:
    """Render what is committed: path below manifests/fleet to text."""
    return {**fleet_files("p2", p2_fleet()), **job_files("jobs")}


def stale_files(directory: Path) -> list[str]:
    """Name the files of p2 and its jobs that are missing, differ, or should not be there."""
    wanted = committed_files()
    found = {
        str(path.relative_to(directory)): path.read_text(encoding="utf-8")
        for folder in ("p2", "jobs")
        for path in (directory / folder).glob("*.yaml")
    }
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def _write(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _report(stale: list[str]) -> int:
    for name in stale:
        typer.echo(f"{name} is not what the project says: run `python -m computility.lab.fleets`")
    return 1 if stale else 0


if __name__ == "__main__":
    main()
