"""The options of `computility pools find`."""

from typing import Annotated

import typer

from computility.model.compute_job import LatencyClass
from computility.model.pool_facts import Precision

Precisions = Annotated[
    list[Precision],
    typer.Option("--precision", help="Number format that the cards compute in; may be repeated."),
]
CardModels = Annotated[
    list[str], typer.Option("--card-model", help="Card model that will do; may be repeated.")
]
CardMemory = Annotated[
    str, typer.Option("--card-memory", help="Memory that each card has to have, such as 40Gi.")
]
Toolkits = Annotated[
    list[str],
    typer.Option("--toolkit", metavar="NAME[:VERSION]", help="Software, in this version or a later one."),
]
Modules = Annotated[
    list[str], typer.Option("--module", help="Alias of a module that is there; may be repeated.")
]
Mpi = Annotated[str, typer.Option("--mpi", help="MPI that programs are started with; `any` for any.")]
Scratch = Annotated[str, typer.Option("--scratch", help="Room for the files of one run, such as 2Ti.")]
Cards = Annotated[int, typer.Option("--cards", help="Cards in all.", min=0, max=1_000_000)]
CardsPerNode = Annotated[
    int, typer.Option("--cards-per-node", help="Cards on each node; by default all on one.", min=0, max=1024)
]
Nodes = Annotated[
    int, typer.Option("--nodes", help="Nodes; by default what the cards need.", min=0, max=100_000)
]
Cores = Annotated[int, typer.Option("--cores", help="Cores on each node.", min=1, max=4096)]
RunSeconds = Annotated[
    int, typer.Option("--run-seconds", help="How long the job may run.", min=1, max=31_536_000)
]
MaxPrice = Annotated[
    str, typer.Option("--max-price", help="Dearest card-hour; without cards, dearest core-hour.")
]
Near = Annotated[str, typer.Option("--near", help="Region, or member/NAME, that --latency counts from.")]
Latency = Annotated[
    LatencyClass | None,
    typer.Option("--latency", help="Round trip of 1, 5 or 20 ms at most.", show_default=False),
]
Regions = Annotated[list[str], typer.Option("--region", help="Region that will do; may be repeated.")]
Limit = Annotated[int, typer.Option("--limit", help="Print so many pools at most; 0 prints all.", min=0)]
Tenant = Annotated[
    str, typer.Option("--namespace", "-n", help="Whose job; the kubeconfig context's namespace by default.")
]
