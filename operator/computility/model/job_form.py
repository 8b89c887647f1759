"""The ways in which one job can be run, of which each pool takes one: what placement asks because of it."""

from collections.abc import Sequence

from computility.model.base import Architecture, ModuleAlias, Value, Word


class Form(Value, frozen=True, kw_only=True):
    """One way to run a job.

    `name` is that of the variant; "" the template as it stands. `architecture` None and no `card_models` mean
    machines of any kind.
    """

    name: str = ""
    architecture: Architecture | None = None
    card_models: tuple[Word, ...] = ()
    modules: tuple[ModuleAlias, ...] = ()

    def suits(self, architecture: Architecture, card_model: str | None) -> bool:
        """Say whether it is meant for such machines."""
        is_executed = self.architecture is None or self.architecture is architecture
        return is_executed and (not self.card_models or card_model in self.card_models)


def choose_form(forms: Sequence[Form], architecture: Architecture, card_model: str | None) -> Form | None:
    """Return the first form that is meant for such machines; None if none is."""
    return next((form for form in forms if form.suits(architecture, card_model)), None)
