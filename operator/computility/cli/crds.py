"""Writes crds/ from the model: `python -m computility.cli.crds [--check] [DIRECTORY]`."""

from pathlib import Path
from typing import Annotated

import typer
import yaml

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
    if check:
        raise typer.Exit(_report(stale_files(directory)))
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in render_files().items():
        (directory / name).write_text(text, encoding="utf-8")


def render_files() -> dict[str, str]:
    """Render each kind's file: name to text."""
    return {f"{GROUP}_{kind.KIND.plural}.yaml": _HEADER + _render(render_crd(kind)) for kind in KINDS}


def stale_files(directory: Path) -> list[str]:
    """Name the files that are missing, differ from the model, or belong to no kind."""
    wanted = render_files()
    found = {path.name: path.read_text(encoding="utf-8") for path in directory.glob("*.yaml")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def _report(stale: list[str]) -> int:
    for name in stale:
        print(f"{name} is not what the model says: run `make crds`")
    return 1 if stale else 0


def _render(crd: dict[str, object]) -> str:
    return yaml.safe_dump(crd, sort_keys=False, width=110, allow_unicode=True)


if __name__ == "__main__":
    main()
