"""`computility pools`: what the network has, for whoever looks for a machine and not for a job's place."""

import typer

from computility.cli.pools_find import find

app = typer.Typer(help="Find pools that would take a job.", no_args_is_help=True)
app.command(
    "find",
    epilog="Example: computility pools find --precision fp64 --max-price 4 --near CN-SH --latency national",
)(find)


@app.callback()
def _group() -> None:
    """Keep `find` a command of its own: a group of one would be run without its name."""
