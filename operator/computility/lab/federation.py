"""Which centres one lab has, and how it may grow."""

from pathlib import Path
from typing import Self

import msgspec

from computility.lab.fleet_centre import FleetCentre, of_preset, of_site
from computility.lab.fleets.preset import Preset
from computility.lab.fleets.presets import PRESETS
from computility.lab.layout import write_private
from computility.lab.site import SimulatedSite, SlurmSite
from computility.lab.sites import MOST_SIMULATED, SLURM_SITES, simulated_sites


class WrongSize(ValueError):
    """A lab cannot have so many centres, or cannot come to so few; the message says what it can."""


class Federation(msgspec.Struct, frozen=True, kw_only=True):
    """The centres of one lab, as `<root>/federation.json` has them; `preset` names a fleet, or is ""."""

    slurm: tuple[SlurmSite, ...] = ()
    simulated: tuple[SimulatedSite, ...] = ()
    preset: str = ""

    @classmethod
    def of_size(cls, slurm: int, simulated: int = 0, preset: str = "") -> Self:
        """Return a federation with so many centres with a real Slurm, and so many simulated ones.

        Args:
            slurm: How many with a real Slurm.
            simulated: How many of the lab's own simulated ones.
            preset: A fleet whose centres come beside them; "" for none.

        Raises:
            WrongSize: It cannot have so many, or there is no such fleet.
        """
        _refuse_too_many(slurm, "Slurm", len(SLURM_SITES))
        _refuse_too_many(simulated, "simulated", MOST_SIMULATED)
        if preset and preset not in PRESETS:
            raise WrongSize(f'there is no fleet "{preset}": take {" or ".join(PRESETS)}')
        return cls(slurm=SLURM_SITES[:slurm], simulated=simulated_sites(simulated), preset=preset)

    @property
    def fleet(self) -> Preset:
        """The preset fleet; one without centres and links if it has none."""
        return PRESETS[self.preset]() if self.preset else Preset(centres=(), links=())

    @property
    def fleet_centres(self) -> tuple[FleetCentre, ...]:
        """All centres that are simulated: the lab's own, then those of the preset fleet."""
        return *map(of_site, self.simulated), *map(of_preset, self.fleet.centres)

    def resized(self, slurm: int | None, simulated: int | None, preset: str | None = None) -> Self:
        """Return a federation of another size; None leaves the number of a kind, or the fleet, as it is.

        Raises:
            WrongSize: It cannot have so many, or there is no such fleet.
        """
        return self.of_size(
            len(self.slurm) if slurm is None else slurm,
            len(self.simulated) if simulated is None else simulated,
            self.preset if preset is None else preset,
        )

    def grown_to(self, slurm: int | None, simulated: int | None, preset: str | None = None) -> Self:
        """Return this federation with centres added; None leaves the number of a kind as it is.

        Raises:
            WrongSize: It has more already, has another fleet, or cannot have so many.
        """
        wanted = self.resized(slurm, simulated, preset)
        if self.preset not in ("", wanted.preset):
            raise WrongSize(f'the lab has the fleet "{self.preset}", and `up` ends none: take it down first')
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
