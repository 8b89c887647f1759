"""The options of `computility simulate`."""

from pathlib import Path
from typing import Annotated

import typer

from computility.whatif.swf import Processor

TraceFile = Annotated[Path, typer.Option("--trace", help="The trace: a .csv with named columns, or a .swf.")]
Policies = Annotated[str, typer.Option("--policy", help="Policies to compare, with commas between them.")]
Fleet = Annotated[
    str,
    typer.Option("--fleet", help="On which fleet: p2, or a folder with manifests like manifests/fleet/p2."),
]
Jobs = Annotated[int | None, typer.Option("--jobs", help="Replay no more than so many, the first.", min=1)]
Load = Annotated[
    float, typer.Option("--load", help="Submit jobs so many times as fast.", min=0.001, max=1000)
]
Owner = Annotated[str, typer.Option("--namespace", "-n", help="Whose the jobs are that do not say it.")]
Processors = Annotated[Processor, typer.Option("--processors", help="What the processors of a .swf are.")]
CardsPerNode = Annotated[
    int, typer.Option("--cards-per-node", help="Cards on each node of a job that says no nodes.", min=1)
]
CoresPerNode = Annotated[
    int, typer.Option("--cores-per-node", help="Cores on each node of a job without cards, likewise.", min=1)
]
Plot = Annotated[
    Path | None, typer.Option("--plot", help="Also draw it, into a .png or .svg; needs matplotlib.")
]
