"""A scenario: how many members offer what, and which jobs come when."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

FOLDER = Path(__file__).with_name("scenarios")

Positive = Annotated[int, Meta(ge=1)]


class Scenario(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One scenario, as `scenarios/<name>.yaml` has it.

    Attributes:
        name: Its name in tables.
        jobs: How many jobs are measured.
        warm_up_jobs: How many come before them, unmeasured, so that caches and watches are warm.
        creators: How many requests for creation are under way at once.
        members: How many centres offer a pool each.
        max_queued: How many of the network's attempts each pool takes at once.
    """

    name: str
    jobs: Positive
    warm_up_jobs: Positive
    creators: Positive
    members: Positive
    max_queued: Positive


def load_scenario(name: str) -> Scenario:
    """Read a scenario by its name.

    Raises:
        ValueError: There is no such scenario; the message names those that there are.
        msgspec.ValidationError: Its file is wrong.
    """
    known = sorted(file.stem for file in FOLDER.glob("*.yaml"))
    if name not in known:
        raise ValueError(f'there is no scenario "{name}": choose one of {", ".join(known)}')
    return msgspec.yaml.decode((FOLDER / f"{name}.yaml").read_bytes(), type=Scenario)
