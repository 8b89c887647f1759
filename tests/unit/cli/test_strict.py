"""Jobs that are never sent to the API server, read as strictly as it reads them."""

from typing import Any

import msgspec
import pytest

from computility.cli.errors import CliError
from computility.cli.job_checks import RULES, broken_rules
from computility.cli.manifests import Manifest
from computility.cli.strict import parse_job
from computility.model.compute_job import ComputeJob
from support.asks import ASKS, CARDS, ON_CARDS, Ask
from support.samples import decode, sample, sample_names


def manifest(**spec: Any) -> Manifest:
    made = sample("computejob-minimal")
    return Manifest("document 1", made | {"spec": made["spec"] | spec})


def mistakes(**spec: Any) -> list[str]:
    with pytest.raises(CliError) as refused:
        parse_job(manifest(**spec), "team-a", "quote")
    first, *lines = str(refused.value).splitlines()
    assert first == "cannot quote document 1:"
    return [line.removeprefix("  ") for line in lines]


@pytest.mark.parametrize("name", [name for name in sample_names() if name.startswith("computejob")])
def test_the_samples_are_read_as_the_model_has_them(name: str) -> None:
    job = parse_job(Manifest(name, sample(name)), "team-z", "quote")

    assert job.spec == decode(sample(name)).spec
    assert job.metadata.namespace == sample(name)["metadata"].get("namespace", "team-z")


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        pytest.param(
            {"maxRunSecond": 60},
            "spec.maxRunSecond: no such field: did you mean maxRunSeconds?",
            id="a-field-misspelt",
        ),
        pytest.param(
            {"placement": {"zzz": 1}},
            "spec.placement.zzz: no such field: there are policy, weights, mode,",
            id="a-field-unlike-any",
        ),
        pytest.param(
            {"data": {"inputs": [{"name": "a", "size": "1T", "at": "CN-SH", "from": "x"}]}},
            "spec.data.inputs[0].from: no such field",
            id="a-field-in-a-list",
        ),
        pytest.param(
            {"resources": CARDS, "requirements": {"precisions": ["bf17"]}},
            "spec.requirements.precisions[0]: Invalid enum value 'bf17': one of fp64, fp32, tf32,",
            id="a-word-that-is-none",
        ),
        pytest.param(
            {"resources": {"memoryPerNode": "4GB"}},
            "spec.resources.memoryPerNode: a text of another form is wanted: Memory on each node, such as",
            id="a-quantity-that-is-none",
        ),
        pytest.param({"maxRunSeconds": 0}, "spec.maxRunSeconds: Expected int >= 1: How long", id="too-small"),
        pytest.param(
            {"maxRunSeconds": "1"}, "spec.maxRunSeconds: Expected int, got str", id="of-a-wrong-type"
        ),
        pytest.param({"deadline": "soon"}, "spec.deadline: Invalid RFC3339", id="no-moment"),
        pytest.param(
            {"deadline": "9999-12-31T23:59:59Z"},
            'spec.deadline: "9999-12-31T23:59:59Z" is no moment that a job can name: write one from 2000 to',
            id="a-moment-that-nobody-sees",
        ),
        pytest.param(
            {
                "template": {
                    "command": ["a"],
                    "env": [{"name": "A"}, {"name": "B"}, {"name": "A", "value": "1"}],
                }
            },
            'spec.template.env[2].name: "A" stands there twice: leave one out',
            id="a-variable-twice",
        ),
        pytest.param(
            {"dependsOn": [{"name": "a"}, {"name": "a", "until": "Ended"}]},
            'spec.dependsOn[1].name: "a" stands there twice',
            id="a-predecessor-twice",
        ),
        pytest.param(
            {"template": {}}, "spec.template needs exactly one of command and script", id="nothing-to-run"
        ),
    ],
)
def test_a_mistake_is_told_by_its_field_with_the_remedy(spec: dict[str, Any], told: str) -> None:
    (line,) = mistakes(**spec)

    assert line.startswith(told)


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(mistakes(maxRunSecond=1, resourcs={}, maxRunSeconds=0)) == 3


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        pytest.param({"name": "BAD NAME"}, 'metadata.name: nothing can be named "BAD NAME"', id="job"),
        pytest.param({"name": "a" * 254}, "metadata.name: nothing can be named", id="too-long"),
        pytest.param({"name": "a", "namespace": "a.b"}, "metadata.namespace: nothing can", id="namespace"),
    ],
)
def test_a_name_that_kubernetes_would_not_take_is_told(metadata: dict[str, str], told: str) -> None:
    named = Manifest("document 1", sample("computejob-minimal") | {"metadata": metadata})

    with pytest.raises(CliError) as refused:
        parse_job(named, "team-a", "quote")

    assert str(refused.value).splitlines()[1].strip().startswith(told)


