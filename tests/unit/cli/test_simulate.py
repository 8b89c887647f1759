"""`computility simulate`: traces in, tables, documents and pictures out."""

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from support.cli import Run

ROOT = Path(__file__).parents[3]
P2 = ROOT / "manifests" / "fleet" / "p2"
POLICIES = ["cheapest", "fastest", "greenest", "balanced"]
TRACE = "submit_seconds,run_seconds,cards,cores\n0,3600,64,\n10,600,,640\n20,60,999999,\n"
SWF = """\
; a remark
1 0 5 3600 64 -1 -1 64 7200 -1 1 7 2 -1 1 -1 -1 -1
2 9 0 0 1 -1 -1 1 60 -1 5 7 2 -1 1 -1 -1 -1
"""


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.csv"
    path.write_text(TRACE)
    return path


def test_policies_are_compared_in_a_table(trace: Path, run: Run) -> None:
    ran = run("simulate", "--trace", trace, "--policy", "cheapest,fastest")

    assert ran.code == 0
    rows = [line.split() for line in ran.out.splitlines()]
    assert [row[0] for row in rows if row and row[0] in ("cheapest", "fastest")][:2] == [
        "cheapest",
        "fastest",
    ]
    assert any(row[:1] == ["CN-GS"] for row in rows)
    assert ["cheapest", "CardLimit", "1"] in rows


def test_a_document_has_nothing_beside_it_and_is_the_same_each_time(trace: Path, run: Run) -> None:
    first = run("simulate", "--trace", trace, "-o", "json")
    again = run("simulate", "--trace", trace, "-o", "json")

    assert first.out == again.out
    told = json.loads(first.out)
    assert (told["fleet"], told["jobs"]) == ("p2", 3)
    assert [each["policy"] for each in told["policies"]] == POLICIES
    assert all(each["withoutPlace"] == 1 for each in told["policies"])
    costs = [each["cost"] for each in told["policies"]]
    assert costs[0] == min(costs) > 0
    assert told == yaml.safe_load(run("simulate", "--trace", trace, "-o", "yaml").out)


