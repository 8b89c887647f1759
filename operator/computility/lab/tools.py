"""The control plane's programs: found on this machine, downloaded, or built from `toolchain/`.

`python -m computility.lab.tools` gets them all and says where each is.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from computility.lab.layout import tools_cache
from computility.lab.tool_provider import Provider, ToolUnavailable
from computility.lab.tool_search import Search, WrongSetting
from computility.lab.tool_specs import SPECS

__all__ = ["ToolUnavailable", "Tools", "WrongSetting", "ensure_tools"]


@dataclass(frozen=True, slots=True)
class Tools:
    """Where each program is: `tools["kubectl"]`."""

    paths: Mapping[str, Path]

    def __getitem__(self, name: str) -> Path:
        """Return the program's path.

        Raises:
            KeyError: It was not among the names given to `ensure_tools`.
        """
        return self.paths[name]


def ensure_tools(names: Iterable[str] = tuple(SPECS), console: Console | None = None) -> Tools:
    """Return where these programs are, after getting those that this machine does not have.

    Args:
        names: Some of the keys of `SPECS`.
        console: Shows what is downloaded or built, since that takes minutes.

    Raises:
        ToolUnavailable: One cannot be had.
        WrongSetting: COMPUTILITY_TOOLS names something that will not do.
    """
    cache = tools_cache()
    searches = [Search(SPECS[name]) for name in names]
    paths = {search.spec.name: search.find(os.environ, cache) for search in searches}
    missing = [search for search in searches if paths[search.spec.name] is None]
    provider = Provider(cache, console or Console(stderr=True), total=len(missing))
    for number, search in enumerate(missing, start=1):
        paths[search.spec.name] = provider.provide(search, number)
    return Tools({name: path for name, path in paths.items() if path})


def main() -> int:
    """Get all programs; print the path of each."""
    console = Console(stderr=True)
    try:
        tools = ensure_tools(console=console)
    except (ToolUnavailable, WrongSetting) as error:
        console.print(f"error: {error}", style="red", highlight=False, markup=False)
        return 1
    for name, path in tools.paths.items():
        console.print(f"{name}: {path}", highlight=False, markup=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
