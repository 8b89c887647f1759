"""What runs of a job instead, on machines of a kind: a field that is not set is the template's own."""

from typing import Annotated

from msgspec import Meta

from computility.model.base import TEXT, Architecture, ModuleAlias, Value, Word, keyed_by
from computility.model.job_form import Form
from computility.model.job_payload import EnvName, EnvVar

# Sixteen of them stand in one job, which has to fit into an object: each may say less than the template.
_Argument = Annotated[str, Meta(max_length=1024, pattern=rf"^{TEXT}\Z")]
_Script = Annotated[str, Meta(min_length=3, max_length=16_384, pattern=rf"^#!{TEXT}\Z")]


class VariantVar(EnvVar, frozen=True, kw_only=True):
    """One environment variable of a variant."""

    name: Annotated[EnvName, Meta(description="Name of the variable.")]
    value: Annotated[
        str,
        Meta(
            max_length=4096,
            pattern=rf"^{TEXT}\Z",
            description="Its value, as it is; what is said of the template's variables holds here too.",
        ),
    ] = ""


class Variant(Value, frozen=True, kw_only=True):
    """What runs on machines of a kind."""

    name: Annotated[
        Word, Meta(description="Its name, such as `dcu`; the attempt's entry says which one was taken.")
    ]
    architecture: Annotated[
        Architecture | None, Meta(description="For pools of this instruction set alone; unset: of any.")
    ] = None
    card_models: Annotated[
        tuple[Word, ...],
        Meta(max_length=32, description="For pools with cards of one of these models; empty: any, or none."),
    ] = ()
    modules: Annotated[
        Annotated[tuple[ModuleAlias, ...], Meta(max_length=32)] | None,
        Meta(description="Modules instead of the template's; an empty list loads none."),
    ] = None
    command: Annotated[
        tuple[_Argument, ...],
        Meta(max_length=64, description="The command instead of the template's command or script."),
    ] = ()
    script: Annotated[
        _Script | None, Meta(description="The script instead of the template's command or script.")
    ] = None
    env: Annotated[
        tuple[VariantVar, ...],
        Meta(
            max_length=64,
            extra_json_schema=keyed_by("name"),
            description="Variables beside the template's; of two of one name this one counts.",
        ),
    ] = ()

    def form(self, modules: tuple[ModuleAlias, ...]) -> Form:
        """Return what it asks of a pool; `modules` are the template's."""
        return Form(
            name=self.name,
            architecture=self.architecture,
            card_models=self.card_models,
            modules=modules if self.modules is None else self.modules,
        )