def test_a_job_without_a_spec_is_refused() -> None:
    with pytest.raises(CliError, match="missing required field spec"):
        parse_job(Manifest("x", {"metadata": {"name": "a"}}), "team-a", "quote")


BROKEN: dict[str, list[dict[str, Any]]] = {
    "spec.template needs": [{"template": {"command": ["a"], "script": "#!/bin/sh"}}],
    "spec.template.variants need": [
        {"template": {"variants": [{"name": "a", "command": ["a"]}, {"name": "b"}]}}
    ],
    "spec.template.mpi is for": [{"template": {"command": ["a"], "mpi": "openmpi"}}],
    "spec.template.variants may have": [
        {
            "template": {
                "command": ["a"],
                "variants": [{"name": "a", "command": ["a"], "script": "#!/bin/sh"}],
            }
        }
    ],
    "spec.template.variants has an env name": [
        {"template": {"command": ["a"], "variants": [{"name": "b", "env": [{"name": "LD_PRELOAD"}]}]}}
    ],
    "spec.template.env has a name": [{"template": {"command": ["a"], "env": [{"name": "SLURM_JOB_ID"}]}}],
    "spec.template.files has a path": [
        {"template": {"command": ["a"], "files": [{"path": "a"}, {"path": "a/b"}]}}
    ],
    "a key of spec.placement.poolSelector.matchLabels": [
        {"placement": {"poolSelector": {"matchLabels": {"\x1b[2J": "x"}}}},
        {"placement": {"poolSelector": {"matchLabels": {"": "x"}}}},
        {"placement": {"poolSelector": {"matchLabels": {"Example.com/a": "x"}}}},
    ],
    "spec.resources.cards must": [{"resources": {"cards": 12, "cardsPerNode": 8}}],
    "spec.resources.nodes must": [
        {"resources": CARDS | {"nodes": 7}},
        {"resources": {"cards": 5, "nodes": 2}},
    ],
    "spec.placement.policy custom": [
        {"placement": {"policy": "custom"}},
        {"placement": {"policy": "custom", "weights": {"cost": 0}}},
    ],
    "spec.placement.latencyClass": [{"placement": {"latencyClass": "metro"}}],
    "spec.work needs exactly one": [
        {"work": {}},
        {"resources": CARDS, "work": {"referenceCardHours": 1, "measured": ON_CARDS}},
        {"work": {"referenceCoreHours": 1, "similarTo": "earlier"}},
    ],
    "spec.work.measured needs": [
        {"resources": CARDS, "work": {"measured": ON_CARDS | {"cores": 4}}},
        {"work": {"measured": {"seconds": 60}}},
    ],
    "spec.work is said of": [
        {"work": {"referenceCardHours": 1}},
        {"work": {"measured": ON_CARDS}},
        {"resources": CARDS, "work": {"referenceCoreHours": 1}},
        {"resources": CARDS, "work": {"measured": {"cores": 4, "seconds": 60}}},
    ],
    "spec.requirements.precisions": [
        {"requirements": {"precisions": ["fp64"]}},
        {"requirements": {"minCardMemory": "40Gi"}},
    ],
}
"""How a rule's refusal begins, and jobs that break it and no other."""


@pytest.mark.parametrize(
    ("begins", "spec"), [(words, spec) for words, specs in BROKEN.items() for spec in specs]
)
def test_fields_that_contradict_each_other_are_told_as_the_api_server_does(
    begins: str, spec: dict[str, Any]
) -> None:
    (line,) = mistakes(**spec)

    assert line.startswith(begins)
    assert line in {rule.message for rule in RULES}


def test_each_rule_that_is_checked_is_broken_by_some_job_here() -> None:
    told = {line for specs in BROKEN.values() for spec in specs for line in mistakes(**spec)}

    assert told == {rule.message for rule in RULES}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_python_says_what_the_api_server_says_of_what_a_job_asks(ask: Ask) -> None:
    """The same cases go to a real one in tests/wiring."""
    job = msgspec.convert(manifest(**ask.spec).body, ComputeJob)

    told = broken_rules(job.spec)
    assert ask.message in told if ask.message else told == []


def test_a_job_that_agrees_with_itself_breaks_no_rule() -> None:
    job: ComputeJob = decode(sample("computejob-full"))

    assert broken_rules(job.spec) == []
