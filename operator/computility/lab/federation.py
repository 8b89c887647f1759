"""Which centres one lab has, and how it may grow."""

from pathlib import Path
from typing import Self

import msgspec

from computility.lab.layout import write_private
from computility.lab.site import SimulatedSite, SlurmSite
from computility.lab.sites import MOST_SIMULATED, SLURM_SITES, simulated_sites


class WrongSize(ValueError):
    """A lab cannot have so many centres, or cannot come to so few; the message says what it can."""


class Federation(msgspec.Struct, frozen=True, kw_only=True):
    """The centres of one lab, as `<root>/federation.json` has them."""

    slurm: tuple[SlurmSite, ...] = ()
    simulated: tuple[SimulatedSite, ...] = ()

    @classmethod
    def of_size(cls, slurm: int, simulated: int = 0) -> Self:
        """Return a federation with so many centres with a real Slurm, and so many simulated ones.

        Raises:
            WrongSize: It cannot have so many.
        """
        _refuse_too_many(slurm, "Slurm", len(SLURM_SITES))
        _refuse_too_many(simulated, "simulated", MOST_SIMULATED)
        return cls(slurm=SLURM_SITES[:slurm], simulated=simulated_sites(simulated))

    def resized(self, slurm: int | None, simulated: int | None) -> Self:
        """Return a federation of another size; None leaves the number of a kind as it is.

        Raises:
            WrongSize: It cannot have so many.
        """
        return self.of_size(
            len(self.slurm) if slurm is None else slurm,
            len(self.simulated) if simulated is None else simulated,
        )

    def grown_to(self, slurm: int | None, simulated: int | None) -> Self:
        """Return this federation with centres added; None leaves the number of a kind as it is.

        Raises:
            WrongSize: It has more already, or cannot have so many.
        """
        wanted = self.resized(slurm, simulated)
        if len(wanted.slurm) < len(self.slurm) or len(wanted.simulated) < len(self.simulated):
            raise WrongSize(
                f"the lab has {len(self.slurm)} Slurm centres and {len(self.simulated)} simulated ones, "
                "and `up` ends none that run: take it down first"
            )
        return wanted


def _refuse_too_many(asked: int, kind: str, most: int) -> None:
    if not 0 <= asked <= most:
        raise WrongSize(f"a lab cannot have {asked} {kind} centres: take 0 to {most}")


def read_federation(root: Path) -> Federation:
    """Return the centres of the lab at this root."""
    return msgspec.json.decode(_file(root).read_bytes(), type=Federation)


def write_federation(root: Path, federation: Federation) -> None:
    """Keep which centres the lab at this root has, before the first of them is started."""
    write_private(_file(root), msgspec.json.encode(federation))


def _file(root: Path) -> Path:
    return root / "federation.json"