def test_a_trace_in_the_standard_workload_format_is_replayed_too(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "trace.swf"
    path.write_text(SWF)

    told = json.loads(run("simulate", "--trace", path, "--processors", "cards", "-o", "json").out)
    assert (told["jobs"], told["leftOut"]) == (1, 1)
    assert all(each["use"]["cards"] > 0 for each in told["policies"])


def test_no_more_jobs_are_replayed_than_asked_for(trace: Path, run: Run) -> None:
    assert json.loads(run("simulate", "--trace", trace, "--jobs", "2", "-o", "json").out)["jobs"] == 2


def test_more_load_makes_jobs_wait_longer(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "trace.csv"
    lines = [f"{second * 3600},3600,4096," for second in range(8)]
    path.write_text("\n".join(["submit_seconds,run_seconds,cards,cores", *lines]))

    def mean_wait(load: str) -> float:
        ran = run("simulate", "--trace", path, "--policy", "cheapest", "--load", load, "-o", "json")
        return float(json.loads(ran.out)["policies"][0]["wait"]["meanSeconds"])

    assert mean_wait("10") > mean_wait("1")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        pytest.param("a.csv", TRACE + "30,60,1.5,\n", "line 5: cards: 1.5 is out of bounds", id="csv"),
        pytest.param("a.swf", SWF + "1 2 3\n", "line 4: fields: there are 3", id="swf"),
        pytest.param("a.txt", TRACE, "end its name in .csv or .swf", id="another-kind"),
    ],
)
def test_a_wrong_trace_is_refused_by_line_and_field(
    name: str, text: str, told: str, tmp_path: Path, run: Run
) -> None:
    (tmp_path / name).write_text(text)
    ran = run("simulate", "--trace", tmp_path / name)

    assert (ran.code, ran.out) == (1, "")
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_bytes_that_are_no_text_are_told_by_their_line(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfsubmit_seconds,run_seconds,cards\n0,60,\xff\xfe\n")

    assert "line 2: cards: " in run("simulate", "--trace", path).err


def test_a_trace_that_is_not_there_is_named(tmp_path: Path, run: Run) -> None:
    ran = run("simulate", "--trace", tmp_path / "none.csv")

    assert ran.code == 1
    assert "none.csv" in ran.err


@pytest.mark.parametrize(
    "wrong", [("--policy", "dearest"), ("--policy", "custom"), ("--plot", "a.pdf"), ("--load", "0")]
)
def test_a_wrong_option_is_a_wrong_use(wrong: tuple[str, str], trace: Path, run: Run) -> None:
    ran = run("simulate", "--trace", trace, *wrong)

    assert ran.code == 2
    assert wrong[1] in ran.err


@pytest.mark.parametrize(("name", "begins"), [("a.svg", b"<?xml"), ("a.png", b"\x89PNG")], ids=["svg", "png"])
def test_the_plot_is_a_picture_and_the_same_each_time(
    name: str, begins: bytes, trace: Path, tmp_path: Path, run: Run
) -> None:
    pytest.importorskip("matplotlib")
    drawn = []
    for _ in range(2):
        assert run("simulate", "--trace", trace, "--plot", tmp_path / name).code == 0
        drawn.append((tmp_path / name).read_bytes())

    assert drawn[0].startswith(begins)
    assert drawn[0] == drawn[1]


def test_a_plot_without_matplotlib_is_refused_before_the_replay(
    trace: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    ran = run("simulate", "--trace", trace, "--plot", "a.svg")

    assert (ran.code, ran.out) == (1, "")
    assert 'install "computility[plot]"' in ran.err


def test_a_plot_that_cannot_be_written_is_named(trace: Path, tmp_path: Path, run: Run) -> None:
    pytest.importorskip("matplotlib")
    ran = run("simulate", "--trace", trace, "--plot", tmp_path / "no-folder" / "a.svg")

    assert ran.code == 1
    assert "no-folder" in ran.err
    assert ran.out == ""


def copy_fleet(folder: Path) -> Path:
    for source in P2.glob("*.yaml"):
        (folder / source.name).write_text(source.read_text())
    return folder


def test_the_manifests_of_a_fleet_are_what_its_name_stands_for(trace: Path, tmp_path: Path, run: Run) -> None:
    by_name = json.loads(run("simulate", "--trace", trace, "-o", "json").out)
    by_files = json.loads(run("simulate", "--trace", trace, "--fleet", P2, "-o", "json").out)

    assert by_files == by_name | {"fleet": str(P2)}


def test_a_fleet_with_other_prices_costs_something_else(trace: Path, tmp_path: Path, run: Run) -> None:
    pools = copy_fleet(tmp_path) / "2-pools.yaml"
    pools.write_text(pools.read_text().replace("perCardHour: '1.60'", "perCardHour: '160'"))

    def cost(fleet: Path) -> float:
        ran = run("simulate", "--trace", trace, "--fleet", fleet, "--policy", "cheapest", "-o", "json")
        return float(json.loads(ran.out)["policies"][0]["cost"])

    assert cost(tmp_path) > cost(P2)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("kind: ResourcePool", "kind: Pod", "is no MemberCluster", id="another-kind"),
        pytest.param("cardModel:", "cardModell:", "did you mean cardModel?", id="unknown-field"),
        pytest.param("architecture: amd64", "architecture: vax", "spec.architecture", id="wrong-value"),
        pytest.param("namespace: member-", "namespace: membre-", "but no MemberCluster", id="no-member"),
        pytest.param("kind: ResourcePool", "kind: [", "it is no YAML", id="no-yaml"),
        pytest.param("kind: ResourcePool", "kind: " + "[" * 100_000, "too deep", id="too-deep"),
    ],
)
def test_a_wrong_manifest_of_a_fleet_is_named(
    old: str, new: str, told: str, trace: Path, tmp_path: Path, run: Run
) -> None:
    pools = copy_fleet(tmp_path) / "2-pools.yaml"
    pools.write_text(pools.read_text().replace(old, new, 1))
    ran = run("simulate", "--trace", trace, "--fleet", tmp_path)

    assert (ran.code, ran.out) == (1, "")
    assert told in ran.err


def test_a_fleet_without_pools_is_refused(trace: Path, tmp_path: Path, run: Run) -> None:
    (copy_fleet(tmp_path) / "2-pools.yaml").unlink()

    assert "has no pool" in run("simulate", "--trace", trace, "--fleet", tmp_path).err


def test_a_fleet_that_nobody_knows_is_refused_with_those_that_there_are(trace: Path, run: Run) -> None:
    ran = run("simulate", "--trace", trace, "--fleet", "p9")

    assert ran.code == 1
    assert 'no fleet "p9": write p2' in ran.err


def test_the_page_shows_what_the_command_prints(run: Run) -> None:
    ran = run("simulate", "--trace", ROOT / "manifests" / "traces" / "day.csv", "--load", "10")
    page = (ROOT / "docs" / "what-if.md").read_text()
    shown = [line.strip("| ").split(" | ") for line in page.splitlines() if "|" in line]

    printed = [re.split(r"\s{2,}", line) for line in ran.out.splitlines()]
    rows = [row for row in printed if row[0] in POLICIES and len(row) > 10]
    for row in rows:
        cost = row[1].removesuffix(" CNY")
        against_first = 0 if row[0] == "cheapest" else 1
        assert [row[0], cost, *row[2 + against_first :]] in shown
    assert [row[0] for row in rows] == POLICIES
