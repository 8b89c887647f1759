"""Quotes of the preset fleet p2, whose figures are known."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cli import Ran, Run
from support.fleet_jobs import a_manifest

JOBS = Path(__file__).parents[3] / "manifests" / "fleet" / "jobs"
POLICIES = ("cheapest", "fastest", "greenest", "balanced")


def quote(run: Run, *options: str | Path, job: dict[str, Any] | None = None) -> Ran:
    return run("quote", "--fleet", "p2", "-f", "-", *options, stdin=yaml.safe_dump(job or a_manifest()))


def quoted(run: Run, *options: str | Path, job: dict[str, Any] | None = None) -> Any:
    """Quote one job as JSON."""
    (found,) = json.loads(quote(run, "-o", "json", *options, job=job).out)["quotes"]
    return found


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The same job with three quarters of the work, as it was before."""
    path = tmp_path / "main.yaml"
    path.write_text(yaml.safe_dump(a_manifest(work={"referenceCardHours": 960})))
    return path


def test_of_a_job_that_is_to_run_the_next_best_are_told_in_full_too(run: Run) -> None:
    found = quoted(run, job=a_manifest(placement={"mode": "Run"}))["receipt"]

    assert all(each["costRange"] and each["perReferenceHour"] for each in found["runnersUp"])


def test_the_first_line_says_what_it_costs_and_where(run: Run) -> None:
    ran = quote(run)

    assert ran.code == 0
    assert ran.out.splitlines()[0] == ("team-a/train: ¥3,503, 34.3 h, 129 kgCO2 on qingyang-apricot/k100-ai")


def test_each_candidate_has_its_figures_and_what_was_turned_down_its_reason(run: Run) -> None:
    lines = [line.split("  ") for line in quote(run).out.splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]

    assert [
        "chosen",
        "qingyang-apricot/k100-ai",
        "3,503.33 CNY",
        "34.3 h",
        "129 / 647",
        "1.60",
        "2.67",
    ] in cells
    assert [
        "TooFewCards",
        "2",
        "8 per node",
        "1 per node",
        "wuxi-clay/sw26010, wuxi-plumtree/sw26010",
    ] in cells
    assert any(row[:3] == ["chosen", "qingyang-apricot/k100-ai", "2,349.14 to 5,247.20"] for row in cells)


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        pytest.param("cheapest", "¥3,503, 34.3 h, 129 kgCO2", id="cheapest"),
        pytest.param("fastest", "¥7,100, 11.3 h, 142 kgCO2", id="fastest"),
        pytest.param("greenest", "¥5,749, 25.1 h, 19 kgCO2", id="greenest"),
        pytest.param("balanced", "¥4,037, 18.4 h, 238 kgCO2", id="balanced"),
    ],
)
def test_another_policy_is_tried_without_editing_the_job(policy: str, told: str, run: Run) -> None:
    assert told in quote(run, "--policy", policy).out.splitlines()[0]


def test_the_policy_custom_needs_the_weights_of_the_job(run: Run) -> None:
    weighted = a_manifest(placement={"policy": "cheapest", "weights": {"done": 1}})

    refused = quote(run, "--policy", "custom")

    assert refused.code == 1
    assert "with --policy custom: spec.placement.policy custom needs a weight above 0" in refused.err
    assert "shaoguan" in quote(run, "--policy", "custom", job=weighted).out.splitlines()[0]


def test_every_job_of_a_file_is_quoted(run: Run) -> None:
    ran = run("quote", "--fleet", "p2", "-f", JOBS / "train-3t.yaml", "-o", "json")

    quotes = json.loads(ran.out)["quotes"]
    assert [each["name"] for each in quotes] == [f"train-3t-{policy}" for policy in POLICIES]
    assert len({each["receipt"]["chosen"]["member"].split("-")[0] for each in quotes}) == 4


