"""Hard filters that ask in which of its forms a job can be run there, with which modules and which MPI."""

from collections.abc import Callable, Sequence

from computility.model.compute_job import Form, choose_form
from computility.model.reasons import Reason
from computility.placement.facts import PoolFacts
from computility.placement.question import Question
from computility.placement.sorts import Machine
from computility.placement.verdict import Verdict


def has_form(q: Question) -> Verdict | None:
    """One of the job's variants, or the template as it stands, is meant for such machines."""
    forms = q.request.forms
    if not _are_choosy(forms):
        return None

    def found(pool: PoolFacts) -> str:
        return " ".join(filter(None, (pool.spec.architecture.value, pool.spec.card_model)))

    suits = q.table.machines.mask(("form", forms), lambda m: _form_on(forms, m) is not None)
    return Verdict(Reason.VARIANT, suits, "|".join(map(_describe, forms)), found)


def _are_choosy(forms: Sequence[Form]) -> bool:
    return all(form.architecture is not None or form.card_models for form in forms)


def _describe(form: Form) -> str:
    architecture = form.architecture.value if form.architecture else ""
    return " ".join(filter(None, (architecture, ",".join(form.card_models))))


def _form_on(forms: Sequence[Form], machine: Machine) -> Form | None:
    return choose_form(forms, machine.architecture, machine.card_model)


def has_modules(q: Question) -> Verdict | None:
    """Every module that the form taken there loads has an alias."""
    forms = q.request.forms
    if not any(form.modules for form in forms):
        return None

    def lacks(machine: Machine) -> int:
        form = _form_on(forms, machine)
        return len(set(form.modules).difference(machine.modules)) if form else 0

    def found(pool: PoolFacts) -> str:
        form = q.request.form_at(pool.spec)
        wanted = form.modules if form else ()
        return ",".join(alias for alias in wanted if alias in pool.spec.modules) or "none"

    has = q.table.machines.mask(("modules", forms), lambda machine: not lacks(machine))
    wanted = "|".join(dict.fromkeys(",".join(form.modules) for form in forms if form.modules))
    nearness = q.table.machines.spread(-lacks(machine) for machine in q.table.machines.facts)
    return Verdict(Reason.MODULE, has, wanted, found, nearness)


def has_mpi(q: Question) -> Verdict | None:
    """The pool can start the ranks of a program that is built with this MPI."""
    wanted = q.request.mpi
    if wanted is None:
        return None
    has = q.table.machines.mask(("mpi", wanted), lambda m: wanted in m.mpi if wanted else bool(m.mpi))
    return Verdict(Reason.MPI, has, wanted or "any", lambda p: ",".join(p.spec.mpi) or "none")


WHICH_SOFTWARE: tuple[Callable[[Question], Verdict | None], ...] = (has_form, has_modules, has_mpi)
