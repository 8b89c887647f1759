"""Writes crds/ from the model: `python -m computility.cli.crds [--check] [DIRECTORY]`."""

from pathlib import Path
from typing import Annotated

import typer
import yaml

from computility.lab.generated import Generated
from computility.model.crd import render_crd
from computility.model.kinds import KINDS
from computility.model.meta import GROUP

_HEADER = "# Generated from operator/computility/model by `make crds`; edit that instead.\n"


def main() -> None:
    """Run the command."""
    typer.run(crds)


def crds(
    directory: Annotated[Path, typer.Argument(help="Where the files are.")] = Path("crds"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file is not what the model says.")
    ] = False,
) -> None:
    """Write one CustomResourceDefinition for each kind of the model."""
    files = generated_crds()
    if check:
        files.check(directory)
    else:
        files.write(directory)


def generated_crds() -> Generated:
    """Render each kind's file."""
    texts = {f"{GROUP}_{kind.KIND.plural}.yaml": _HEADER + _render(render_crd(kind)) for kind in KINDS}
    return Generated(texts, "make crds", ("*.yaml",))


def _render(crd: dict[str, object]) -> str:
    return yaml.safe_dump(crd, sort_keys=False, width=110, allow_unicode=True)


if __name__ == "__main__":
    main()