@pytest.mark.parametrize(("form", "parse"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_machines_get_the_receipt_and_nothing_else(form: str, parse: Any, run: Run) -> None:
    ran = quote(run, "-o", form)

    (found,) = parse(ran.out)["quotes"]
    assert ran.err == ""
    assert (found["namespace"], found["name"], found["fits"]) == ("team-a", "train", True)
    assert (found["receipt"]["considered"], found["receipt"]["fitting"]) == (33, 31)
    assert found["receipt"]["chosen"]["cost"] == "3503.333333"
    assert len(found["receipt"]["runnersUp"]) == 9


def test_the_change_against_another_file_is_told(base: Path, run: Run) -> None:
    line = quote(run, "--against", base).out.splitlines()[1]

    assert line.startswith("cost +32.2 %, done +32.1 %, kgCO2 +33.3 %")
    assert line.endswith(f"against {base} (¥2,650, 26.0 h, 97 kgCO2)")


def test_the_change_is_in_the_document_too(base: Path, run: Run) -> None:
    against = quoted(run, "--against", base)["against"]

    assert (against["source"], against["found"]) == (str(base), True)
    assert against["change"]["cost"] == {"now": 3503.333333, "before": 2650.0}


def test_nothing_changed_is_told_in_two_words(run: Run, tmp_path: Path) -> None:
    same = tmp_path / "same.yaml"
    same.write_text(yaml.safe_dump(a_manifest()))

    assert quote(run, "--against", same).out.splitlines()[1].startswith("the same against ")


def test_a_job_that_moves_says_from_where(base: Path, run: Run) -> None:
    job = a_manifest(data={"inputs": [{"name": "corpus", "size": "30T", "at": "CN-SH"}]})

    assert (
        quote(run, "--against", base, job=job)
        .out.splitlines()[1]
        .endswith("moved from qingyang-apricot/k100-ai")
    )


def test_of_several_jobs_those_of_the_same_name_are_compared(base: Path, run: Run) -> None:
    text = yaml.safe_dump_all([a_manifest(), a_manifest("new")])

    ran = run("quote", "--fleet", "p2", "-f", "-", "--against", base, "-o", "json", stdin=text)

    assert [each["against"]["found"] for each in json.loads(ran.out)["quotes"]] == [True, False]


def test_of_one_job_on_each_side_the_names_do_not_matter(base: Path, run: Run) -> None:
    assert quoted(run, "--against", base, job=a_manifest("renamed"))["against"]["found"]


def test_one_job_of_several_that_fits_nowhere_is_enough_to_exit_as_not_placed(run: Run) -> None:
    text = yaml.safe_dump_all([a_manifest(), a_manifest("big", resources={"cards": 1_000_000})])

    assert run("quote", "--fleet", "p2", "-f", "-", stdin=text).code == 125


def test_markdown_begins_with_the_figures_and_has_the_tables(base: Path, run: Run) -> None:
    lines = quote(run, "-o", "markdown", "--against", base).out.splitlines()

    assert lines[0].startswith(
        "**team-a/train: ¥3,503, 34.3 h, 129 kgCO2 on qingyang-apricot/k100-ai**; cost +32.2 %"
    )
    assert "|  | Pool | Cost | Done in | kgCO2 market / grid | Card-hour | Reference hour |" in lines
    tables = [line for line in lines if line.startswith("|")]
    assert all(len(row.replace("\\|", "").split("|")) > 5 for row in tables)
    assert any(line.startswith("| TooFewCards | 2 |") for line in lines)


def test_in_markdown_nothing_that_a_user_wrote_is_read_as_such(base: Path, run: Run) -> None:
    named = base.rename(base.with_name("a_b*|<b>"))

    told = quote(run, "-o", "markdown", "--against", named).out

    assert r"a\_b\*\|\<b\>" in told


def test_without_declared_work_costs_are_bounds_and_the_remedy_is_told(run: Run) -> None:
    job = a_manifest(work=None)

    lines = quote(run, job=job).out.splitlines()

    assert lines[0].startswith("team-a/train: at most ¥")
    assert lines[1].startswith("nothing tells how much work it is")
    assert any("Cost at most" in line for line in lines)
    assert "work: {measured:" in quoted(run, job=job)["note"]


def test_work_measured_on_a_card_that_nobody_knows_is_told_by_its_field(run: Run) -> None:
    job = a_manifest(work={"measured": {"cardModel": "mine", "cards": 8, "seconds": 60}})

    note = quoted(run, job=job)["note"]

    assert note.startswith('spec.work.measured.cardModel: the speed of "mine" is not known')
    assert "known are nvidia-a100, " in note


def test_work_like_that_of_a_job_that_is_not_there_is_told_by_its_field(run: Run) -> None:
    note = quoted(run, job=a_manifest(work={"similarTo": "spectrum"}))["note"]

    assert note.startswith('spec.work.similarTo: "spectrum": there is no such job in this namespace')


def test_a_job_that_fits_nowhere_says_why_and_exits_as_not_placed(run: Run) -> None:
    job = a_manifest(requirements={"precisions": ["fp8"], "cardModels": ["ascend-910b"]})

    ran = quote(run, job=job)

    assert ran.code == 125
    assert ran.out.startswith("team-a/train: no pool fits: 33 considered; ")
    assert "CardModelUnavailable" in ran.out
    assert quoted(run, job=job)["receipt"].get("chosen") is None


def test_a_namespace_is_taken_from_the_option_where_the_job_names_none(run: Run) -> None:
    job = a_manifest()
    del job["metadata"]["namespace"]

    assert quote(run, "-n", "team-b", job=job).out.startswith("team-b/train: ¥3,503")
    assert quote(run, job=job).code == 125


def test_a_split_array_says_over_how_many_pools(run: Run) -> None:
    job = a_manifest(
        resources={"nodes": 1000, "tasksPerNode": 8},
        requirements=None,
        work={"referenceCoreHours": 8000},
        array={"size": 2000},
        placement={"policy": "fastest"},
    )

    lines = quote(run, job=job).out.splitlines()
    assert " pools, most of it on " in lines[0]
    assert "How the array was split" in lines


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        pytest.param({"maxRunSecond": 1}, "spec.maxRunSecond: no such field", id="an-unknown-field"),
        pytest.param({"deadline": "tomorrow"}, "spec.deadline: Invalid RFC3339", id="a-wrong-value"),
        pytest.param({"work": {}}, "spec.work needs exactly one of", id="a-contradiction"),
    ],
)
def test_a_wrong_job_is_refused_by_its_field(spec: dict[str, Any], told: str, run: Run) -> None:
    ran = quote(run, "-o", "json", job=a_manifest(**spec))

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("cannot quote document 1 of standard input:")
    assert told in ran.err


def test_what_is_no_job_or_no_file_is_named(run: Run, tmp_path: Path) -> None:
    missing = run("quote", "--fleet", "p2", "-f", tmp_path / "no.yaml")
    other = quote(run, job={"apiVersion": "v1", "kind": "Pod"})

    assert (missing.code, other.code) == (1, 1)
    assert "No such file" in missing.err
    assert "cannot quote document 1 of standard input: its apiVersion and kind are v1 and Pod" in other.err


def test_an_unknown_policy_is_a_wrong_use(run: Run) -> None:
    assert quote(run, "--policy", "nicest").code == 2
    assert run("quote", "--fleet", "p2").code == 2


def test_a_preset_fleet_needs_no_client_of_kubernetes() -> None:
    script = (
        "import sys; sys.modules['kubernetes'] = None; from computility.cli.main import main; "
        f"sys.argv = ['computility', 'quote', '--fleet', 'p2', '-f', {str(JOBS / 'ensemble.yaml')!r}]; main()"
    )

    ran = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("team-a/ensemble-cheapest: ")
