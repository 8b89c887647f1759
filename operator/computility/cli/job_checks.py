"""What a job's fields owe each other where the job is never sent to the API server, which would say so.

The rules, and the words of their refusals, are the model's: `ASK_RULES`, and those of `SHAPE_RULES` that bear
on a placement or on what runs. Here they stand once more, in Python and in the same order: the model's are in
CEL, which only the API server reads. The same jobs are put to both by tests.
"""

import re
from collections.abc import Callable, Iterator

from computility.model.compute_job import (
    ComputeJobSpec,
    Launcher,
    Measured,
    Policy,
    Resources,
    Template,
    Variant,
)
from computility.model.job_ask_rules import ASK_RULES
from computility.model.job_payload import RESERVED_ENV, EnvVar
from computility.model.job_rules import LABEL_KEY, SHAPE_RULES

Holds = Callable[[ComputeJobSpec], bool]


def broken_rules(spec: ComputeJobSpec) -> list[str]:
    """Return what a job's fields contradict each other in, as the API server words it."""
    return list(_broken(spec))


def _broken(spec: ComputeJobSpec) -> Iterator[str]:
    for rule, holds in zip(RULES, _HOLDS, strict=True):
        if not holds(spec):
            yield rule.message


_CHECKED = (
    ".spec.template",
    ".spec.template.variants",
    ".spec.template.env",
    ".spec.template.files",
    ".spec.resources",
    ".spec.placement.poolSelector.matchLabels",
)
RULES = (*(rule for rule in SHAPE_RULES if rule.at in _CHECKED), *ASK_RULES)


def _runs_one_thing(spec: ComputeJobSpec) -> bool:
    return _payloads(spec.template) == 1 or (not _payloads(spec.template) and bool(spec.template.variants))


def _payloads(of: Template | Variant) -> int:
    """Count command and script."""
    return bool(of.command) + (of.script is not None)


def _runs_something_in_each_variant(spec: ComputeJobSpec) -> bool:
    return _payloads(spec.template) > 0 or all(_payloads(each) == 1 for each in spec.template.variants)


def _names_mpi_to_use_it(spec: ComputeJobSpec) -> bool:
    return spec.template.mpi is None or spec.template.launcher is Launcher.MPI


def _runs_one_thing_in_each_variant(spec: ComputeJobSpec) -> bool:
    return all(_payloads(each) <= 1 for each in spec.template.variants)


def _leaves_alone_what_is_reserved(env: tuple[EnvVar, ...]) -> bool:
    return not any(re.fullmatch(RESERVED_ENV, each.name) for each in env)


def _has_no_file_that_is_a_folder(spec: ComputeJobSpec) -> bool:
    paths = [each.path for each in spec.template.files]
    return not any(other.startswith(f"{path}/") for path in paths for other in paths)


def _names_labels(spec: ComputeJobSpec) -> bool:
    return all(re.fullmatch(LABEL_KEY, key) for key in spec.placement.pool_selector.match_labels)


def fills_nodes(wanted: Resources) -> bool:
    """Say whether the cards are so many on each node as is asked for, and on all nodes as many."""
    return _fills_nodes(wanted) and _has_nodes_for_cards(wanted)


def _fills_nodes(wanted: Resources) -> bool:
    return wanted.cards_per_node is None or (wanted.cards > 0 and wanted.cards % wanted.cards_per_node == 0)


def _has_nodes_for_cards(wanted: Resources) -> bool:
    if wanted.nodes is None or not wanted.cards:
        return True
    if wanted.cards_per_node is not None:
        return wanted.cards == wanted.nodes * wanted.cards_per_node
    return wanted.cards % wanted.nodes == 0


def _weighs_something(spec: ComputeJobSpec) -> bool:
    weights = spec.placement.weights
    is_custom = spec.placement.policy is Policy.CUSTOM
    return not is_custom or max(weights.cost, weights.done, weights.carbon) > 0


def _counts_from_somewhere(spec: ComputeJobSpec) -> bool:
    return spec.placement.latency_class is None or spec.placement.near is not None


def _says_work_once(spec: ComputeJobSpec) -> bool:
    work = spec.work
    if work is None:
        return True
    said = (work.reference_card_hours, work.reference_core_hours, work.measured, work.similar_to)
    return sum(each is not None for each in said) == 1


def _measured_something(spec: ComputeJobSpec) -> bool:
    found: Measured | None = spec.work.measured if spec.work else None
    if found is None:
        return True
    on_cards, on_cores = found.cards > 0, found.cores > 0
    return (on_cards and not on_cores) if found.card_model else (on_cores and not on_cards)


def _says_work_of_what_it_runs_on(spec: ComputeJobSpec) -> bool:
    work = spec.work
    if work is None:
        return True
    is_on_cards = work.measured is not None and work.measured.card_model is not None
    if spec.resources.cards:
        return work.reference_core_hours is None and (work.measured is None or is_on_cards)
    return work.reference_card_hours is None and not is_on_cards


def _asks_cards_of_cards(spec: ComputeJobSpec) -> bool:
    wanted = spec.requirements
    asks = wanted.precisions or wanted.card_models or wanted.min_card_memory
    return bool(spec.resources.cards) or not asks


_HOLDS: tuple[Holds, ...] = (
    _runs_one_thing,
    _runs_something_in_each_variant,
    _names_mpi_to_use_it,
    _runs_one_thing_in_each_variant,
    lambda spec: all(_leaves_alone_what_is_reserved(each.env) for each in spec.template.variants),
    lambda spec: _leaves_alone_what_is_reserved(spec.template.env),
    _has_no_file_that_is_a_folder,
    lambda spec: _fills_nodes(spec.resources),
    lambda spec: _has_nodes_for_cards(spec.resources),
    _names_labels,
    _weighs_something,
    _counts_from_somewhere,
    _says_work_once,
    _measured_something,
    _says_work_of_what_it_runs_on,
    _asks_cards_of_cards,
)
