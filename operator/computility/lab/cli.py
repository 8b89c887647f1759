"""`computility lab`: bring a federation up on this machine, look at it, take it down."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from computility.lab import demo as demo_
from computility.lab import lab as lab_
from computility.lab.centre import CentreError
from computility.lab.enclosure import EnclosureError
from computility.lab.fleets.presets import PRESETS
from computility.lab.kubectl import KubectlFailed
from computility.lab.layout import NotACheckout
from computility.lab.processes import DaemonFailed, DaemonStuck
from computility.lab.status import NoSuchPart, find_parts, parts_of
from computility.lab.tools import ToolUnavailable, WrongSetting
from computility.lab.waiting import NotInTime

app = typer.Typer(no_args_is_help=True, help="A whole federation on this machine.")

Name = Annotated[str, typer.Option("--name", help="Which lab; several may be up at once.")]
_EXPECTED = (
    CentreError,
    DaemonFailed,
    DaemonStuck,
    EnclosureError,
    KubectlFailed,
    NoSuchPart,
    NotACheckout,
    NotInTime,
    ToolUnavailable,
    WrongSetting,
    ValueError,
    lab_.LabRunning,
    lab_.NoLab,
)


@app.command()
def up(
    name: Name = "lab",
    slurm: Annotated[
        int | None,
        typer.Option(
            help="How many centres with a real Slurm, 0 to 4; a new lab has 1, with a --fleet none. "
            "A lab that is up can grow."
        ),
    ] = None,
    simulated: Annotated[
        int | None,
        typer.Option(
            help="How many simulated centres, 0 to 99, in one process; a new lab has 3, with a --fleet none."
        ),
    ] = None,
    fleet: Annotated[
        str | None,
        typer.Option(
            help=f"A preset fleet of simulated centres for team-a and team-b: {' or '.join(PRESETS)}."
        ),
    ] = None,
) -> None:
    """Bring up control plane, hub and centres, real and simulated, and leave them running.

    Of a lab that is up, what has ended is started again.
    """
    console = Console(stderr=True)
    with _one_line_errors(console):
        lab = lab_.bring_up(name, console, slurm=slurm, simulated=simulated, preset=fleet)
        console.print(
            f"\nexport KUBECONFIG={lab.kubeconfig}\nkubectl get member,rpool,cjob -A", highlight=False
        )


@app.command("list")
def list_() -> None:
    """Show the labs of this user that are up, and which centres each has."""
    table = Table("lab", "slurm", "simulated", box=None, pad_edge=False)
    for lab in lab_.labs_up():
        slurm = ", ".join(site.name for site in lab.federation.slurm)
        table.add_row(lab.name, slurm or "none", str(len(lab.federation.fleet_centres)))
    Console().print(table)


@app.command()
def status(name: Name = "lab") -> None:
    """Show which parts run, and where their logs are."""
    console = Console()
    with _one_line_errors(console):
        lab = lab_.attach(name)
        table = Table("part", "runs", f"log, in {lab.root}", box=None, pad_edge=False)
        for part in parts_of(lab):
            runs = "[green]yes[/green]" if part.runs else "[red]no[/red]"
            table.add_row(part.name, runs, str(part.log.relative_to(lab.root)))
        console.print(table)


@app.command()
def kubeconfig(name: Name = "lab") -> None:
    """Print the path of the administrator's kubeconfig."""
    with _one_line_errors(Console(stderr=True)):
        sys.stdout.write(f"{lab_.attach(name).kubeconfig}\n")


@app.command()
def logs(
    part: Annotated[str, typer.Argument(help="As `status` names it; a centre's name shows all its parts.")],
    name: Name = "lab",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it grows.")] = False,
) -> None:
    """Show the log of one part, or of all parts of a centre."""
    console = Console(stderr=True)
    with _one_line_errors(console):
        logs = [str(found.log) for found in find_parts(lab_.attach(name), part)]
        subprocess.run(["tail", "-n", "200", *(["-F"] if follow else []), *logs], check=False)


@app.command()
def down(name: Name = "lab") -> None:
    """End everything of a lab, also of one that was killed, and remove its folder."""
    console = Console(stderr=True)
    with _one_line_errors(console):
        stopped = lab_.take_down(name)
        console.print(f"lab {name}: down" + (f" (ended: {', '.join(stopped)})" if stopped else ""))


@app.command()
def demo() -> None:
    """Bring up a lab, run jobs through it, show what became of them, and take it down."""
    console = Console()
    with _one_line_errors(console):
        raise typer.Exit(demo_.run(console))


@contextmanager
def _one_line_errors(console: Console) -> Iterator[None]:
    try:
        yield
    except _EXPECTED as error:
        console.print(f"error: {error}", style="red", highlight=False, markup=False)
        raise typer.Exit(1) from error
