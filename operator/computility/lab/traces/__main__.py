"""Writes manifests/traces: `python -m computility.lab.traces [--check] [FILE]`, or a trace of any size."""

from pathlib import Path
from typing import Annotated

import typer

from computility.lab.traces.draw import draw_trace

JOBS, HOURS, SEED = 5_000, 24.0, 1


def main() -> None:
    """Run the command."""
    typer.run(traces)


def traces(
    file: Annotated[Path, typer.Argument(help="The CSV.")] = Path("manifests/traces/day.csv"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the file is not what it should be.")
    ] = False,
    jobs: Annotated[int, typer.Option(help="How many jobs it has.", min=1)] = JOBS,
    hours: Annotated[float, typer.Option(help="Over how long they are submitted.", min=0.001)] = HOURS,
    seed: Annotated[int, typer.Option(help="Where its randomness comes from.")] = SEED,
) -> None:
    """Write a trace that is drawn around the figures of real ones."""
    lines = draw_trace(jobs, hours, seed)
    if check:
        wanted = "".join(f"{line}\n" for line in lines)
        is_same = file.is_file() and file.read_text(encoding="utf-8") == wanted
        if not is_same:
            typer.echo(f"{file} is not what the project says: run `python -m computility.lab.traces`")
        raise typer.Exit(0 if is_same else 1)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="\n") as target:
        target.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    main()
