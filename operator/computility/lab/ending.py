"""Ending a lab, whether it is whole or was killed: its centres, then what is left on the hub's side."""

from pathlib import Path

from computility.lab.layout import centres_folder
from computility.lab.leftovers import stop_leftovers
from computility.lab.slurm_centre import stop_centre


def stop_everything(root: Path) -> list[str]:
    """End everything of the lab at this root that still runs; safe to repeat.

    Returns:
        What was found running: centres, daemons, and pids of processes that had lost theirs.

    Raises:
        DaemonStuck: Something did not end.
        EnclosureError: A centre did not end.
    """
    centres = sorted(centres_folder(root).glob("*"))
    return [centre.name for centre in centres if stop_centre(centre)] + stop_leftovers(root)
