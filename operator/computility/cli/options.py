"""Options that several commands share."""

import enum
from pathlib import Path
from typing import Annotated

import typer

Namespace = Annotated[
    str, typer.Option("--namespace", "-n", help="Namespace of the job; the kubeconfig context's by default.")
]
Context = Annotated[
    str, typer.Option("--context", help="Context of the kubeconfig; its current one by default.")
]
Kubeconfig = Annotated[
    Path | None,
    typer.Option("--kubeconfig", help="The kubeconfig; $KUBECONFIG or ~/.kube/config by default."),
]
Job = Annotated[str, typer.Argument(metavar="JOB", help="Name of the job.", show_default=False)]


class Output(enum.StrEnum):
    """How to print what was found."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"


class Document(enum.StrEnum):
    """How to print one thing."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


class FleetName(enum.StrEnum):
    """The preset fleets, `computility.lab.fleets.presets`."""

    P2 = "p2"


Fleet = Annotated[
    FleetName | None,
    typer.Option(
        "--fleet", help="Ask a preset fleet, all of it idle, instead of a cluster.", show_default=False
    ),
]
