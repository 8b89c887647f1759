"""What a payload is started with: its command or script, and its environment."""

from typing import Annotated

from msgspec import Meta

from computility.model.base import TEXT, Value

Argument = Annotated[str, Meta(max_length=4096, pattern=rf"^{TEXT}\Z")]
Command = Annotated[tuple[Argument, ...], Meta(max_length=256)]
Script = Annotated[str, Meta(min_length=3, max_length=65_536, pattern=rf"^#!{TEXT}\Z")]
RESERVED_ENV = "(?:LD_PRELOAD|LD_AUDIT|BASH_ENV|SHELLOPTS|BASHOPTS|(?:SLURMD?|SBATCH|SRUN|COMPUTILITY)_.*)"
"""Variables that would change what runs before the payload are refused. Both RE2 and Python read this."""
EnvName = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z")]


class EnvVar(Value, frozen=True, kw_only=True):
    """One environment variable of the payload."""

    name: Annotated[EnvName, Meta(description="Name of the variable.")]
    value: Annotated[
        str,
        Meta(
            max_length=32_768,
            pattern=rf"^{TEXT}\Z",
            description=(
                "Its value, as it is. Whoever may read the job can read it: secrets do not belong here. "
                "The agent refuses those that change what runs before the payload: LD_PRELOAD, LD_AUDIT, "
                "BASH_ENV, SHELLOPTS, BASHOPTS, SLURM_*, SLURMD_*, SBATCH_*, SRUN_*, COMPUTILITY_*."
            ),
        ),
    ] = ""
