"""Writes manifests/traces: `python -m computility.lab.traces [--check] [FILE]`, or a trace of any size."""

from pathlib import Path
from typing import Annotated

import typer

from computility.lab.generated import Generated
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
    text = "".join(f"{line}\n" for line in draw_trace(jobs, hours, seed))
    made = Generated({file.name: text}, "python -m computility.lab.traces")
    if check:
        made.check(file.parent)
    else:
        made.write(file.parent)


if __name__ == "__main__":
    main()
