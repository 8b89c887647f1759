"""Files that the project writes out of its own code: made anew, or held against what it makes now."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import typer


class Generated(NamedTuple):
    """What a folder's generated files are to hold.

    Attributes:
        texts: Path below the folder to text.
        command: What a person runs to have them written.
        patterns: Which files there have to be among `texts`.
    """

    texts: Mapping[str, str]
    command: str
    patterns: tuple[str, ...] = ()

    def write(self, directory: Path) -> None:
        """Write all of them; folders are made as needed."""
        for name, text in self.texts.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")

    def stale(self, directory: Path) -> list[str]:
        """Name the files that are missing, hold something else, or should not be there."""
        there = {path for pattern in self.patterns for path in directory.glob(pattern)}
        strays = {str(path.relative_to(directory)) for path in there} - self.texts.keys()
        changed = {name for name, text in self.texts.items() if _read(directory / name) != text}
        return sorted(strays | changed)

    def check(self, directory: Path) -> None:
        """Tell of each stale file how to mend it.

        Raises:
            typer.Exit: There is one; the command ends with 1.
        """
        stale = self.stale(directory)
        for name in stale:
            typer.echo(f"{name} is not what the code makes: run `{self.command}`")
        if stale:
            raise typer.Exit(1)


def _read(path: Path) -> str | None:
    """Return what a file holds to the letter; None if there is none."""
    return path.read_bytes().decode(errors="replace") if path.is_file() else None
