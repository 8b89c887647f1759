"""Which variant of a job a pool takes, and what runs then."""

import pytest

from computility.model.base import Architecture
from computility.model.compute_job import (
    EnvVar,
    Launcher,
    Template,
    Variant,
    VariantVar,
    choose_form,
)

DCU = Variant(name="dcu", card_models=("k100", "z100"), modules=("dtk",), command=("run", "dcu"))
ASCEND = Variant(
    name="ascend",
    architecture=Architecture.ARM64,
    card_models=("910b",),
    script="#!/bin/sh\n",
    env=(VariantVar(name="B", value="2"), VariantVar(name="C", value="3")),
)
ANY_ARM = Variant(name="arm", architecture=Architecture.ARM64, modules=())
TEMPLATE = Template(
    command=("run", "cuda"),
    modules=("gcc", "cuda"),
    env=(EnvVar(name="A", value="1"), EnvVar(name="B", value="1")),
    variants=(DCU, ASCEND, ANY_ARM),
    grace_seconds=7,
)


@pytest.mark.parametrize(
    ("architecture", "card_model", "variant"),
    [
        pytest.param(Architecture.AMD64, "z100", "dcu", id="by-its-cards"),
        pytest.param(Architecture.ARM64, "z100", "dcu", id="the-first-of-two"),
        pytest.param(Architecture.ARM64, "910b", "ascend", id="by-both"),
        pytest.param(Architecture.ARM64, None, "arm", id="by-its-architecture"),
        pytest.param(Architecture.AMD64, "910b", "", id="the-template-for-all-others"),
    ],
)
def test_a_pool_takes_the_first_form_that_is_meant_for_its_machines(
    architecture: Architecture, card_model: str | None, variant: str
) -> None:
    form = choose_form(TEMPLATE.forms, architecture, card_model)

    assert form is not None
    assert form.name == variant


def test_a_template_without_a_payload_is_no_form_of_its_own() -> None:
    forms = Template(variants=(DCU,)).forms

    assert choose_form(forms, Architecture.AMD64, "z100") is not None
    assert choose_form(forms, Architecture.AMD64, "a100") is None


def test_a_form_asks_for_the_variants_modules_or_else_the_templates() -> None:
    assert [form.modules for form in TEMPLATE.forms] == [("dtk",), ("gcc", "cuda"), (), ("gcc", "cuda")]


def test_a_variant_replaces_what_it_sets_and_leaves_the_rest() -> None:
    dcu, ascend, arm = (TEMPLATE.in_form(name) for name in ("dcu", "ascend", "arm"))

    assert (dcu.command, dcu.script, dcu.modules) == (("run", "dcu"), None, ("dtk",))
    assert (ascend.command, ascend.script, ascend.modules) == ((), "#!/bin/sh\n", ("gcc", "cuda"))
    assert (arm.command, arm.modules) == (("run", "cuda"), ())
    assert {each.grace_seconds for each in (dcu, ascend, arm)} == {7}


def test_of_two_variables_of_one_name_the_variants_counts() -> None:
    assert {each.name: each.value for each in TEMPLATE.in_form("ascend").env} == {
        "A": "1",
        "B": "2",
        "C": "3",
    }


def test_no_variant_is_the_template_as_it_stands() -> None:
    assert TEMPLATE.in_form("") is TEMPLATE


@pytest.mark.parametrize(
    ("template", "asked"),
    [
        (Template(command=("a",)), None),
        (Template(command=("a",), launcher=Launcher.MPI), ""),
        (Template(command=("a",), launcher=Launcher.MPI, mpi="openmpi"), "openmpi"),
    ],
    ids=["none", "any", "one"],
)
def test_only_the_launcher_mpi_asks_for_one(template: Template, asked: str | None) -> None:
    assert template.asked_mpi == asked
